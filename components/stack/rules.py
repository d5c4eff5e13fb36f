"""Cross-field rules of a stack: something runs, groups have members, and no two objects have one name."""

from collections.abc import Iterator

from components.settings.base import GIVEN, Fault, Rule, Values
from components.stack.names import no_shared_names
from components.strategies.blue_green.group_rules import group_faults
from contract.strategies import BLUE_GREEN


def _something_runs(values: Values) -> Iterator[Fault]:
    """There is a service, or an environment."""
    if not values["services"] and values["environments"] is None:
        yield Fault(
            ("services",),
            f"services is {'empty' if 'services' in values[GIVEN] else 'missing'}, and there is no environment",
            "`up` would delete all that run",
            "write the services below cutover:services; to delete everything, `pulumi destroy`",
        )


def _members_exist(values: Values) -> Iterator[Fault]:
    """The members of a group are blue/green services of the stack, each in one group."""
    services, groups = values["services"], values["groups"]
    fitting = ", ".join(sorted(name for name, one in services.items() if one.strategy == BLUE_GREEN))
    owner: dict[str, str] = {}
    for group, settings in groups.items():
        for number, member in enumerate(settings.services):
            path = ("groups", group, "services", number)
            kind = services[member].strategy if member in services else None
            if kind != BLUE_GREEN:
                yield Fault(
                    path,
                    f"{member!r} is {'no service of this stack' if kind is None else f'a {kind} service'}",
                    "the group could not cut it over, and its other members would move alone",
                    f"name blue/green services: {fitting or 'there is none'}",
                )
            elif member in owner:
                yield Fault(
                    path,
                    f"{member!r} is in {owner[member]!r} already",
                    "two keys would decide about one service",
                    "name it in one group, once",
                )
            elif services[member].active != settings.active:
                yield Fault(
                    ("services", member, "active"),
                    f"active is {services[member].active}, but {member!r} belongs to the group {group!r}, "
                    f"whose active is {settings.active}",
                    "the members of a group move together or not at all",
                    f"remove active from {member!r}; edit groups.{group}.active",
                )
            elif any(one and one.adopt for one in (services[member].blue, services[member].green)):
                yield Fault(
                    path,
                    f"{member!r} has an adopted color",
                    "adopted pods were never told the addresses of their color: they would call the other one",
                    f"give both colors of {member!r} a release of their own first, then let it join",
                )
            owner.setdefault(member, group)


def _groups_share_together(values: Values) -> Iterator[Fault]:
    """The canary of members is the group's, and each of them can have it; `color_header` needs a route of their own."""
    services = values["services"]
    for group, settings in values["groups"].items():
        known = {name: services[name] for name in settings.services if name in services}
        members = {name: one for name, one in known.items() if one.strategy == BLUE_GREEN}
        for member, fault in group_faults(settings.canary, settings.color_header, members):
            at = ("services", member) if member else ("groups", group)
            yield Fault((*at, *fault.at), fault.what, fault.why, fault.fix)


STACK_RULES: tuple[Rule, ...] = (
    Rule(("services", "environments"), _something_runs),
    Rule(("services", "environments"), no_shared_names),
    Rule(("services", "groups"), _members_exist),
    Rule(("services", "groups"), _groups_share_together),
)
