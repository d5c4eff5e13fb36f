"""The services that a command is about, by their names; and the edits that end their canaries."""

from collections.abc import Iterable, Sequence
from typing import Any

from cutover.errors import UsageError
from cutover.stackfile import ServiceView, StackView
from cutover.stackfile.edit import ABSENT


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


def without_canary(of: Iterable[ServiceView]) -> dict[tuple[str, ...], Any]:
    """The edits by which a cutover ends the canaries of these services."""
    return {service.canary_path: ABSENT for service in of if "canary" in service.settings}
