"""Cross-field rules of a group's canary: what its members may be, and that one key says what all of them get."""

from collections.abc import Iterator, Mapping

from components.settings.base import Fault, Rule, Values
from components.settings.route import Canary
from components.strategies.blue_green.route_rules import CANARY_OF_A_RELEASE, ROUTE_RULES
from components.strategies.blue_green.settings import BlueGreenSettings

Members = Mapping[str, BlueGreenSettings]
MemberFault = tuple[str | None, Fault]
"""A member, or None for the group itself, and the fault below it."""


def group_faults(canary: Canary | None, color_header: str | None, members: Members) -> Iterator[MemberFault]:
    """What is wrong with the canary of a group of these members, whose `active` is the group's."""
    for name, member in members.items():
        if member.canary is not None:
            yield (
                name,
                Fault(
                    ("canary",),
                    f"{name!r} has a canary of its own, and is a member of a group",
                    "a share of its requests would meet a color whose other members take none",
                    "write the canary into the group; it gives all of its members the share",
                ),
            )
    if color_header is not None and not any(one.route and not one.route.exists for one in members.values()):
        yield (
            None,
            Fault(
                ("color_header",),
                f"color_header is {color_header}, and no member has a route of its own",
                "of a route that others made only the weights are written: nothing would set the header or look at it",
                "give a member `route.parents` or `route.gateways`, or write the header into the routes that exist "
                "(docs/groups.md) and remove color_header",
            ),
        )
    if canary is not None:
        yield from _of_canary(canary, members)


def _of_canary(canary: Canary, members: Members) -> Iterator[MemberFault]:
    if not any(one.route for one in members.values()):
        yield (
            None,
            Fault(
                ("canary",),
                "canary is given, and no member has a route",
                "no request comes by anything that could be weighed: the share would promise what nothing does",
                "name the route that users come by at a member: route: {http_route: …}, {grpc_route: …}, "
                "{virtual_service: …}, {parents: …} or {gateways: …}",
            ),
        )
    for name, member in members.items():
        if member.cutover == "labels":
            yield (
                name,
                Fault(
                    ("cutover",),
                    f"cutover of {name!r} is labels, and its group has a canary",
                    "pods of its idle color would have to be attached for callers of their own color alone",
                    f"remove cutover from {name!r}, or the group's canary",
                ),
            )
            continue
        for fault in _as_its_own(canary, member):  # all of `canary`, whose key is the group's
            yield None, Fault(fault.at, f"{name}: {fault.what}", fault.why, fault.fix)


def _as_its_own(canary: Canary, member: BlueGreenSettings) -> Iterator[Fault]:
    """The rules of a service whose own canary this was. One that nobody calls takes no share, and has no idle pods."""
    if member.port is None:
        return
    values: Values = {**{key: getattr(member, key) for key in type(member).model_fields}, "canary": canary}
    rules: tuple[Rule, ...] = ROUTE_RULES if member.route else CANARY_OF_A_RELEASE
    for rule in rules:
        yield from rule.check(values)
