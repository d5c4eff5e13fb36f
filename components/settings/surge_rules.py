"""Cross-field rules of the surge: with it a rollout must be able to take a step."""

from collections.abc import Iterator

from components.rules.surge import resolve, stuck_at_zero
from components.settings.autoscale import scaling_of
from components.settings.base import Fault, Rule, Values


def surge_moves(values: Values, replicas: int, field: str) -> Iterator[Fault]:
    """`max_surge` and `max_unavailable` may not both round to 0 of `replicas`, the value of `field`."""
    surge, unavailable = values["max_surge"], values["max_unavailable"]
    if stuck_at_zero(surge, unavailable, replicas):
        yield Fault(
            ("max_unavailable",),
            f"max_surge {surge!r} and max_unavailable {unavailable!r} of {field} {replicas} round to "
            "{} and {} pods".format(*resolve(surge, unavailable, replicas)),
            "no pod could be added or taken away; Kubernetes would silently take 1 away all the same",
            "set max_surge: 1, or max_unavailable: 1 if a pod may be missing during an update",
        )


def _rolling_surge(values: Values) -> Iterator[Fault]:
    """`max_surge` and `max_unavailable` may not both round to 0 pods, at the fewest replicas."""
    scale = scaling_of(values["autoscale"], values["autoscaler"])
    if scale is None and values["replicas"]:
        yield from surge_moves(values, values["replicas"], "replicas")
    elif scale:
        yield from surge_moves(values, scale.min_replicas, scale.field)


ROLLING_SURGE: tuple[Rule, ...] = (
    Rule(("max_surge", "max_unavailable", "replicas", "autoscale", "autoscaler"), _rolling_surge),
)
