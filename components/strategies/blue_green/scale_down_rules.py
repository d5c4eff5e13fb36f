"""Cross-field rules of `scale_down_after`: there is a color that keeps its size, and a size to go down to."""

from collections.abc import Iterator

from components.settings.autoscale import scaling_of
from components.settings.base import Fault, Rule, Values


def _something_to_scale_down(values: Values) -> Iterator[Fault]:
    """`scale_down_after` needs fewer `standby_replicas` than `replicas`, or `autoscale`."""
    if values["scale_down_after"] is None or values["port"] is None:
        return
    standby, replicas = values["standby_replicas"], values["replicas"]
    if scaling_of(values["autoscale"], values["autoscaler"]) is None and (standby is None or standby >= replicas):
        yield Fault(
            ("scale_down_after",),
            f"scale_down_after is set, and the standby has all {replicas} pods for ever",
            "nothing would ever be scaled down, and who reads the config would think so",
            "set standby_replicas to what the idle color keeps, for instance 1, or remove scale_down_after",
        )


def _not_of_a_worker(values: Values) -> Iterator[Fault]:
    """With `port: null` there is no `scale_down_after`."""
    if values["port"] is None and values["scale_down_after"] is not None:
        yield Fault(
            ("scale_down_after",),
            "scale_down_after is set, and port is null",
            "a worker's old pods would go on taking work beside the new ones for as long",
            "remove scale_down_after",
        )


SCALE_DOWN_RULES: tuple[Rule, ...] = (
    Rule(
        ("scale_down_after", "port", "standby_replicas", "replicas", "autoscale", "autoscaler"),
        _something_to_scale_down,
    ),
    Rule(("scale_down_after", "port"), _not_of_a_worker),
)
