"""A canary in a GRPCRoute of the service's own, made and carried by the real control plane: shares, headers, copies."""

from typing import Any

import httpx2
import pytest

from sandbox.gateway import NAME, NAMESPACE, Address
from tests.lifecycle import services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.load import ANSWER_SECONDS
from tests.lifecycle.routes import weights
from tests.lifecycle.services import V1, V2
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic, pytest.mark.wide]  # istiod takes 8 minutes to build
Json = dict[str, Any]
PLURAL = "grpcroutes"


def test_a_canary_of_its_own_grpc_route_from_a_share_to_the_cutover(
    stack: Stack, namespace: Namespace, gateway: Address
) -> None:
    route = {
        "kind": "GRPCRoute",
        "parents": [{"name": NAME, "namespace": NAMESPACE}],
        "hosts": [f"{namespace.name}.example"],
    }
    shop = stack.services["shop"] = services.blue_green(route=route, drain_seconds=0, recycle=False)
    stack.must_up()
    match = [{"header": "x-canary", "value": "always"}, {"grpc": "api/info"}]  # a path of podinfo's, as a method
    shop["canary"] = {"weight": 10, "match": match}
    outcome = stack.must_up()
    assert outcome.changes.get("update") == 1, outcome.said
    assert "as `route.address` is not set: not seen" in outcome.said
    main, always = namespace.get(PLURAL, "shop")["spec"]["rules"]
    assert {one["name"]: one["weight"] for one in main["backendRefs"]} == {"shop-blue": 90, "shop-green": 10}
    assert always["matches"][0]["headers"][0]["name"] == "x-canary"
    assert always["matches"][1]["method"] == {"type": "Exact", "service": "api", "method": "info"}
    host = f"{namespace.name}.example"
    with httpx2.Client(base_url=gateway.gateway_api, headers={"Host": host}, timeout=ANSWER_SECONDS) as client:
        eventually("the gateway to follow", lambda: client.get("/api/info").json()["version"] == V2)
        assert {client.get("/api/info").json()["version"] for _ in range(60)} == {V2}
        assert {client.get("/version").json()["version"] for _ in range(100)} == {V1, V2}
    status = cutover(stack, "status", "--json").json()["stacks"][0]["services"]["shop"]
    assert (status["drift"], status["route"]["shares"]) == ([], {"blue": 90, "green": 10})
    assert status["route"]["matches"] == ["x-canary: always", "api/info"]

    shop["canary"] = {"weight": 0, "mirror": 20}
    stack.must_up()
    (rule,) = namespace.get(PLURAL, "shop")["spec"]["rules"]
    assert rule["filters"][0]["requestMirror"]["percent"] == 20
    del shop["canary"]
    shop["active"] = "green"
    stack.must_up()
    assert views.live_color(namespace) == "green"
    assert weights(namespace, "shop", PLURAL) == {"shop-blue": 0, "shop-green": 100}
    assert stack.must_up().changes.keys() == {"same"}
    assert stack.destroy().code == 0
    assert namespace.names(PLURAL) == []
