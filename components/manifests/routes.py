"""The carriers of a canary's shares: an HTTPRoute, GRPCRoute or VirtualService, or a ConfigMap that says them."""

from collections.abc import Sequence
from typing import Any

from components.manifests.objects import Manifest
from components.manifests.workload import SKIP_AWAIT
from components.settings.canary_match import CanaryMatch
from components.settings.route import Route
from contract.annotations import CANARY, SHARES
from contract.gateway_route import mirror_filter
from contract.virtual_service import OWN_RULE
from contract.weights import Shares


def gateway_route(
    meta: dict[str, Any],
    route: Route,
    shares: Shares,
    port: int,
    matched: tuple[str, Sequence[CanaryMatch]],
    mirror: int = 0,
) -> Manifest:
    """The HTTPRoute or GRPCRoute of a service: first the rule whose backends are the colors' own Services. `matched` is
    a Service and what always goes to it, by a second rule: of two rules with the same path the one that asks for more
    wins. That Service gets copies of `mirror` percent of the other requests.
    """
    parents = [
        {key: value for key, value in parent.items() if value is not None}
        for parent in (
            {"name": one.name, "namespace": one.namespace, "sectionName": one.section_name} for one in route.parents
        )
    ]
    backends = [{"name": service, "port": port, "weight": share} for service, share in shares.items()]
    path = {"path": {"type": "PathPrefix", "value": route.path}} if route.path else {}
    rules: list[dict[str, Any]] = [{**({"matches": [path]} if path else {}), "backendRefs": backends}]
    service, conditions = matched
    if mirror:
        rules[0]["filters"] = [mirror_filter(service, port, mirror)]
    if conditions:
        matches = [{**path, **one.match.gateway()} for one in conditions]
        rules.append({"matches": matches, "backendRefs": [{"name": service, "port": port, "weight": 1}]})
    spec: dict[str, Any] = {"parentRefs": parents, "rules": rules}
    if route.hosts:
        spec["hostnames"] = list(route.hosts)
    meta["annotations"] |= SKIP_AWAIT  # whether it is carried out answers tell, not a status
    return {"metadata": meta, "spec": spec}


def virtual_service(
    meta: dict[str, Any],
    route: Route,
    shares: Shares,
    port: int,
    matched: tuple[str, Sequence[CanaryMatch]],
    mirror: int = 0,
) -> Manifest:
    """The VirtualService of a service: last the entry whose destinations are the colors' own Services, and before it
    what always goes to the Service of `matched`: the first that fits a request takes it. That Service gets copies of
    `mirror` percent of the other requests.
    """
    paths = _paths(route.path)
    service, conditions = matched
    main: dict[str, Any] = {"name": OWN_RULE}
    if route.path:
        main["match"] = paths
    main["route"] = [{"destination": _destination(name, port), "weight": share} for name, share in shares.items()]
    if mirror:
        main |= {"mirror": _destination(service, port), "mirrorPercentage": {"value": mirror}}
    always = {
        "name": "always",
        "match": [{**path, **one.match.istio()} for one in conditions for path in paths],
        "route": [{"destination": _destination(service, port)}],
    }
    meta["annotations"] |= SKIP_AWAIT
    spec = {"hosts": list(route.hosts), "gateways": list(route.gateways), "http": [always, main]}
    return {"metadata": meta, "spec": spec if conditions else {**spec, "http": [main]}}


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
