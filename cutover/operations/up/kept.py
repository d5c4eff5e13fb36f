"""The releases that a service keeps beside its colors (`kept`), after another one goes on its idle color. Pure."""

from typing import TYPE_CHECKING

from cutover.stackfile import ServiceView
from cutover.stackfile.edit import ABSENT
from cutover.stackfile.file import Wanted
from cutover.strategies.releases import Release, describe, id_of, same
from cutover.strategies.service import again

if TYPE_CHECKING:
    from cutover.observe import ServiceStatus


def kept_after(service: ServiceView, seen: "ServiceStatus | None", new: Release | None) -> Wanted:
    """The edit of `kept` that goes with the edit that puts `new` on the idle color; None takes the release there away.

    What stands by on that color is kept from then on, as the first, unless it was left as a bad one. What goes on the
    color is kept there.
    """
    if service.keep <= 1 and not service.kept:
        return {}
    there = service.colors.get(service.idle)
    color = seen.colors.get(service.idle) if seen else None
    stands_by = there and color and color.role == "standby" and not (seen and seen.left)
    found: dict[str, Release] = {}
    for release in (*((again(there),) if stands_by and there else ()), *service.kept):
        if not same(release, new) and not same(release, service.served):
            found.setdefault(id_of(release), release)
    kept = [dict(one) for one in found.values()][: max(service.keep - 1, 0)]
    if kept == [dict(one) for one in service.kept]:
        return {}
    return {_path(service): kept or ABSENT}


def in_words(service: ServiceView, wanted: Wanted) -> str:
    """The releases that an edit begins or ceases to keep; empty where it says nothing of them."""
    if _path(service) not in wanted:
        return ""
    after = wanted[_path(service)]
    after = [] if after is ABSENT else after
    begins = [describe(one) for one in after if not any(same(one, other) for other in service.kept)]
    ceases = [describe(one) for one in service.kept if not any(same(one, other) for other in after)]
    said = [f"keeps {', '.join(begins)}"] if begins else []
    return "; ".join(said + ([f"no longer keeps {', '.join(ceases)}"] if ceases else []))


def _path(service: ServiceView) -> tuple[str, ...]:
    return (*service.home, "kept")
