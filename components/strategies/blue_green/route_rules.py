"""Cross-field rules of a canary: what a service that has a route may be, and which release may get a weight."""

from collections.abc import Iterator

from components.settings.base import Fault, Rule, Values
from components.settings.release import Release
from components.settings.route import Canary, Route
from contract.releases import COLORS, Color, other


def _fits_route(values: Values) -> Iterator[Fault]:
    """`route` goes neither with `cutover: labels` nor with a color that is adopted."""
    if values["route"] is None:
        return
    beside: dict[str, str] = {}
    if values["cutover"] == "labels":
        beside["cutover"] = "labels mix the colors behind the live Service, and a route weighs their own Services"
    for field, why in beside.items():
        yield Fault((field,), f"{field} is set on a service with a route", why, f"remove {field}, or the route")
    for color in COLORS:
        if values[color] and values[color].adopt:
            yield Fault(
                (color, "adopt"),
                "adopt is set on a service with a route",
                "pods that others made have neither the gates nor the size of a canary",
                f"remove the route until {color} has a release of its own",
            )


def _match_fits_route(values: Values) -> Iterator[Fault]:
    """`canary.match` needs a route of the service's own."""
    canary: Canary | None = values["canary"]
    route: Route | None = values["route"]
    if canary and canary.match and route and route.exists:
        yield Fault(
            ("canary", "match"),
            f"match is given for the {route.ref('')}, which exists",
            "of a route that others made only the weights are written: its rules are theirs",
            f"write the rule with the header into {route.exists}, and name the one to weigh as route.rule; or give "
            "parents or gateways, for a route of the service's own",
        )


def _match_fits_grpc(values: Values) -> Iterator[Fault]:
    """In a GRPCRoute `canary.match` has `header` and `grpc` alone, and `grpc` is nowhere else."""
    canary: Canary | None = values["canary"]
    route: Route | None = values["route"]
    if canary is None or route is None or route.exists:
        return
    if route.kind != "GRPCRoute":
        yield from (
            Fault(
                ("canary", "match", number, "grpc"),
                f"grpc is given, and the route is the {route.ref('').kind.name} of the service itself",
                "services and methods of gRPC are what a GRPCRoute takes",
                "give route.parents and route.kind: GRPCRoute, or write a header, which the clients send as metadata",
            )
            for number, one in enumerate(canary.match)
            if one.grpc
        )
        return
    for number, one in enumerate(canary.match):
        for key in ("query", "cookie", "method"):
            if getattr(one, key) is not None:
                yield Fault(
                    ("canary", "match", number, key),
                    f"{key} is given, and the route is a GRPCRoute",
                    "a call has headers (its metadata), no query, no cookies, and POST is its one HTTP method",
                    "write header and value, which the clients send as metadata, or grpc: service/method",
                )


def _mirror_fits_route(values: Values) -> Iterator[Fault]:
    """`canary.mirror` needs a route of the service's own."""
    canary: Canary | None = values["canary"]
    route: Route | None = values["route"]
    if canary and canary.mirror and (route is None or route.exists):
        where = f"for the {route.ref('')}, which exists" if route else "for a service without a route"
        yield Fault(
            ("canary", "mirror"),
            f"mirror is given {where}",
            "a copy is made by a filter of the route's rule: of a route that others made only the weights are written",
            f"write the filter into {route.exists}, or give parents or gateways, for a route of the service's own"
            if route
            else "give route: {parents: …} or {gateways: …}, for a route of the service's own",
        )


def _canary_has_release(values: Values) -> Iterator[Fault]:
    """A `canary` of more than 0 needs an idle release; neither it nor a newer active one has `rollback: forbidden`."""
    canary: Canary | None = values["canary"]
    idle: Color = other(values["active"])
    release: Release | None = values[idle]
    live: Release | None = values[values["active"]]
    if canary is None or not (canary.weight or canary.mirror):
        return
    key, given = ("weight", canary.weight) if canary.weight else ("mirror", canary.mirror)
    if release is None:
        yield Fault(
            ("canary", key),
            f"{key} is {given}, but the idle color {idle} has no release",
            "a share of the requests would meet nobody",
            f"put a release on {idle} first, or remove canary",
        )
    elif release.rollback == "forbidden":
        yield Fault(
            ("canary", key),
            f"{key} is {given}, and {idle}'s release has rollback: forbidden",
            f"both releases would write at once, and what {idle} writes {values['active']} cannot read",
            "cut over to it at once, without canary",
        )
    elif live and live.rollback == "forbidden" and release.numbered.older_than(live.numbered):
        yield Fault(
            ("canary", "weight"),
            f"weight is {canary.weight}, and {values['active']}'s release forbids a rollback past it",
            f"{idle}'s release is older: it cannot read what {values['active']} has written",
            "remove canary",
        )


def _answers_differ(values: Values) -> Iterator[Fault]:
    """What `route.answer` says of `blue` must not be part of what it says of `green`, or the other way round."""
    route: Route | None = values["route"]
    blue: Release | None = values["blue"]
    green: Release | None = values["green"]
    if route is None or route.address is None or blue is None or green is None or blue.id == green.id:
        return
    one, two = route.answer_of(blue), route.answer_of(green)
    if one in two or two in one:
        yield Fault(
            ("route", "answer"),
            f"answer is {one!r} for blue and {two!r} for green: one holds the other",
            "which color has answered could not be told, so no move would ever be seen",
            'write more of the answer around it, for instance \'"version":"{version}"\', or name the {build} too',
        )


CANARY_OF_A_RELEASE: tuple[Rule, ...] = (Rule(("canary", "active", "blue", "green"), _canary_has_release),)
ROUTE_RULES: tuple[Rule, ...] = (
    Rule(("route", "cutover", "blue", "green"), _fits_route),
    Rule(("canary", "route"), _match_fits_route),
    Rule(("canary", "route"), _match_fits_grpc),
    Rule(("canary", "route"), _mirror_fits_route),
    *CANARY_OF_A_RELEASE,
    Rule(("route", "blue", "green"), _answers_differ),
)
