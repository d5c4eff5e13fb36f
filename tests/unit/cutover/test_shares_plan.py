"""What a plan says of the shares of a route: what each color would get, what it has now, and what comes before."""

from typing import Any

import pytest

from contract.annotations import SHARES
from cutover.engine.records import Step
from cutover.observe.records import ServiceStatus
from cutover.operations.plan.planned import order_of, service_plan
from cutover.output.steps import line_of
from tests.unit.cutover.objects import blue_green, view
from tests.unit.cutover.test_observe_routes import ALWAYS, EXISTS, backends, condition, route, shop

Json = dict[str, Any]
URN = "urn:pulumi:dev::p::cutover:index:BlueGreenService$kubernetes:core/v1:{0}::{1}"
OF = "urn:pulumi:dev::p::cutover:index:BlueGreenService::shop"


def step(kind: str, name: str, old: Json, new: Json, moment: Any = "begins", op: str = "update") -> Step:
    return Step(moment, op, f"kubernetes:core/v1:{kind}", URN.format(kind, name), old=old, new=new, parent=OF)


def shares(text: str) -> Json:
    return {"metadata": {"annotations": {SHARES: text}}}


def switch() -> Step:
    old, new = ({"cutover.dev/color": color, "cutover.dev/revision": "1"} for color in ("blue", "green"))
    return step("Service", "shop", {"spec": {"selector": old}}, {"spec": {"selector": new}})


def planned(seen: ServiceStatus | None, *steps: Step, **config: Any) -> Json:
    stack = view(shop=blue_green(**{"route": EXISTS} | config))
    return service_plan(stack.services["shop"], seen, steps).to_json()


WEIGHTS = shares("public: shop-blue 90, shop-green 10")
MOVE = step("ConfigMap", "shop-route", shares("public: shop-blue 100, shop-green 0"), WEIGHTS)
NOW_0 = shop(route(backends(100, 0)), noted="shop-blue 100, shop-green 0", weight=0)
NOW_10 = shop(route(backends(90, 10)))


@pytest.mark.parametrize(
    ("seen", "steps", "config", "traffic", "gated"),
    [
        (NOW_0, [MOVE], {"canary": {"weight": 10}},
         "green gets 10 % (now 0 %) of the route public, after the gates", True),
        (NOW_10, [MOVE], {}, "green gets 0 % (now 10 %) of the route public", False),
        (NOW_10, [], {"canary": {"weight": 10}},
         "stays where it is: blue 90 %, green 10 % of the route public", False),
        (NOW_10, [switch(), MOVE], {"active": "green"},
         "switches blue 1 -> green 1, after the gates; green gets 100 % (now 10 %) of the route public", True),
        (shop(route(backends(1, 2))), [MOVE], {"canary": {"weight": 10}},
         "green gets 10 % (now 66.7 %) of the route public", False),
        (shop(route(backends(90, 10), conditions=[condition("Accepted")])), [MOVE], {"canary": {"weight": 50}},
         "green gets 50 % (now not known: Gateway edge/gw does not accept it (Why: so it is)) of the route public, "
         "after the gates", True),
    ],
)  # fmt: skip
def test_the_change_of_the_shares_in_words(
    seen: ServiceStatus, steps: list[Step], config: Json, traffic: str, gated: bool
) -> None:
    plan = planned(seen, *steps, **config)
    assert plan["traffic"] == traffic
    assert bool(plan["gates"]) is gated


def test_the_same_as_data_and_the_size_of_the_color_that_has_a_share() -> None:
    plan = planned(NOW_0, MOVE, canary={"weight": 10}, standby_replicas=0)
    assert plan["shares"] == {
        "route": "public",
        "wouldBe": {"blue": 90, "green": 10},
        "now": {"blue": 100, "green": 0},
        "unknown": "",
        "matches": [],
        "mirror": 0,
        "words": "green gets 10 % (now 0 %) of the route public",
    }
    assert plan["beside"] == "green 1.1.0 build 1, 2 pods"
    own = {"route": {"parents": [{"name": "gw"}]}, "canary": {"weight": 10, "match": [ALWAYS]}}
    assert planned(NOW_10, **own)["traffic"] == (
        "green gets 10 % (now 10 %) of the route shop; with x-canary: always only the canary"
    )
    assert planned(NOW_0, MOVE, standby_replicas=0)["beside"] == "green 1.1.0 build 1, 0 pods"


def test_copies_come_after_the_gates_and_need_the_full_size() -> None:
    copied: Json = {
        "route": {"parents": [{"name": "gw"}]},
        "canary": {"weight": 0, "mirror": 20},
        "standby_replicas": 0,
    }
    plan = planned(NOW_0, MOVE, **copied)
    assert plan["traffic"] == (
        "green gets 0 % (now 0 %) of the route shop; copies of 20 % to the canary, after the gates"
    )
    assert (plan["beside"], bool(plan["gates"])) == ("green 1.1.0 build 1, 2 pods", True)


def test_out_of_reach_nothing_is_claimed_and_without_a_route_nothing_said() -> None:
    plan = planned(None, MOVE, canary={"weight": 10})
    assert (plan["traffic"], plan["shares"]["now"]) == (f"{plan['shares']['words']}, after the gates", None)
    assert plan["shares"]["words"] == "green gets 10 % (now not known) of the route public"
    assert planned(NOW_0, route=None)["shares"] is None


def test_the_step_that_sets_the_shares_is_named_by_them() -> None:
    assert order_of([MOVE]) == ["set the shares of route public: shop-blue 90, shop-green 10"]
    told = [line_of(step("ConfigMap", "shop-route", {}, WEIGHTS, moment)) for moment in ("begins", "done")]
    assert told == [
        "shop: gates, then the shares public: shop-blue 90, shop-green 10",
        "shop: the shares public: shop-blue 90, shop-green 10 are set",
    ]
    other = step("ConfigMap", "shop-blue-1", {}, {"metadata": {"annotations": {}}})
    gone = step("ConfigMap", "shop-route", WEIGHTS, WEIGHTS, op="delete")
    assert order_of([other, gone]) == ["change ConfigMap shop-blue-1", "delete ConfigMap shop-route"]


@pytest.mark.parametrize(
    ("scaler", "weight", "would_be", "beside"),
    [
        ({"autoscale": {"min_replicas": 10, "max_replicas": 30}}, 25, "10 pods or more", "3 pods or more"),
        ({"autoscaler": {"spec": {"minReplicas": 4, "maxReplicas": 9}}}, 1, "4 pods or more", "2 pods or more"),
        (
            {"autoscaler": {"kind": "ScaledObject", "spec": {"minReplicaCount": 6}}},
            50,
            "6 pods or more",
            "3 pods or more",
        ),
        ({"autoscaler": {"kind": "ScaledObject", "spec": {"minReplicaCount": 6}}}, 0, "6 pods or more", "1 pod"),
        ({}, 50, "2 pods", "2 pods"),
    ],
)
def test_under_an_autoscaler_a_plan_says_the_fewest_pods(scaler: Json, weight: int, would_be: str, beside: str) -> None:
    given = {"replicas": None} if scaler else {}
    plan = planned(NOW_0, standby_replicas=1, canary={"weight": weight}, **given, **scaler)
    assert plan["wouldBe"].endswith(f", {would_be}")
    assert plan["beside"].endswith(f", {beside}")
