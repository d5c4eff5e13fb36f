"""The strategies by the name that the config has for them, each in a few words."""

from typing import Final

BLUE_GREEN: Final = "blue-green"
ROLLING: Final = "rolling"
SIDE_BY_SIDE: Final = "side-by-side"

STRATEGIES = {
    BLUE_GREEN: "two colors, one switch",
    ROLLING: "a few pods at a time",
    SIDE_BY_SIDE: "several versions at once, each at an address of its own",
}
