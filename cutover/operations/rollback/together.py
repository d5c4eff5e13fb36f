"""What several services may do at once, judged of all of them before the first one moves."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from contract.releases import COLORS
from cutover.errors import GateRefused
from cutover.operations.choice import refuse_split, split, split_in_words
from cutover.operations.traffic.switch import target_of
from cutover.stackfile import ServiceView, StackView

if TYPE_CHECKING:
    from cutover.observe import ServiceStatus

Moves = list[tuple[ServiceView, str | None]]
"""Services that move, each with its color (None: the other one)."""


def moves_of(
    view: StackView,
    chosen: Sequence[ServiceView],
    status: "Mapping[str, ServiceStatus]",
    say: Callable[[str], None],
    instead: "Callable[[ServiceStatus], str]",
) -> Moves:
    """The moves to the other color; of a split group those that make it whole. Raises GateRefused where one of them
    cannot move, DriftFound for a split group without such a way back.
    """
    found: Moves = []
    backs: dict[str | None, str] = {}
    for group, live in split(chosen, status).items():
        members = [service for service in chosen if service.group == group]
        back = _way_back(members, status)
        if back is None:
            refuse_split(view, members, status)
            continue
        backs[group] = back
        say(f"{split_in_words(group, live)}; all of it goes back to {back}")
    for service in chosen:
        seen = status[service.name]
        if backs.get(service.group) != (seen.live_color or ""):
            target_of(seen, None, instead)
            found.append((service, backs.get(service.group)))
    return found


def _way_back(members: Sequence[ServiceView], status: "Mapping[str, ServiceStatus]") -> str | None:
    """The color to which a split group can go back at once; None without one, or where each of both would do."""
    found = [color for color in COLORS if all(_leads(status[one.name], color) for one in members)]
    return found[0] if len(found) == 1 else None


def _leads(seen: "ServiceStatus", color: str) -> bool:
    """Whether a member serves from that color, or may go there and that is back: not to a release that was left."""
    if seen.live_color == color:
        return True
    try:
        return target_of(seen) != seen.left
    except GateRefused:
        return False
