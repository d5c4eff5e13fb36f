"""The carriers of a canary's shares: an HTTPRoute, or a ConfigMap that says them."""

from collections.abc import Sequence
from typing import Any

from components.manifests.objects import Manifest
from components.manifests.workload import SKIP_AWAIT
from components.settings.canary_match import CanaryMatch
from components.settings.route import Route
from contract.annotations import CANARY, SHARES
from contract.gateway_route import mirror_filter
from contract.weights import Shares


def http_route(
    meta: dict[str, Any],
    route: Route,
    shares: Shares,
    port: int,
    matched: tuple[str, Sequence[CanaryMatch]],
    mirror: int = 0,
) -> Manifest:
    """The HTTPRoute of a service: first the rule whose backends are the colors' own Services. `matched` is a Service
    and what always goes to it, by a second rule: of two rules with the same path the one that asks for more wins. That
    Service gets copies of `mirror` percent of the other requests.
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
