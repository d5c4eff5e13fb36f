"""What a real gateway makes of routes that are wrong: what a router has to expect, and what no status tells it."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from prober import Prober
from sandbox.gateway import NAME, NAMESPACE, Address
from tests.lifecycle.gateway.routes import (
    FAILED,
    GLANCE,
    NEW,
    OLD,
    HttpRoute,
    Route,
    VirtualService,
    by_weight,
    expect,
    serve,
)
from tests.lifecycle.gateway.routes import service as service_of
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.services import V1, V2

pytestmark = [pytest.mark.cluster, pytest.mark.traffic, pytest.mark.wide]
GOOD = {OLD: 100, NEW: 0}
HALF = {OLD: 50, NEW: 50}
NOTHING = {OLD: 0, NEW: 0}
BOTH = pytest.mark.parametrize("kind", [HttpRoute, VirtualService])
FAIL_EVENLY = {V1: 0.5, FAILED: 0.5}


@pytest.fixture
def route(kind: type[Route], namespace: Namespace, gateway: Address) -> Route:
    """A route whose other release is not there."""
    serve(namespace, OLD)
    made = kind(namespace, gateway)
    made.create(GOOD)
    return made


@pytest.fixture
def prober(route: Route) -> Iterator[Prober]:
    """Traffic that is all well."""
    with route.prober() as running:
        expect(running, by_weight(GOOD))
        yield running


@BOTH
def test_a_service_without_endpoints_fails_its_share_while_every_condition_is_true(
    namespace: Namespace, route: Route, prober: Prober
) -> None:
    namespace.create_object("services", service_of(NEW))
    route.weigh(HALF)
    expect(prober, FAIL_EVENLY)
    assert _statuses(prober) == {"503"}
    if isinstance(route, HttpRoute):
        assert _conditions(route) == {"Accepted": ("True", "Accepted"), "ResolvedRefs": ("True", "ResolvedRefs")}


@BOTH
def test_a_missing_service_fails_its_share_and_only_an_http_route_says_so(route: Route, prober: Prober) -> None:
    route.weigh(HALF)
    expect(prober, FAIL_EVENLY)
    if isinstance(route, HttpRoute):
        assert _statuses(prober) == {"500"}
        assert _conditions(route)["ResolvedRefs"] == ("False", "BackendNotFound")
    else:
        assert _statuses(prober) == {"503"}


@pytest.mark.parametrize("kind", [HttpRoute])
def test_an_http_route_without_any_weight_fails_all_while_every_condition_is_true(
    namespace: Namespace, route: Route, prober: Prober
) -> None:
    namespace.create_object("services", service_of(NEW))
    route.weigh(NOTHING)
    expect(prober, {FAILED: 1.0})
    assert _statuses(prober) == {"500"}
    assert {status for status, _ in _conditions(route).values()} == {"True"}
    with pytest.raises(httpx2.HTTPStatusError, match="422"):
        route.weigh({OLD: -1, NEW: 1})


@pytest.mark.alone  # the proxy takes no other change of VirtualServices meanwhile
@pytest.mark.parametrize("kind", [VirtualService])
def test_a_virtual_service_without_any_weight_is_taken_and_changes_nothing(
    admin: httpx2.Client, route: Route, prober: Prober
) -> None:
    before = _refused_by_envoy(admin)
    route.weigh(NOTHING)
    eventually("Envoy to refuse it", lambda: _refused_by_envoy(admin) > before)
    expect(prober, by_weight(GOOD))
    route.weigh(GOOD)
    assert prober.stop().failures == []


@pytest.mark.parametrize("kind", [VirtualService])
def test_consistent_hashing_keeps_a_user_on_a_pod_of_each_release_and_on_neither_release(
    namespace: Namespace, route: Route
) -> None:
    serve(namespace, NEW)
    policy = {"loadBalancer": {"consistentHash": {"httpHeaderName": "x-user"}}}
    for name in (OLD, NEW):
        host = f"{name}.{namespace.name}.svc.cluster.local"
        body = {"metadata": {"name": name}, "spec": {"host": host, "trafficPolicy": policy}}
        kind = {"apiVersion": "networking.istio.io/v1", "kind": "DestinationRule"}
        namespace.create_object("destinationrules", {**kind, **body})
    route.weigh(HALF)

    def asked() -> set[tuple[str, str]]:
        headers = {"Host": route.host, "x-user": "ann", "Accept": "application/json"}
        found = [httpx2.get(f"{route.url}/api/info", headers=headers, trust_env=False).json() for _ in range(60)]
        return {(one["version"], one["hostname"]) for one in found}

    met = eventually("one pod of each release", lambda: now if len(now := asked()) == 2 else None)
    assert {version for version, _ in met} == {V1, V2}


def _statuses(prober: Prober) -> set[str]:
    """Of the latest failures: before, the gateway may have heard of the route and not yet of the Service."""
    return {failure.detail for failure in prober.stop().failures[-GLANCE:]}


def _conditions(route: Route) -> dict[str, tuple[str, str]]:
    """Status and reason of each, once they are of what was written last."""

    def settled() -> dict[str, tuple[str, str]] | None:
        found = route.namespace.get(route.plural, "app")
        (parent,) = found["status"]["parents"]
        conditions: list[dict[str, Any]] = parent["conditions"]
        if any(one["observedGeneration"] != found["metadata"]["generation"] for one in conditions):
            return None
        return {one["type"]: (one["status"], one["reason"]) for one in conditions}

    return eventually("the route's status", settled)


def _refused_by_envoy(admin: httpx2.Client) -> int:
    """How many tables of routes the gateway's proxy was sent and did not take."""
    pods = admin.get(f"/api/v1/namespaces/{NAMESPACE}/pods", params={"labelSelector": f"app={NAME}"}).json()["items"]
    (pod,) = (one["metadata"]["name"] for one in pods if "deletionTimestamp" not in one["metadata"])
    url = f"/api/v1/namespaces/{NAMESPACE}/pods/{pod}:15900/proxy/stats"
    said = admin.get(url, params={"filter": r"\.rds\..*update_rejected"}).raise_for_status().text
    return sum(int(line.rpartition(": ")[2]) for line in said.splitlines())
