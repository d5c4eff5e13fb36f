"""A release to go back to, named by its version: one that stands by with pods of its own."""

from typing import TYPE_CHECKING

from contract.releases import other
from cutover.errors import UsageError
from cutover.stackfile import ServiceView
from cutover.strategies.releases import Release, describe, id_of

if TYPE_CHECKING:
    from cutover.observe import ServiceStatus


def standing_by(service: ServiceView, seen: "ServiceStatus", text: str) -> Release:
    """The release of that version (`1.3.0`) or id (`1-3-0-b2`): what is live, what stands by on the other color, or
    what is kept. Raises UsageError where none is, or several are.
    """
    live = seen.live_color
    colors = [service.colors.get(one) for one in (live, other(live) if live else None) if one]
    idle = seen.colors.get(other(live)) if live else None
    if idle and idle.role == "preview":  # it never served: to it one goes forward
        colors = colors[:1]
    found = {id_of(one): one for one in (*service.kept, *colors) if one}
    fits = [one for one in found.values() if text in (one.get("version"), id_of(one))]
    if len(fits) == 1:
        return fits[0]
    if fits:
        ids = ", ".join(id_of(one) for one in fits)
        raise UsageError(f"{service.name} keeps several builds of {text}: {ids}", "name one of them as --to")
    there = ", ".join(describe(one) for one in found.values()) or "none"
    raise UsageError(
        f"{service.name}: no release {text} stands by; there are: {there}",
        "`cutover history` lists the updates: --to takes the number of one too, and brings up what it had",
    )
