"""The shares of a route in a status: as the cluster has them, beside the config, and nothing claimed that is not so."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.annotations import ROUTED
from contract.gateway_route import mirror_filter
from contract.route_kinds import GRPC, HTTP, RouteRef
from cutover.observe.facts import gather
from cutover.observe.goal import summary, why_not
from cutover.observe.judge import judge
from cutover.observe.records import ServiceStatus
from cutover.observe.routes import Reading, judge_routes
from cutover.observe.shares import percent
from cutover.observe.tree import tree
from tests.unit.cutover.objects import NOW, V1, V2, blue_green, deployment, pods, service, view

Json = dict[str, Any]
PARENT = {"name": "gw", "namespace": "edge"}
FINE = [{"type": kind, "status": "True", "observedGeneration": 4} for kind in ("Accepted", "ResolvedRefs")]
NOTED = "shop-blue 90, shop-green 10"
EXISTS = {"http_route": "public"}
PUBLIC = RouteRef(HTTP, "public")


def condition(kind: str, status: str = "False", generation: int = 4) -> Json:
    return {"type": kind, "status": status, "observedGeneration": generation, "reason": "Why", "message": "so\nit is"}


def backends(blue: int | None, green: int | None, **more: Any) -> Json:
    weighed = {"shop-blue": blue, "shop-green": green}
    return {"backendRefs": [{"name": n, "port": 80, "weight": w} for n, w in weighed.items() if w is not None], **more}


def route(*rules: Json, conditions: list[Json] | None = None, parents: list[Json] | None = None) -> Json:
    """A route that its gateway carries, unless the gateway's conditions are others."""
    said = [{"parentRef": PARENT, "controllerName": "x", "conditions": FINE if conditions is None else conditions}]
    return {
        "metadata": {"name": "public", "namespace": "shop", "generation": 4},
        "spec": {"parentRefs": [PARENT], "rules": list(rules)},
        "status": {"parents": said if parents is None else parents},
    }


def status(
    found: Json | Reading, *, noted: str | None = NOTED, weight: int = 10, **more: Any
) -> dict[str, ServiceStatus]:
    """Of a service whose green gets `weight`, with these shares noted as seen last."""
    stack = view(shop=blue_green(**{"route": EXISTS, "canary": {"weight": weight}} | more))
    live = service()
    live["metadata"]["annotations"] |= {ROUTED: noted} if noted else {}
    both = [deployment("blue", V1), deployment("green", V2, minutes=10)]
    facts = gather([live], both, [*pods("blue", V1), *pods("green", V2)], NOW)
    reading = found if isinstance(found, Reading) else Reading(found)
    return judge_routes(
        stack,
        facts,
        judge(stack, facts),
        dict.fromkeys((PUBLIC, RouteRef(HTTP, "shop"), RouteRef(GRPC, "public")), reading),
    )


def shop(found: Json | Reading, **more: Any) -> ServiceStatus:
    return status(found, **more)["shop"]


def test_the_shares_are_those_of_the_route() -> None:
    found = status(route(backends(90, 10), {"backendRefs": [{"name": "cdn", "port": 80}]}))
    seen = found["shop"]
    assert (seen.state, seen.drift) == ("paused", ())
    assert seen.to_json()["route"] == {
        "name": "public",
        "wanted": {"blue": 90, "green": 10},
        "shares": {"blue": 90, "green": 10},
        "rules": [{"rule": "0", "shares": {"blue": 90, "green": 10}}],
        "matches": [],
        "mirror": 0,
        "unknown": "",
        "settled": True,
        "silent": [],
    }
    assert "├─ route   public  ✔ blue 90 %, green 10 %" in [line.text for line in tree("dev", "shop", found)]
    assert summary(seen).endswith("green preview 2/2, route public: blue 90 %, green 10 %")


def test_it_is_the_share_that_counts_and_not_the_number() -> None:
    assert shop(route(backends(9, 1))).drift == ()
    assert shop(route(backends(900, 100), backends(9, 1, name="main"))).drift == ()


def test_what_somebody_else_has_set_is_degraded_with_what_sets_it_back() -> None:
    found = status(route(backends(30, 70)))
    seen = found["shop"]
    assert seen.state == "degraded"
    assert seen.reason == (
        "route public: somebody has set blue 30 %, green 70 %, and the config says blue 90 %, green 10 %; "
        "`cutover up --stack test` sets it back"
    )
    assert seen.drift == (
        "shop: shares of route public: config blue 90 %, green 10 %, cluster blue 30 %, green 70 %; "
        "`cutover up --stack test` puts the config through",
    )
    assert not seen.healthy
    assert "├─ route   public  ✖ blue 30 %, green 70 %" in [line.text for line in tree("dev", "shop", found)]


@pytest.mark.parametrize("noted", [None, "shop-blue 100, shop-green 0"])
def test_a_share_that_a_run_has_still_to_set_is_progress(noted: str | None) -> None:
    seen = shop(route(backends(100, 0)), noted=noted)
    assert (seen.state, len(seen.differences)) == ("progressing", 1)
    assert seen.differences[0].actual == "blue 100 %, green 0 %"


def test_what_is_set_and_was_not_seen_is_not_told_as_done() -> None:
    found = shop(route(backends(90, 10)), noted=None)
    assert (found.state, found.healthy) == ("progressing", False)
    assert why_not("healthy", {"shop": found}) == (
        "shop: shares of route public: config blue 90 %, green 10 %, seen in answers, cluster set, not seen yet; "
        "`cutover up --stack test` carries it on"
    )


def test_rules_that_differ_are_told_one_by_one() -> None:
    found = shop(route(backends(90, 10), backends(100, 0, name="api"), backends(0, 0)))
    assert str(found.route) == (
        "rule 0: blue 90 %, green 10 %; rule api: blue 100 %, green 0 %; rule 2: no weight for either color"
    )
    assert (found.state, found.to_json()["route"]["shares"]) == ("degraded", None)
    assert shop(route(backends(90, 10), backends(1, 0, name="api")), route=EXISTS | {"rule": 0}).drift == ()


@pytest.mark.parametrize(
    ("conditions", "why", "state"),
    [
        ([FINE[0], condition("ResolvedRefs")], "finds no way to what it sends to (Why: so it is)", "degraded"),
        ([condition("Accepted"), FINE[1]], "does not accept it (Why: so it is)", "degraded"),
        ([*FINE, condition("PartiallyInvalid", "True")], "carries only a part of it (Why: so it is)", "degraded"),
        ([condition("Accepted", "Unknown"), FINE[1]], "does not accept it (Why: so it is)", "progressing"),
        ([condition("Accepted", "True", 3), FINE[1]], "has read its generation 3, and 4 is there", "progressing"),
        ([condition("Accepted", "False", 3), FINE[1]], "has read its generation 3, and 4 is there", "progressing"),
        ([FINE[0]], "has not said ResolvedRefs of it", "progressing"),
    ],
)
def test_of_a_route_that_its_gateway_does_not_carry_no_share_is_claimed(
    conditions: list[Json], why: str, state: str
) -> None:
    seen = shop(route(backends(90, 10), conditions=conditions))
    assert seen.route
    assert seen.route.unknown == f"Gateway edge/gw {why}"
    assert (seen.route.shares, seen.state) == ((), state)
    assert "kubectl get httproute public -n shop -o yaml" in seen.drift[0]


def test_every_gateway_that_it_names_has_to_carry_it_and_no_other_counts() -> None:
    theirs = {"parentRef": {"name": "gone", "namespace": "edge"}, "conditions": [condition("Accepted")]}
    whole = route(backends(90, 10))
    whole["status"]["parents"].append(theirs)
    assert shop(whole).drift == ()
    whole["spec"]["parentRefs"] = [PARENT, {"name": "second", "sectionName": "https"}]
    assert "Gateway shop/second listener https has said nothing of it" in shop(whole).drift[0]
    assert "names no gateway" in shop({**whole, "spec": {"rules": [backends(90, 10)]}}).drift[0]
    assert "Gateway edge/gw has said nothing of it" in shop(route(backends(90, 10), parents=[])).drift[0]


@pytest.mark.parametrize(
    ("own", "fix"),
    [(False, "make it, or name another as `route.http_route`"), (True, "`pulumi up --refresh --stack test`")],
)
def test_a_route_that_is_gone_is_degraded(own: bool, fix: str) -> None:
    gone = Reading(None, "there is no HTTPRoute public", gone=True)
    seen = shop(gone, route={"parents": [PARENT]} if own else EXISTS)
    assert (seen.state, seen.differences[0].actual) == ("degraded", "not known: there is no HTTPRoute public")
    assert fix in seen.differences[0].settle
    assert shop(gone, noted=None).state == "progressing", "no run has set anything yet"


def test_a_route_without_a_place_for_the_shares() -> None:
    seen = shop(route(backends(1, None), backends(1, None), {"backendRefs": []}), weight=0)
    assert seen.route
    assert seen.route.one == {"blue": 100, "green": 0}
    seen = shop(route({"backendRefs": []}))
    assert (seen.state, seen.reason) == ("degraded", "route public: no rule of it names shop-blue and shop-green")
    assert "have a rule send to shop-blue and shop-green" in seen.drift[0]


ALWAYS = {"header": "x-canary", "value": "always"}


def with_header(value: str) -> Json:
    return {
        "matches": [{"headers": [{"type": "Exact", "name": "x-canary", "value": value}]}],
        "backendRefs": [{"name": "shop-green", "port": 80, "weight": 1}],
    }


def test_what_a_header_sends_to_the_canary_is_told_and_counts_for_no_share() -> None:
    own: Json = {"route": {"parents": [PARENT]}, "canary": {"weight": 10, "match": [ALWAYS]}}
    seen = shop(route(backends(90, 10), with_header("always")), **own)
    assert (str(seen.route), seen.drift) == ("blue 90 %, green 10 %; with x-canary: always only the canary", ())
    assert seen.to_json()["route"]["matches"] == ["x-canary: always"]
    (lost,) = shop(route(backends(90, 10)), **own).differences
    assert (lost.desired, lost.actual) == ("x-canary: always", "none")
    assert "`pulumi up --refresh --stack test`" in lost.settle
    (other,) = shop(route(backends(90, 10), with_header("never")), **own).differences
    assert other.actual == "x-canary: never"


def test_copies_are_told_behind_the_shares_and_others_than_the_config_s_are_drift() -> None:
    own: Json = {"route": {"parents": [PARENT]}, "canary": {"weight": 0, "mirror": 20}}
    noted = "shop-blue 100, shop-green 0"
    seen = shop(route(backends(100, 0, filters=[mirror_filter("shop-green", 80, 20)])), noted=noted, **own)
    assert (str(seen.route), seen.drift) == ("blue 100 %, green 0 %; copies of 20 % to the canary", ())
    assert seen.route is not None
    assert (seen.route.settled, seen.to_json()["route"]["mirror"]) == (True, 20)
    for filters, actual in (([], "0 %"), ([mirror_filter("shop-green", 80, 100)], "100 %")):
        (lost,) = shop(route(backends(100, 0, filters=filters)), noted=noted, **own).differences
        assert (lost.what, lost.desired, lost.actual) == ("shop: copies by route shop", "20 %", actual)
        assert "`pulumi up --refresh --stack test`" in lost.settle


def test_what_may_not_be_read_is_not_known_and_no_fault_of_the_service() -> None:
    seen = shop(Reading(None, "HTTP 403", "give the identity the Role"))
    assert (seen.state, seen.route and seen.route.shares) == ("progressing", ())
    assert seen.differences[0].actual == "not known: HTTP 403"
    assert seen.differences[0].settle == "give the identity the Role"


def test_without_a_route_and_before_the_first_deployment_there_is_nothing_to_say() -> None:
    assert shop(route(backends(90, 10)), route=None, canary=None).route is None
    stack = view(shop=blue_green(route=EXISTS))
    assert judge_routes(stack, {}, judge(stack, {}), {PUBLIC: Reading(None)})["shop"].route is None


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_little_is_never_told_as_nothing_nor_nearly_all_as_all(blue: int, green: int) -> None:
    found = shop(route(backends(blue, green)), weight=0, noted=None)
    assert found.route
    told = str(found.route)
    assert ("green 0 %" in told) == (green == 0 < blue)
    assert ("green 100 %" in told) == (blue == 0 < green)
    assert (found.drift != () and "not seen" in found.drift[0]) == (green == 0 < blue)


def test_a_share_in_words() -> None:
    assert [percent(one) for one in (0, 10, 100 / 3, 0.01, 99.99, 100)] == [
        "0 %", "10 %", "33.3 %", "under 0.1 %", "over 99.9 %", "100 %",
    ]  # fmt: skip
