"""A VirtualService of Istio (networking.istio.io/v1): the routes of its `http`, and their entries. Pure.

Only its `http` has what a canary weighs; `tcp` and `tls` are left alone. Nothing in its status tells whether a gateway
carries it, and the API server takes weights that Envoy refuses: it then keeps the table of routes that it had.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from contract.matches import words_of_istio
from contract.route_entries import WHOLE, Entry, UnfitRoute, listed

GROUP = "networking.istio.io"
OWN_RULE = "shares"
"""The name of the route of a service's own VirtualService that has the weights. Those before it have what always goes
to the idle color: the first that fits a request takes it.
"""

Json = Mapping[str, Any]


def rules(route: Json) -> Sequence[Json]:
    """The routes of its `http`, in order."""
    return route["spec"].get("http") or []


def entries(route: Json, number: int) -> list[Entry]:
    """The entries of that route. One that stands alone gets all, whatever it says; of several, one without a weight
    gets nothing.
    """
    namespace = str(route["metadata"].get("namespace", ""))
    found = listed(rules(route)[number], "route")
    return [
        Entry(
            _service(_host(one), namespace),
            WHOLE if len(found) == 1 else int(one.get("weight") or 0),
            one,
            f"/spec/http/{number}/route/{place}",
        )
        for place, one in enumerate(found)
    ]


def hosts(route: Json) -> list[str]:
    """The host names that it takes; none where it takes all."""
    found = [str(one) for one in route["spec"].get("hosts") or []]
    return [] if "*" in found else found


def port(entry: Json) -> int | None:
    """The port of its Service that an entry sends to; None where that has only one."""
    number = (entry["destination"].get("port") or {}).get("number")
    return None if number is None else int(number)


def sent_to(entry: Json, service: str) -> dict[str, Any]:
    """The same entry for another Service, in the same form of name. Raises UnfitRoute for a subset, of which a
    DestinationRule knows for the one Service alone.
    """
    destination = entry["destination"]
    if subset := destination.get("subset"):
        raise UnfitRoute(
            f"its entry for {_host(entry)} has the subset {subset}, which no DestinationRule has for {service}",
            "remove the subset from the entry",
        )
    _, dot, rest = _host(entry).partition(".")
    return {**entry, "destination": {**destination, "host": f"{service}{dot}{rest}"}}


def example(service: str) -> str:
    """An entry for that Service without a share, as people write it."""
    return f"{{destination: {{host: {service}, port: {{number: …}}}}, weight: 0}}"


def matches_to(route: Json, service: str) -> list[str]:
    """The requests that its own VirtualService sends to the one color whatever the weights: `x-canary: always`."""
    found = [
        words_of_istio(match)
        for number, rule in enumerate(rules(route))
        if rule.get("name") != OWN_RULE and [one.service for one in entries(route, number)] == [service]
        for match in rule.get("match") or [{}]
    ]
    return list(dict.fromkeys(found))  # a prefix of paths is two matches


def mirrored_to(route: Json, service: str) -> float:
    """The percentage of its requests that a service's own VirtualService copies to the one color; 0 where none."""
    namespace = str(route["metadata"].get("namespace", ""))
    for rule in (one for one in rules(route) if one.get("name") == OWN_RULE):
        first = {"destination": rule.get("mirror") or {}, "percentage": rule.get("mirrorPercentage")}
        for one in (first, *listed(rule, "mirrors")):
            if _service(_host(one), namespace) == service:
                percentage = one.get("percentage")
                return float(percentage.get("value", 0)) if percentage else float(WHOLE)
    return 0


def unfit(route: Json, services: Sequence[str], chosen: Sequence[int]) -> UnfitRoute | None:
    """The fault that keeps a gateway from following it: a weight that Envoy refuses, of which it says nothing, or a
    host that is meant for one of these Services and is nobody's. A weight of theirs in one of the `chosen` routes is
    soon another.
    """
    namespace = str(route["metadata"].get("namespace", ""))
    wrong = {f"{one}.{namespace}{end}": one for one in services for end in ("", ".svc")}
    for number, rule in enumerate(rules(route)):
        name, found = rule.get("name", number), entries(route, number)
        others = [one for one in found if one.service not in services or number not in chosen]
        for one in found:
            if right := wrong.get(host := _host(one.whole)):
                return UnfitRoute(
                    f"its route {name} sends to the host {host}, which Istio takes as it stands: no Service is called "
                    "that, and who is sent there gets a 503",
                    f"write {right}, or {right}.{namespace}.svc.cluster.local",
                )
        for one in others:
            if one.weight < 0:
                return UnfitRoute(*_refused(name, f"gives {_host(one.whole)} the weight {one.weight}"))
        if len(others) == len(found) > 1 and not any(one.weight for one in found):
            return UnfitRoute(*_refused(name, f"has {len(found)} destinations, none of which has a weight"))
    return None


def _refused(name: str | int, what: str) -> tuple[str, str]:
    return (
        f"its route {name} {what}, which no gateway takes: Envoy keeps the table of routes that it had, and follows no "
        "change of any VirtualService meanwhile",
        f"give the destinations of {name} weights of 0 or more, and one of them more than 0",
    )


def _host(entry: Json) -> str:
    return str((entry.get("destination") or {}).get("host", ""))


def _service(host: str, namespace: str) -> str:
    """A name without a dot is a Service beside the route; any other is a whole name, of whatever cluster domain."""
    name, dot, rest = host.partition(".")
    return name if not dot or rest.startswith(f"{namespace}.svc.") else ""
