"""The services that a command is about, by their names; whether their groups are whole; the end of their canaries."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cutover.errors import DriftFound, UsageError
from cutover.stackfile import ServiceView, StackView
from cutover.stackfile.edit import ABSENT

if TYPE_CHECKING:
    from cutover.observe import ServiceStatus


def services(view: StackView, names: Sequence[str], *, everyone: bool = False) -> list[ServiceView]:
    """The blue/green services that are named; all of them with `everyone`, or where there is only one (or one group).

    The name of a group, or of a member, stands for all members: they move together. Raises UsageError for other names.
    """
    two = list(view.switching.values())
    if names and everyone:
        raise UsageError("services are named, and --all is given", "give one of both")
    if not names:
        if everyone or len({service.group or service.name for service in two}) == 1:
            return two
        known = ", ".join(dict.fromkeys(service.group or service.name for service in two)) or "none"
        raise UsageError(f"no service is named; blue/green ones of {view.name}: {known}", "name some, or --all")
    groups = {service.group for service in two if service.group}
    wanted = {name if name in groups else (one_of(view, name).group or name) for name in names}
    return [service for service in two if (service.group or service.name) in wanted]


def of_any_kind(view: StackView, names: Sequence[str]) -> list[ServiceView]:
    """The services that are named, rolling ones too; groups as in `services`. Raises UsageError."""
    rolling = [name for name in names if name in view.services and name not in view.switching]
    two = [name for name in names if name not in rolling]
    return [*(services(view, two) if two else ()), *(view.services[name] for name in rolling)]


def one_of(view: StackView, name: str) -> ServiceView:
    """A blue/green service by its name. Raises UsageError."""
    service = any_of(view, name)
    service.check_switch()
    return service


def any_of(view: StackView, name: str) -> ServiceView:
    """A service by its name. Raises UsageError."""
    if name not in view.services:
        known = ", ".join(view.services) or "none"
        raise UsageError(f"{view.path.name} has no service {name!r}; it has: {known}", "name one of these")
    return view.services[name]


def split(chosen: Iterable[ServiceView], status: "Mapping[str, ServiceStatus]") -> dict[str, dict[str, str]]:
    """Group -> member -> live color, of the groups whose members serve two: a run was broken off between switches."""
    found: dict[str, dict[str, str]] = {}
    for service in chosen:
        if service.group and (live := status[service.name].live_color):
            found.setdefault(service.group, {})[service.name] = live
    return {group: live for group, live in found.items() if len(set(live.values())) > 1}


def split_in_words(group: str, live: Mapping[str, str]) -> str:
    """The split of a group, by member."""
    on = [f"{name} {'is ' if place == 0 else ''}on {color}" for place, (name, color) in enumerate(live.items())]
    return f"{group} is split: {', '.join(on)}"


def refuse_split(view: StackView, chosen: Sequence[ServiceView], status: "Mapping[str, ServiceStatus]") -> None:
    """Raises DriftFound where a group is split: its one `active` cannot say what "the other color" of each is."""
    for group, live in split(chosen, status).items():
        service = next(one for one in chosen if one.group == group)
        raise DriftFound(
            f"{split_in_words(group, live)}; a run was broken off between two switches",
            f"`cutover up` takes all of it to {service.active}, as {view.path.name} says; with `active: "
            f"{service.idle}` in {'.'.join(service.active_path[:-1])} first it takes all to {service.idle}",
        )


def without_canary(of: Iterable[ServiceView]) -> dict[tuple[str, ...], Any]:
    """The edits by which a cutover ends the canaries of these services."""
    return {service.canary_path: ABSENT for service in of if "canary" in service.settings}
