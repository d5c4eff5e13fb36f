"""A color that has a share of a route and no ready endpoint: its part of the requests fails, and the status says so."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.observe.endpoints import Reading
from cutover.observe.goal import degraded, summary, why_not
from cutover.observe.records import ServiceStatus
from cutover.observe.route_endpoints import judge_route_endpoints, services_with_a_share
from cutover.observe.tree import tree
from tests.unit.cutover.objects import blue_green, view
from tests.unit.cutover.test_observe_routes import EXISTS, backends, route, status

Json = dict[str, Any]
BLUE, GREEN = {"shop-blue-5", "shop-blue-6"}, {"shop-green-5", "shop-green-6"}
WHY = "route public: no ready endpoint of shop-green, which gets 10 % of it: these requests fail"
FIX = (
    "`cutover promote shop --weight 0 --stack test` takes its share back; "
    "`kubectl delete service shop-green -n shop` and `cutover up --stack test` make its Service anew"
)


def judged(
    blue: Reading | None = None, green: Reading | None = None, weight: int = 10, **more: Any
) -> dict[str, ServiceStatus]:
    """Of a service whose route gives green `weight`, with these endpoints of its colors; None where not read."""
    found = status(route(backends(100 - weight, weight)), weight=weight, **more)
    read = {name: one for name, one in (("shop-blue", blue), ("shop-green", green)) if one is not None}
    return judge_route_endpoints(view(shop=blue_green(route=EXISTS)), found, read)


def test_a_canary_that_lost_its_endpoints_is_degraded_with_what_ends_it() -> None:
    found = judged(BLUE, set())
    seen = found["shop"]
    assert (seen.state, seen.reason, seen.healthy) == ("degraded", WHY, False)
    assert seen.drift == (
        f"shop green: ready endpoints of shop-green: config there, for 10 % of the route, cluster none; {FIX}",
    )
    assert seen.to_json()["route"]["silent"] == ["shop-green"]
    told = "├─ route   public  ✖ blue 90 %, green 10 %; shop-green has no ready endpoint"
    assert told in [line.text for line in tree("dev", "shop", found)]
    assert summary(seen).startswith(f"shop: degraded ({WHY}); ")
    assert degraded(found) == f"shop: {WHY}"
    assert why_not("paused", found) == seen.drift[0]


@pytest.mark.parametrize("others", [set(), {"somebody-elses"}, BLUE])
def test_only_pods_of_the_color_answer_for_it(others: set[str]) -> None:
    assert judged(BLUE, others)["shop"].reason == WHY


def test_one_ready_endpoint_is_an_answer() -> None:
    seen = judged({"shop-blue-5"}, {"shop-green-6", "other"})["shop"]
    assert (seen.state, seen.drift) == ("paused", ())


def test_of_the_color_that_serves_nothing_is_taken_back() -> None:
    seen = judged(set(), GREEN)["shop"]
    assert seen.reason == "route public: no ready endpoint of shop-blue, which gets 90 % of it: these requests fail"
    assert seen.differences[0].settle == (
        "`kubectl delete service shop-blue -n shop` and `cutover up --stack test` make its Service anew"
    )


def test_where_no_pod_is_ready_its_service_is_not_at_fault() -> None:
    found = status(route(backends(90, 10)))
    colors = {name: replace(color, ready=0) for name, color in found["shop"].colors.items()}
    found = {"shop": replace(found["shop"], colors=colors)}
    seen = judge_route_endpoints(view(shop=blue_green(route=EXISTS)), found, {"shop-blue": set(), "shop-green": set()})
    blue, green = seen["shop"].differences
    assert blue.settle == "its pods have to get ready"
    assert green.settle.endswith("takes its share back; its pods have to get ready")


def test_where_both_are_lost_both_are_named() -> None:
    seen = judged(set(), set())["shop"]
    assert "shop-blue, which gets 90 % of it and shop-green, which gets 10 % of it" in seen.reason
    assert len(seen.differences) == 2


@pytest.mark.parametrize("reading", ["HTTP 403, no words", None])
def test_what_could_not_be_read_is_no_loss(reading: str | None) -> None:
    assert judged(reading, reading)["shop"].state == "paused"


@given(st.integers(0, 100))
def test_who_gets_nothing_is_not_asked_and_never_missed(weight: int) -> None:
    asked = services_with_a_share(status(route(backends(100 - weight, weight)), weight=weight))
    assert asked == [*(["shop-blue"] if weight < 100 else []), *(["shop-green"] if weight else [])]
    lost = judged(set(), set(), weight)["shop"].route
    assert lost is not None
    assert list(lost.silent) == asked


def test_the_shares_are_those_that_the_route_has_and_not_the_config_s() -> None:
    found = status(route(backends(0, 100)), weight=10)
    assert services_with_a_share(found) == ["shop-green"]
    seen = judge_route_endpoints(view(shop=blue_green(route=EXISTS)), found, {"shop-green": set()})["shop"]
    assert "shop-green, which gets 100 % of it" in seen.reason
    assert any("puts the config through" in one for one in seen.drift)
