"""The share of a canary by pods in a plan: the one that its pods would have, and the one of now. Pure."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contract.pod_shares import percent_of, said
from cutover.observe.shares import PodShares, percent
from cutover.stackfile import ServiceView

if TYPE_CHECKING:
    from cutover.observe import ServiceStatus


@dataclass(frozen=True)
class PodSharesPlan:
    """The share that a plan gives: so many `pods` of `color` beside `active` others. `now` is what the cluster
    has; None where it is not known.
    """

    color: str
    pods: int
    active: int
    now: PodShares | None

    @property
    def stays(self) -> bool:
        """Whether exactly these pods get new connections already."""
        return (
            self.now is not None and self.now.color == self.color and self.now.settled and self.now.wanted == self.pods
        )

    @property
    def grows(self) -> bool:
        """Whether the color gets more than it has, which its gates come before."""
        has = self.now.attached if self.now and self.now.color == self.color else 0
        return self.pods > has

    def __str__(self) -> str:
        text = f"{self.color} gets {said(self.pods, self.active)}"
        return text if self.stays else f"{text} (now {self._now})"

    @property
    def _now(self) -> str:
        known = self.now is not None and self.now.color == self.color and self.now.percent is not None
        return percent(self.now.percent or 0) if known and self.now else "not known"

    def to_json(self) -> dict[str, Any]:
        """The canary as plain data."""
        return {
            "color": self.color,
            "pods": self.pods,
            "percent": round(percent_of(self.pods, self.active), 1),
            "now": self.now.to_json() if self.now else None,
            "words": str(self),
        }


def pod_shares_plan(service: ServiceView, seen: "ServiceStatus | None") -> PodSharesPlan | None:
    """The plan of the share; None where there is none and none is to be."""
    pods, now = service.canary_pods, seen.canary if seen else None
    if service.route is not None or not (pods or (now and seen and seen.live_color == service.active)):
        return None
    if seen and now is None and seen.live_color == service.active:  # nothing is attached beside what serves
        now = PodShares(service.idle, 0, 0, 0, seen.live.ready if seen.live else 0)
    return PodSharesPlan(service.idle, pods, service.replicas, now)
