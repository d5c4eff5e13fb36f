"""The releases and services of earlier updates, from the stack's history."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cutover.engine.records import Update
from cutover.errors import UsageError
from cutover.strategies.registry import parse_services
from cutover.strategies.service import ServiceView

Release = Mapping[str, Any]


def services_of(update: Update) -> dict[str, ServiceView]:
    """The services as an update's config had them."""
    return parse_services(update.services, update.groups, update.environments)


def numbered(updates: Iterable[Update], number: int) -> Update:
    """The update of that number. Raises UsageError where there is none, or none that could be gone back to."""
    updates = list(updates)
    found = next((update for update in updates if update.number == number), None)
    if found is None:
        span = f"{updates[-1].number} to {updates[0].number}" if updates else "none"
        raise UsageError(f"there is no update {number}; there are: {span}", "`cutover history` lists them")
    if found.result != "succeeded":
        raise UsageError(f"update {number} {found.result}: what it had never was live as a whole", "name another: --to")
    if found.kind != "update":  # a refresh has the config in its record too
        raise UsageError(f"update {number} ({found.kind}) put no release live", "name another: --to")
    if not (found.services or found.environments):
        raise UsageError(f"update {number} has no `cutover:services` in its record", "name another: --to")
    return found


def served(service: ServiceView | None) -> Release | None:
    """The release that took the traffic."""
    return service.served or None if service else None


def last_served_by(updates: Iterable[Update], name: str, color: str) -> Release | None:
    """The release that a color had when it last took the traffic, in an update that went well."""
    for update in _good(updates):
        service = services_of(update).get(name)
        if service and service.active == color and service.colors.get(color):
            return service.colors[color]
    return None


def served_before(updates: Iterable[Update], name: str, is_now: Callable[[Release], bool]) -> Release | None:
    """The release that took the traffic before the one that does now, which `is_now` tells."""
    for update in _good(updates):
        release = served(services_of(update).get(name))
        if release and not is_now(release):
            return release
    return None


def _good(updates: Iterable[Update]) -> Iterable[Update]:
    return (update for update in updates if update.kind == "update" and update.result == "succeeded")
