"""Cross-field rules of a blue/green service: which release is on which color, and how many pods."""

from collections.abc import Iterator

from components.settings.autoscale import SCALED_RULES, scaling_of
from components.settings.base import GIVEN, Fault, Rule, Values
from components.settings.release import Release
from components.settings.surge_rules import surge_moves


def _active_has_release(values: Values) -> Iterator[Fault]:
    """The active color must have a release."""
    active = values["active"]
    if active in values and values[active] is None:
        yield Fault(
            (active,),
            f"active is {active}, but {active} has no release",
            "the live Service would select no pod: every request would fail",
            f"give {active} a version, build and image, or set active to the other color",
        )


def _standby_within_replicas(values: Values) -> Iterator[Fault]:
    """`standby_replicas` may not exceed `replicas`, or `autoscale.max_replicas`."""
    standby, scale = values["standby_replicas"], scaling_of(values["autoscale"], values["autoscaler"])
    replicas = scale.max_replicas if scale else values["replicas"]
    if standby is not None and standby > replicas:
        yield Fault(
            ("standby_replicas",),
            f"standby_replicas is {standby}, more than the {replicas} replicas that take the traffic",
            "the cutover would scale the new color down at the moment it gets the traffic",
            f"lower standby_replicas to {replicas} or less, or leave it out",
        )


def _one_id_one_content(values: Values) -> Iterator[Fault]:
    """`blue` and `green` of one version and build must be the same release."""
    blue: Release | None = values["blue"]
    green: Release | None = values["green"]
    if blue is None or green is None or blue.id != green.id or blue == green:
        return
    fields = ("image", "env", "config", "config_files", "secrets", "pod", "rollback")
    differing = ", ".join(name for name in fields if getattr(blue, name) != getattr(green, name))
    idle = "blue" if values.get("active") == "green" else "green"
    yield Fault(
        (idle, "build"),
        f"blue and green are both version {blue.version} build {blue.build}, but differ in {differing}",
        "one id would stand for two contents: gates, labels and the history could not tell them apart",
        f"give the release that changed a build of its own, for instance {idle}.build: {blue.build + 1}",
    )


def _replica_set_never_rolls(values: Values) -> Iterator[Fault]:
    """`workload: replica-set` takes no `max_surge` and no `max_unavailable`."""
    if values["workload"] == "replica-set":
        for name in ("max_surge", "max_unavailable"):
            if name in values[GIVEN]:
                yield Fault(
                    (name,),
                    f"{name} is set while workload is replica-set",
                    "a ReplicaSet never replaces its pods, so the setting would promise what nothing does",
                    f"remove {name}, or set workload: deployment",
                )


def _blue_green_surge(values: Values) -> Iterator[Fault]:
    """`max_surge` and `max_unavailable` may not both round to 0 pods, at the color with the fewest."""
    if values["workload"] == "deployment":
        standby, scale = values["standby_replicas"], scaling_of(values["autoscale"], values["autoscaler"])
        live = (scale.field, scale.min_replicas) if scale else ("replicas", values["replicas"])
        field, fewest = ("standby_replicas", standby) if standby else live
        yield from surge_moves(values, fewest, field)


BLUE_GREEN_RULES: tuple[Rule, ...] = (
    Rule(("active",), _active_has_release),
    *SCALED_RULES,
    Rule(("standby_replicas", "replicas", "autoscale", "autoscaler"), _standby_within_replicas),
    Rule(("blue", "green"), _one_id_one_content),
    Rule(("workload",), _replica_set_never_rolls),
    Rule(
        ("workload", "max_surge", "max_unavailable", "standby_replicas", "replicas", "autoscale", "autoscaler"),
        _blue_green_surge,
    ),
)
