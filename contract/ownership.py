"""Ownership as program and driver both see it: the identity of a stack, and which Services take traffic. Pure."""

from collections.abc import Mapping

from contract.labels import COMPONENT, INSTANCE, MANAGED_BY, NAME

FIELD_MANAGER = "cutover"
"""Under which program and driver write what the engine does not."""
SWITCH_MANAGER = "cutover-switch"
"""Under which they write selectors: the time of its entry is that of the switch, and no note moves it."""
ENGINE_MANAGER = "pulumi-kubernetes"
"""As whom the engine's provider writes: where the server applies, with an ending of each object's own."""
TRAFFIC_ROLES = ("live", "front")
"""The COMPONENT of the Services that clients send to."""


def identity(project: str, stack: str) -> str:
    """The identity of a stack, as its objects carry it: `<project>/<stack>`."""
    return f"{project}/{stack}"


def takes_traffic(labels: Mapping[str, str]) -> bool:
    """Whether a Service of ours with these labels is one that clients send to: no color's own, and no version's behind
    a front. One that was adopted keeps the labels that it had, and is.
    """
    if labels.get(MANAGED_BY) != "pulumi":
        return True
    return labels.get(COMPONENT) in TRAFFIC_ROLES and labels.get(NAME) == labels.get(INSTANCE)
