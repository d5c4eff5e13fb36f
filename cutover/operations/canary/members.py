"""What takes part in one canary: one service, or the members of a group, some of which have a route."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from cutover.errors import UsageError
from cutover.operations.bake.bake_options import Problem, refuse
from cutover.operations.choice import services
from cutover.stackfile import ServiceView, StackView

if TYPE_CHECKING:
    from cutover.operations.canary.walk_options import WalkOptions


def refuse_unfit(option: str, chosen: Sequence[ServiceView]) -> Iterator[tuple[str, str]]:
    """Why these services can have no share by one key: an `option` is for one of them, or one group."""
    units = list(dict.fromkeys(service.unit for service in chosen))
    if len(units) != 1:
        yield f"{option} is for one service, or one group; {len(units)} are named", "name one"
    elif not sharing(chosen):
        what = f"no member of {units[0]} has a route" if chosen[0].group else f"{units[0]} is none"
        yield f"{option} is for a service whose users two colors can share; {what}", "docs/canary.md tells which are"


def sharing(members: Iterable[ServiceView]) -> list[ServiceView]:
    """Those that have a route, or pods to make a share of; the others of a group are called by them."""
    return [one for one in members if one.has_shares]


def walkable(view: StackView, names: Sequence[str], asked: "WalkOptions") -> list[ServiceView]:
    """The service, or the members of the group. Raises UsageError with all that is wrong, of the options too."""
    problems: list[Problem] = list(asked.problems())
    chosen: list[ServiceView] = []
    try:
        chosen = services(view, names)
        problems += refuse_unfit("--steps", chosen)
        problems += [found for one in sharing(chosen) for found in asked.problems_of(one)]
    except UsageError as error:
        problems.append((error.what, error.fix))
    refuse(problems)
    return chosen


def askable(members: Sequence[ServiceView]) -> list[str]:
    """Those whose idle color has pods that a watch can ask: nobody calls a worker."""
    return [one.name for one in members if one.settings.get("port", 0) is not None]
