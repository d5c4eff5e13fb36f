"""Ownership of objects: the identity of a stack on every object, and whose an existing one is. Pure.

The identity is an annotation of the object itself, never of a pod template, so it rolls no pod. On workloads it is the
same as the stack of their provenance.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from contract.annotations import HELM_RELEASE, STACK
from contract.both_colors import sends_to_both
from contract.labels import COLOR, COMPONENT, LIVE
from contract.ownership import takes_traffic

_KINDS = {"live": "a rolling service", "front": "a front over versions or environments"}
WORKER = "a worker, which has no Service"
ROLLING, FRONT, TWO_COLORS = _KINDS["live"], _KINDS["front"], "a blue/green service"


@dataclass(frozen=True)
class Existing:
    """An object as far as its owner matters. Of a Service: `selector`, `cluster_ip` and `service_type`, the same two
    as `written_ip` and `written_type` where the engine wrote them itself, `outside`: the addresses of its load
    balancer, or its ports on every node, and `targets`: by the number of each port, what it asks of pods.
    """

    kind: str
    name: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    selector: Mapping[str, str]
    cluster_ip: str = ""
    written_ip: str = ""
    service_type: str = ""
    written_type: str = ""
    outside: tuple[str, ...] = ()
    targets: Mapping[int, str | int] = field(default_factory=dict)

    @property
    def stack(self) -> str | None:
        """The stack that it carries the identity of."""
        return self.annotations.get(STACK)

    @property
    def called(self) -> str:
        """The object's name as kubectl writes it: `service/web`."""
        return f"{self.kind.lower()}/{self.name}"

    @property
    def owner(self) -> str:
        """Whose it is, in words."""
        if self.stack:
            return f"carries the identity of the stack {self.stack}"
        if helm := self.annotations.get(HELM_RELEASE):
            return f"is of the Helm release {helm}"
        return "carries no stack's identity"

    @property
    def takes_traffic(self) -> bool:
        """Whether it is a Service of ours that clients send to: no color's own, and no version's behind a front."""
        return self.kind == "Service" and takes_traffic(self.labels)

    @property
    def moved_by(self) -> str | None:
        """The kind of service that a Service with our labels was made for; None where it is none that takes traffic."""
        role = self.labels.get(COMPONENT, "")
        if self.kind != "Service" or role not in _KINDS:
            return None
        if role == "live" and (COLOR in self.selector or LIVE in self.selector or sends_to_both(self.selector)):
            return TWO_COLORS
        return _KINDS[role]


def is_anothers(found: Existing, own: Collection[str]) -> bool:
    """Whether an object that the state has carries the identity of a stack that is none of `own`.

    `own` are the stack's identity and the one that the state has for the object: a stack may be renamed.
    """
    return found.stack is not None and found.stack not in own
