"""The strategies of a service by the name that the file has for them, and services out of their settings."""

from collections.abc import Mapping
from typing import Any

from contract.strategies import BLUE_GREEN, ROLLING
from cutover.strategies.blue_green import BlueGreen
from cutover.strategies.fronts import FrontMember, is_side_by_side, members, versions
from cutover.strategies.rolling import Rolling
from cutover.strategies.service import ServiceView

STRATEGIES: Mapping[str, type[ServiceView]] = {BLUE_GREEN: BlueGreen, ROLLING: Rolling}
"""Versions side by side, and what environments have, are services of these; `fronts` has what stands over them."""


def switches(strategy: str) -> bool:
    """Whether the traffic of a service of this strategy is switched between colors; False for a name that is none."""
    return strategy in STRATEGIES and STRATEGIES[strategy].switches


def parse_services(services: Mapping[str, Any], groups: object, environments: object = None) -> dict[str, ServiceView]:
    """The services of `cutover:services`, with their groups, and of environments; also of a history entry's config."""
    known = groups.items() if isinstance(groups, dict) else ()
    lists = {
        name: group for name, group in known if isinstance(group, dict) and isinstance(group.get("services"), list)
    }
    group_of = {str(member): str(name) for name, group in lists.items() for member in group["services"]}
    found: dict[str, ServiceView] = {}
    for name, settings in services.items():
        if is_side_by_side(settings):
            found |= {own: parse_service(own, one.settings, member=one) for own, one in versions(name, settings)}
            continue
        group = group_of.get(name)
        theirs = {"active": lists[group].get("active"), **_of_all(lists[group])} if group else {}
        if isinstance(settings, dict):
            found[name] = parse_service(name, {**theirs, **settings}, group)
    return found | {name: parse_service(name, one.settings, member=one) for name, one in members(environments)}


def _of_all(group: Mapping[str, Any]) -> dict[str, Any]:
    """What a group says for each of its members besides."""
    return {key: group[key] for key in ("canary", "color_header") if key in group}


def parse_service(
    name: str, settings: Mapping[str, Any], group: str | None = None, member: FrontMember | None = None
) -> ServiceView:
    """One service, with the active color that is its own or its group's. A strategy that is none is read as a rolling
    one: the program refuses it, and names it.
    """
    return STRATEGIES.get(str(settings.get("strategy", BLUE_GREEN)), Rolling).of(name, settings, group, member)
