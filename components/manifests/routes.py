"""The carriers of a canary's shares: an HTTPRoute, GRPCRoute or VirtualService, or a ConfigMap that says them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from components.manifests.objects import Manifest
from components.manifests.workload import SKIP_AWAIT
from components.settings.route import Route
from contract.annotations import CANARY, SHARES
from contract.gateway_route import header_filter, mirror_filter
from contract.matches import Match
from contract.virtual_service import OWN_RULE
from contract.weights import Shares


class Always(NamedTuple):
    """What of a route's requests goes to one color whatever the weights: to `service` those that fit one of the
    `conditions`. With a `header` each request is given the name of the color that it goes to, by the `colors` of the
    Services, and one that has such a name already goes to that color.
    """

    service: str
    conditions: Sequence[Match] = ()
    header: str = ""
    colors: Mapping[str, str] = {}

    def rules(self) -> list[tuple[str, str, list[Match]]]:
        """The rules for that: the name, the Service and its conditions. A call that is under way stays on its color,
        whatever else it has; so that comes first.
        """
        stay = [(f"stay-{color}", service, [Match(self.header, value=color)]) for service, color in self.colors.items()]
        return [*stay, *([("always", self.service, list(self.conditions))] if self.conditions else [])]

    def given(self, service: str) -> dict[str, str]:
        """The header that a request to that Service is given."""
        return {self.header: self.colors[service]} if self.header else {}


def gateway_route(
    meta: dict[str, Any], route: Route, shares: Shares, port: int, always: Always, mirror: int = 0
) -> Manifest:
    """The HTTPRoute or GRPCRoute of a service: first the rule whose backends are the colors' own Services. What
    `always` goes to one of them has further rules: of rules with the same path the one that asks for more wins, and of
    two that ask for as much the first. The Service of `always` gets copies of `mirror` percent of the other requests.
    """
    parents = [
        {key: value for key, value in parent.items() if value is not None}
        for parent in (
            {"name": one.name, "namespace": one.namespace, "sectionName": one.section_name} for one in route.parents
        )
    ]
    path = {"path": {"type": "PathPrefix", "value": route.path}} if route.path else {}

    def backend(service: str, weight: int) -> dict[str, Any]:
        made: dict[str, Any] = {"name": service, "port": port, "weight": weight}
        return {**made, "filters": [header_filter(found)]} if (found := always.given(service)) else made

    main: dict[str, Any] = {**({"matches": [path]} if path else {})}
    main["backendRefs"] = [backend(service, share) for service, share in shares.items()]
    if mirror:
        main["filters"] = [mirror_filter(always.service, port, mirror)]
    rules = [main]
    for _, service, conditions in always.rules():
        rules.append(
            {"matches": [{**path, **one.gateway()} for one in conditions], "backendRefs": [backend(service, 1)]}
        )
    spec: dict[str, Any] = {"parentRefs": parents, "rules": rules}
    if route.hosts:
        spec["hostnames"] = list(route.hosts)
    meta["annotations"] |= SKIP_AWAIT  # whether it is carried out answers tell, not a status
    return {"metadata": meta, "spec": spec}


def virtual_service(
    meta: dict[str, Any], route: Route, shares: Shares, port: int, always: Always, mirror: int = 0
) -> Manifest:
    """The VirtualService of a service: last the entry whose destinations are the colors' own Services, and before it
    what `always` goes to one of them: the first that fits a request takes it. The Service of `always` gets copies of
    `mirror` percent of the other requests.
    """
    paths = _paths(route.path)

    def destination(service: str, weight: int | None = None) -> dict[str, Any]:
        made: dict[str, Any] = {"destination": _destination(service, port)}
        if weight is not None:
            made["weight"] = weight
        return {**made, "headers": {"request": {"set": found}}} if (found := always.given(service)) else made

    main: dict[str, Any] = {"name": OWN_RULE}
    if route.path:
        main["match"] = paths
    main["route"] = [destination(name, share) for name, share in shares.items()]
    if mirror:
        main |= {"mirror": _destination(always.service, port), "mirrorPercentage": {"value": mirror}}
    before = [
        {
            "name": name,
            "match": [{**path, **one.istio()} for one in conditions for path in paths],
            "route": [destination(service)],
        }
        for name, service, conditions in always.rules()
    ]
    meta["annotations"] |= SKIP_AWAIT
    spec = {"hosts": list(route.hosts), "gateways": list(route.gateways), "http": [*before, main]}
    return {"metadata": meta, "spec": spec}


def _destination(service: str, port: int) -> dict[str, Any]:
    return {"host": service, "port": {"number": port}}


def _paths(prefix: str | None) -> list[dict[str, Any]]:
    """Matches of the paths below a prefix, as the Gateway API means it: /shop and /shop/cart, and not /shopping."""
    if prefix is None:
        return [{}]
    whole = prefix.rstrip("/")
    exact = [{"uri": {"exact": whole}}] if whole else []
    return [*exact, {"uri": {"prefix": f"{whole}/"}}]


def carrier(meta: dict[str, Any], route: Route, shares: Shares) -> Manifest:
    """The ConfigMap that stands for a route that exists. The shares are an annotation of it: the provider replaces a
    ConfigMap whose data changes.
    """
    rule = "" if route.rule is None else f" rule {route.rule}"
    text = ", ".join(f"{service} {share}" for service, share in sorted(shares.items()))
    meta["annotations"] |= {SHARES: f"{route.exists}{rule}: {text}"}
    return {"metadata": meta}


def pod_carrier(meta: dict[str, Any], words: str) -> Manifest:
    """The ConfigMap that stands for a canary by pod labels; as an annotation, as above."""
    meta["annotations"] |= {CANARY: words}
    return {"metadata": meta}
