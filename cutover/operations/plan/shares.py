"""The shares of a service's route in a plan: what each color would get, and what it has now. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contract.releases import COLORS
from contract.weights import shares_of
from cutover.observe.routes import route_of
from cutover.observe.shares import RouteStatus, in_percent, percent, with_copies, with_matches
from cutover.stackfile import ServiceView

if TYPE_CHECKING:
    from cutover.observe import ServiceStatus


@dataclass(frozen=True)
class SharesPlan:
    """The shares by color that the file would give, and what the route has now; `now` is None where the service is not
    deployed, or the cluster is out of reach. `about` is the color to speak of: the one that gets or loses something.
    `matches` are the conditions by which requests go to the color `idle` whatever its share, `mirror` is the percentage
    that it gets copies of.
    """

    route: str
    would_be: Mapping[str, int]
    now: RouteStatus | None
    about: str
    idle: str
    matches: tuple[str, ...] = ()
    mirror: int = 0

    @property
    def stays(self) -> bool:
        """Whether the route has those shares already."""
        asked = (self.would_be, self.matches, self.mirror)
        return self.now is not None and (self.now.one, self.now.matches, self.now.mirror) == asked

    @property
    def grows(self) -> bool:
        """Whether the color that is not active gets more than it has, which its gates come before."""
        has = self.now.one.get(self.idle, 0) if self.now and self.now.one is not None else 0
        copied = self.now.mirror if self.now else 0
        return self.would_be[self.idle] > has or self.mirror > copied

    def __str__(self) -> str:
        matched = with_matches(self.matches) + with_copies(self.mirror)
        if self.stays:
            return f"{in_percent(self.would_be)} of the route {self.route}{matched}"
        gets = percent(self.would_be[self.about])
        return f"{self.about} gets {gets} (now {self._now}) of the route {self.route}{matched}"

    @property
    def _now(self) -> str:
        if self.now is None:
            return "not known"
        return str(self.now) if self.now.one is None else percent(self.now.one.get(self.about, 0))

    def to_json(self) -> dict[str, Any]:
        """The shares as plain data."""
        now = self.now.to_json() if self.now else {"shares": None, "unknown": "the service's route was not read"}
        return {
            "route": self.route,
            "wouldBe": dict(self.would_be),
            "now": now["shares"],
            "unknown": now["unknown"],
            "matches": list(self.matches),
            "mirror": self.mirror,
            "words": str(self),
        }


def shares_plan(service: ServiceView, seen: "ServiceStatus | None") -> SharesPlan | None:
    """The plan of the shares of a service; None where it has no route."""
    ref = route_of(service)
    if ref is None or service.active not in COLORS:
        return None
    cuts_over = seen is not None and seen.live_color != service.active
    about = service.active if cuts_over else service.idle
    shares = shares_of({color: str(color) for color in COLORS}, service.active, service.weight)
    return SharesPlan(
        ref.name, shares, seen.route if seen else None, about, service.idle, service.matches, service.mirror
    )
