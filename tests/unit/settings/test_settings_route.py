"""What a service with a route and a canary may be, and what is said where it may not."""

from typing import Any

import pytest

from components import BlueGreenSettings, ConfigError

Json = dict[str, Any]
BLUE: Json = {"version": "1.0.0", "build": 1, "image": "shop:1"}
GREEN: Json = {"version": "2.0.0", "build": 7, "image": "shop:2"}
ROUTE: Json = {"http_route": "public"}
OWN: Json = {"parents": [{"name": "gw"}]}
OWN_GRPC: Json = {**OWN, "kind": "GRPCRoute"}
ALWAYS: Json = {"header": "x-canary", "value": "always"}


def settings(**fields: Any) -> BlueGreenSettings:
    return BlueGreenSettings(**{"active": "blue", "port": 80, "blue": BLUE, "green": GREEN, "route": ROUTE, **fields})


def test_all_that_is_wrong_with_a_canary_is_said_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        settings(route=OWN, canary={"weight": 0, "match": [ALWAYS, ALWAYS]})
    assert [problem.path.partition(".")[2] for problem in caught.value.problems] == ["canary.match", "canary.match[1]"]
    found = settings(route=OWN, canary={"weight": 1, "match": [ALWAYS]}).matches
    assert [str(one.match) for one in found] == ["x-canary: always"]


def test_the_weight_is_that_of_the_idle_color() -> None:
    assert settings(canary={"weight": 10}).weight == 10
    assert settings().weight == 0
    assert settings(adopt_service=True, canary={"weight": 5}).weight == 5


@pytest.mark.parametrize(
    ("fields", "path", "what"),
    [
        ({"green": None, "canary": {"weight": 1}}, "canary.weight", "the idle color green has no release"),
        (
            {"green": {**GREEN, "rollback": "forbidden"}, "canary": {"weight": 1}},
            "canary.weight",
            "rollback: forbidden",
        ),
        (
            {"active": "green", "green": {**GREEN, "rollback": "forbidden"}, "canary": {"weight": 1}},
            "canary.weight",
            "green's release forbids a rollback past it",
        ),
        ({"canary": {"weight": 101}}, "canary.weight", "at most 100"),
        ({"cutover": "labels", "workload": "replica-set"}, "cutover", "cutover is set on a service with a route"),
        ({"canary": {"weight": 1, "match": [ALWAYS]}}, "canary.match", "for the HTTPRoute public, which exists"),
        ({"route": OWN, "canary": {"weight": 0, "match": [ALWAYS]}}, "canary.match", "match is given, and weight is 0"),
        (
            {"route": OWN, "canary": {"weight": 1, "match": [ALWAYS, {**ALWAYS, "header": "X-Canary"}]}},
            "canary.match[1]",
            "x-canary: always is there twice",
        ),
        ({"route": OWN, "canary": {"weight": 1, "match": [ALWAYS] * 9}}, "canary.match", "at most 8"),
        (
            {"route": OWN, "canary": {"weight": 1, "match": [{"header": "x canary", "value": "a"}]}},
            "canary.match[0].header",
            "x canary",
        ),
        (
            {"route": OWN, "canary": {"weight": 1, "match": [{"header": "x", "value": " a"}]}},
            "canary.match[0].value",
            "' a'",
        ),
        ({"canary": {"weight": 0, "mirror": 5}}, "canary.mirror", "for the HTTPRoute public, which exists"),
        ({"route": None, "canary": {"weight": 0, "mirror": 5}}, "canary.mirror", "for a service without a route"),
        ({"route": OWN, "canary": {"weight": 0, "mirror": 101}}, "canary.mirror", "at most 100"),
        ({"route": OWN, "canary": {"weight": 10, "mirror": 5}}, "canary.mirror", "mirror is 5, and weight is 10"),
        ({"route": OWN, "green": None, "canary": {"weight": 0, "mirror": 5}}, "canary.mirror", "has no release"),
        (
            {"route": OWN, "green": {**GREEN, "rollback": "forbidden"}, "canary": {"weight": 0, "mirror": 5}},
            "canary.mirror",
            "rollback: forbidden",
        ),
        (
            {"route": {}},
            "route.http_route",
            "none of http_route, grpc_route, virtual_service, parents, gateways is given",
        ),
        ({"route": {**ROUTE, "hosts": ["a.b"]}}, "route.hosts", "for a route that exists"),
        ({"route": {"parents": [{"name": "gw"}], "rule": 0}}, "route.rule", "for a route of the service itself"),
        *(
            ({"route": {**ROUTE, "rule": rule}}, "route.rule", f"rule is {said}, neither the name nor the number")
            for rule, said in ((-1, "-1"), (True, "true"), (1.5, "1.5"), ([0], "a list"))
        ),
        ({"route": {**ROUTE, "answer": "{version}"}}, "route.answer", "given without address"),
        ({"route": {**ROUTE, "grpc_route": "b"}}, "route.http_route", "http_route and grpc_route are given"),
        ({"route": {"grpc_route": "b", "address": "http://a/"}}, "route.address", "given for the GRPCRoute b"),
        ({"route": {"grpc_route": "b", "kind": "GRPCRoute"}}, "route.kind", "no parents are given"),
        ({"route": {**OWN_GRPC, "path": "/a"}}, "route.path", "path is /a, and kind is GRPCRoute"),
        ({"route": {**OWN_GRPC, "address": "http://a/"}}, "route.address", "the GRPCRoute of the service itself"),
        (
            {"route": OWN_GRPC, "canary": {"weight": 1, "match": [ALWAYS, {"cookie": "a", "value": "b"}]}},
            "canary.match[1].cookie",
            "cookie is given, and the route is a GRPCRoute",
        ),
        (
            {"route": OWN_GRPC, "canary": {"weight": 1, "match": [{**ALWAYS, "method": "GET"}]}},
            "canary.match[0].method",
            "method is given, and the route is a GRPCRoute",
        ),
        (
            {"route": OWN, "canary": {"weight": 1, "match": [ALWAYS, {"grpc": "shop.Orders/Get"}]}},
            "canary.match[1].grpc",
            "grpc is given, and the route is the HTTPRoute of the service itself",
        ),
        (
            {"route": OWN_GRPC, "canary": {"weight": 1, "match": [{"grpc": "/shop.Orders/Get"}]}},
            "canary.match[0].grpc",
            "/shop.Orders/Get",
        ),
        (
            {"route": OWN_GRPC, "canary": {"weight": 1, "match": [{"grpc": "shop.Orders", "value": "a"}]}},
            "canary.match[0].value",
            "given without header",
        ),
        (
            {
                "route": ROUTE,
                "adopt_service": True,
                "blue": {**BLUE, "adopt": {"deployment": "old", "selector": {"app": "old"}}},
            },
            "blue.adopt",
            "adopt is set on a service with a route",
        ),
        ({"route": {"gateways": ["edge/gw"]}}, "route.hosts", "gateways are given without hosts"),
        ({"route": {"gateways": ["a/b/c"], "hosts": ["a.b"]}}, "route.gateways[0]", "a/b/c"),
        (
            {"route": {**OWN, "gateways": ["gw"], "hosts": ["a.b"]}},
            "route.http_route",
            "parents and gateways are given",
        ),
        ({"route": {"gateways": ["gw"], "hosts": ["a.b"], "rule": "a"}}, "route.rule", "of the service itself"),
        ({"route": {**ROUTE, "virtual_service": "b"}}, "route.http_route", "http_route and virtual_service are given"),
        (
            {"route": {"virtual_service": "b", "hosts": ["a.b"]}},
            "route.hosts",
            "hosts is given for a route that exists",
        ),
        (
            {"route": {"virtual_service": "b"}, "canary": {"weight": 1, "match": [ALWAYS]}},
            "canary.match",
            "match is given for the VirtualService b, which exists",
        ),
        ({"route": {"grpc_route": "b", "path": "/a"}}, "route.path", "path is given for a route that exists"),
        (
            {"route": {"grpc_route": "b"}, "canary": {"weight": 0, "mirror": 5}},
            "canary.mirror",
            "mirror is given for the GRPCRoute b, which exists",
        ),
        ({"route": {**ROUTE, "address": "shop"}}, "route.address", "no address to ask"),
        ({"route": {**ROUTE, "address": "HTTP://a/"}}, "route.address", "not in lower case"),
        ({"route": {**ROUTE, "address": "http://a:99999/"}}, "route.address", "its port is no number up to 65535"),
        ({"route": {**ROUTE, "address": "http://a/", "answer": "ok"}}, "route.answer", "the same for every release"),
        (
            {"route": {**ROUTE, "address": "http://a/"}, "green": {**GREEN, "version": "11.0.0"}},
            "route.answer",
            "one holds the other",
        ),
    ],
)
def test_what_would_move_nobody_or_the_wrong_ones_is_refused(fields: Json, path: str, what: str) -> None:
    with pytest.raises(ConfigError) as caught:
        settings(**fields)
    found = {problem.path.partition(".")[2]: problem.what for problem in caught.value.problems}
    assert what in found[path]


@pytest.mark.parametrize(
    ("fewest", "most", "weight", "standby", "pods"),
    [
        (2, 9, 1, 0, 2),  # never one alone
        (10, 30, 25, 0, 3),
        (10, 30, 100, 0, 10),
        (10, 30, 10, 4, 4),  # what stands by stays
        (1, 1, 10, 0, 1),  # never more than the autoscaler may have
        (4, 9, 0, 3, 3),
    ],
)
def test_under_an_autoscaler_the_share_says_how_many_pods(
    fewest: int, most: int, weight: int, standby: int, pods: int
) -> None:
    scaler = {"spec": {"minReplicas": fewest, "maxReplicas": most}}
    found = settings(autoscaler=scaler, standby_replicas=standby, canary={"weight": weight})
    assert (found.beside, found.scaled_beside) == (pods, weight > 0)
