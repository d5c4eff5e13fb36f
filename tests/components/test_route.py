"""What a service with a route registers: one resource for the shares, in its place."""

from typing import Any

import pulumi
import pytest

from components import BlueGreenService, Canary, CanaryMatch, Route, RouteParent
from contract.annotations import SHARES
from tests.components.fakes import FakeCluster, Recorder, run_program
from tests.components.test_blue_green_service import BLUE, GREEN
from tests.components.test_route_gates import public

EXISTS = Route(http_route="public")
VALUES: dict[str, Any] = {"active": "blue", "port": 8080, "replicas": 3, "standby_replicas": 1}


def build(
    recorder: Recorder, cluster: FakeCluster, route: Route, weight: int, match: tuple[CanaryMatch, ...] = ()
) -> list[tuple[str, str]]:
    """Make the component; what was registered, in order."""
    canary = Canary(weight=weight, match=match) if weight else None

    def make() -> Any:
        made = BlueGreenService(
            "shop", namespace="ns", cluster=cluster, blue=BLUE, green=GREEN, route=route, canary=canary, **VALUES
        )
        return made.active

    run_program(make)
    return [(one.type.rpartition(":")[2], one.name) for one in recorder.resources]


def test_a_share_comes_after_the_color_that_gets_it_which_has_its_full_size(
    recorder: Recorder, cluster: FakeCluster
) -> None:
    order = build(recorder, cluster, EXISTS, 10)
    assert order.index(("ConfigMap", "shop-route")) > order.index(("Deployment", "shop-green-2-0-0-b7"))
    notes = recorder.find("ConfigMap", "shop-route")["metadata"]["annotations"]
    assert notes[SHARES] == "public: shop-blue 90, shop-green 10"
    assert recorder.find("Deployment", "shop-green-2-0-0-b7")["spec"]["replicas"] == 3


def test_of_a_grpc_route_that_exists_a_config_map_says_the_shares(recorder: Recorder, cluster: FakeCluster) -> None:
    order = build(recorder, cluster, Route(grpc_route="calls", rule="main"), 10)
    assert {kind for kind, _ in order} & {"HTTPRoute", "GRPCRoute"} == set()
    notes = recorder.find("ConfigMap", "shop-route")["metadata"]["annotations"]
    assert notes[SHARES] == "calls rule main: shop-blue 90, shop-green 10"


@pytest.mark.parametrize("weight", [0, 10])
def test_a_route_that_somebody_deleted_is_told_by_a_preview_that_has_nothing_else_to_do(
    recorder: Recorder, cluster: FakeCluster, weight: int
) -> None:
    pulumi.runtime.set_mocks(recorder, project="cutover", stack="test", preview=True)
    with pytest.raises(pulumi.RunError, match="there is no such HTTPRoute"):
        build(recorder, cluster, EXISTS, weight)
    cluster.routes["public"] = public(100, 0)
    build(recorder, cluster, EXISTS, weight)


def test_so_it_is_of_a_virtual_service(recorder: Recorder, cluster: FakeCluster) -> None:
    build(recorder, cluster, Route(virtual_service="edge", rule="main", address="https://shop.example/version"), 10)
    notes = recorder.find("ConfigMap", "shop-route")["metadata"]["annotations"]
    assert notes[SHARES] == "edge rule main: shop-blue 90, shop-green 10"


def test_a_share_goes_before_the_color_that_had_it_shrinks(recorder: Recorder, cluster: FakeCluster) -> None:
    order = build(recorder, cluster, EXISTS, 0)
    live, route = order.index(("Service", "shop")), order.index(("ConfigMap", "shop-route"))
    assert live < route < order.index(("Deployment", "shop-green-2-0-0-b7"))
    assert recorder.find("Deployment", "shop-green-2-0-0-b7")["spec"]["replicas"] == 1


def test_a_route_of_its_own_has_the_weights_itself(recorder: Recorder, cluster: FakeCluster) -> None:
    build(recorder, cluster, Route(parents=(RouteParent(name="gw", namespace="edge"),), hosts=("a.b",)), 10)
    spec = recorder.find("HTTPRoute", "shop")["spec"]
    assert spec["parentRefs"] == [{"name": "gw", "namespace": "edge"}]
    assert spec["hostnames"] == ["a.b"]
    weights = {one["name"]: one["weight"] for one in spec["rules"][0]["backendRefs"]}
    assert weights == {"shop-blue": 90, "shop-green": 10}


def test_a_header_is_a_second_rule_on_the_same_path_for_the_idle_color_alone(
    recorder: Recorder, cluster: FakeCluster
) -> None:
    own = Route(parents=(RouteParent(name="gw"),), path="/shop")
    match = (CanaryMatch(header="x-canary", value="always"), CanaryMatch(header="x-team", value="edge"))
    build(recorder, cluster, own, 10, match)
    main, second = recorder.find("HTTPRoute", "shop")["spec"]["rules"]
    path = {"type": "PathPrefix", "value": "/shop"}
    assert main["matches"] == [{"path": path}]
    assert {one["name"]: one["weight"] for one in main["backendRefs"]} == {"shop-blue": 90, "shop-green": 10}
    assert second == {
        "matches": [
            {"path": path, "headers": [{"type": "Exact", "name": "x-canary", "value": "always"}]},
            {"path": path, "headers": [{"type": "Exact", "name": "x-team", "value": "edge"}]},
        ],
        "backendRefs": [{"name": "shop-green", "port": 80, "weight": 1}],
    }


def test_a_grpc_route_of_its_own_has_the_weights_and_the_headers(recorder: Recorder, cluster: FakeCluster) -> None:
    own = Route(parents=(RouteParent(name="gw", namespace="edge"),), hosts=("a.b",), kind="GRPCRoute")
    order = build(recorder, cluster, own, 10, (CanaryMatch(header="x-canary", value="always"),))
    assert order.index(("GRPCRoute", "shop")) > order.index(("Deployment", "shop-green-2-0-0-b7"))
    spec = recorder.find("GRPCRoute", "shop")["spec"]
    assert (spec["parentRefs"], spec["hostnames"]) == ([{"name": "gw", "namespace": "edge"}], ["a.b"])
    main, second = spec["rules"]
    assert {one["name"]: one["weight"] for one in main["backendRefs"]} == {"shop-blue": 90, "shop-green": 10}
    assert second["matches"] == [{"headers": [{"type": "Exact", "name": "x-canary", "value": "always"}]}]
    assert second["backendRefs"] == [{"name": "shop-green", "port": 80, "weight": 1}]


def test_the_methods_of_a_grpc_route_are_conditions(recorder: Recorder, cluster: FakeCluster) -> None:
    own = Route(parents=(RouteParent(name="gw"),), kind="GRPCRoute")
    match = (
        CanaryMatch(grpc="shop.Orders/Get"),
        CanaryMatch(grpc="shop.Stock", header="x-canary", value="always"),
    )
    build(recorder, cluster, own, 1, match)
    _, second = recorder.find("GRPCRoute", "shop")["spec"]["rules"]
    assert second["matches"] == [
        {"method": {"type": "Exact", "service": "shop.Orders", "method": "Get"}},
        {
            "method": {"type": "Exact", "service": "shop.Stock"},
            "headers": [{"type": "Exact", "name": "x-canary", "value": "always"}],
        },
    ]


def test_a_cookie_a_query_parameter_and_a_method_are_conditions_too(recorder: Recorder, cluster: FakeCluster) -> None:
    own = Route(parents=(RouteParent(name="gw"),))
    match = (
        CanaryMatch(cookie="group", value="beta.1"),
        CanaryMatch(query="beta", value="1", method="GET"),
        CanaryMatch(method="POST"),
    )
    build(recorder, cluster, own, 10, match)
    _, second = recorder.find("HTTPRoute", "shop")["spec"]["rules"]
    assert second["matches"] == [
        {
            "headers": [
                {"type": "RegularExpression", "name": "Cookie", "value": r"^(.*; ?)?group=beta\.1(;.*)?$"},
            ]
        },
        {"method": "GET", "queryParams": [{"type": "Exact", "name": "beta", "value": "1"}]},
        {"method": "POST"},
    ]
