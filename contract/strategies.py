"""The strategies by the name that the config has for them, each in a few words."""

BLUE_GREEN, ROLLING, SIDE_BY_SIDE = "blue-green", "rolling", "side-by-side"

STRATEGIES = {
    BLUE_GREEN: "two colors, one switch",
    ROLLING: "a few pods at a time",
    SIDE_BY_SIDE: "several versions at once, each at an address of its own",
}
