"""An HTTPRoute or GRPCRoute (gateway.networking.k8s.io/v1): its rules, its entries, and what only a service's own has.

Pure.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from contract.matches import words
from contract.route_entries import WHOLE, Entry, UnfitRoute

OWN_RULE = 0
"""The rule of a service's own route that has the weights. One behind it has what always goes to the idle color."""
MIRROR = "RequestMirror"
_DEFAULT = 1  # the weight of an entry that has none
ENTRIES = "backendRefs"

Json = Mapping[str, Any]


def rules(route: Json) -> Sequence[Json]:
    """Its rules, in order."""
    return route["spec"].get("rules") or []


def entries(route: Json, number: int) -> list[Entry]:
    """The entries of that rule."""
    namespace = route["metadata"].get("namespace")
    backends = rules(route)[number].get(ENTRIES) or []
    return [
        Entry(
            _service(one, namespace), int(one.get("weight", _DEFAULT)), one, f"/spec/rules/{number}/{ENTRIES}/{place}"
        )
        for place, one in enumerate(backends)
    ]


def hosts(route: Json) -> list[str]:
    """The host names that it takes; none where it takes all."""
    return list(route["spec"].get("hostnames") or [])


def port(entry: Json) -> int | None:
    """The port of its Service that an entry sends to."""
    return entry.get("port")


def sent_to(entry: Json, service: str) -> dict[str, Any]:
    """The same entry for another Service. Raises UnfitRoute."""
    return {**entry, "name": service}


def example(service: str) -> str:
    """An entry for that Service without a share, as people write it."""
    return f"{{name: {service}, port: …, weight: 0}}"


def unfit(_route: Json, _services: Sequence[str], _chosen: Sequence[int]) -> UnfitRoute | None:
    """No fault: the API server refuses what no gateway could follow, or the route's status tells of it."""
    return None


def mirror_filter(service: str, port: int, percent: int) -> dict[str, Any]:
    """The filter of a rule that sends copies of so many percent of its requests to a Service."""
    mirrored: dict[str, Any] = {"backendRef": {"name": service, "port": port}}
    if percent < WHOLE:  # a field that not every version of the Gateway API has
        mirrored["percent"] = percent
    return {"type": MIRROR, "requestMirror": mirrored}


def header_filter(headers: Mapping[str, str]) -> dict[str, Any]:
    """The filter of a backend that gives each of its requests these headers, whatever it had there."""
    given = [{"name": name, "value": value} for name, value in headers.items()]
    return {"type": "RequestHeaderModifier", "requestHeaderModifier": {"set": given}}


def mirrored_to(route: Json, service: str) -> float:
    """The percentage of its requests that a service's own route copies to the one color; 0 where it copies none."""
    first = rules(route)[: OWN_RULE + 1]
    filters = (one for rule in first for one in rule.get("filters") or [] if one.get("type") == MIRROR)
    for one in filters:
        mirrored = one.get("requestMirror") or {}
        if _service(mirrored.get("backendRef") or {"name": ""}, None) == service:
            fraction = mirrored.get("fraction")
            if fraction:
                return float(fraction.get("numerator", 0)) * WHOLE / (fraction.get("denominator") or WHOLE)
            return float(mirrored.get("percent", WHOLE))
    return 0


def matches_to(route: Json, service: str) -> list[str]:
    """The requests that a service's own route sends to the one color whatever the weights, in words: `x-canary:
    always`.
    """
    return [
        words(match)
        for rule in rules(route)[OWN_RULE + 1 :]
        if [_service(one, None) for one in rule.get(ENTRIES) or []] == [service]
        for match in rule.get("matches") or [{}]
    ]


def _service(entry: Json, namespace: str | None) -> str:
    plain = entry.get("group", "") == "" and entry.get("kind", "Service") == "Service"
    return str(entry["name"]) if plain and entry.get("namespace", namespace) == namespace else ""
