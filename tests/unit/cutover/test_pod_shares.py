"""A canary by pod labels in status and plan: what the endpoints have, beside the config, and nothing claimed beyond."""

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from components import BlueGreenSettings
from components.strategies.blue_green.pod_canary import canary_share
from contract.annotations import CANARY
from contract.labels import LIVE
from cutover.errors import ClusterUnreachable
from cutover.observe.connection import Api
from cutover.observe.endpoints import FROM_THE_CLUSTER, Reading, read_endpoints
from cutover.observe.facts import gather
from cutover.observe.goal import summary
from cutover.observe.judge import judge
from cutover.observe.pod_shares import judge_pod_shares, services_with_a_canary
from cutover.observe.records import ServiceStatus
from cutover.observe.tree import tree
from cutover.operations.plan.planned import order_of, service_plan
from cutover.output.steps import line_of
from tests.unit.cutover.objects import NOW, V1, V2, V3, blue_green, pod, view
from tests.unit.cutover.test_observe_labels import BLUE, GREEN, labeled, live, workload
from tests.unit.cutover.test_shares_plan import step

Json = dict[str, Any]
BOTH = {"shop-blue-0", "shop-blue-1"}
WORDS = "green 1 of 3 pods, 33.3 % of new connections"


def config(weight: int | None = 10, **changes: Any) -> Json:
    canary = {} if weight is None else {"canary": {"weight": weight}}
    return blue_green(workload="replica-set", cutover="labels", **canary, **changes)


def status(
    green: tuple[bool, ...], serving: Reading | None, given: Json | None = None, pods: list[Json] | None = None
) -> dict[str, ServiceStatus]:
    """Of a service whose blue pods are all attached; `green` are its other pods, by whether they are.
    Without `serving` its endpoints were not read.
    """
    stack = view(shop=config() if given is None else given)
    found = [*labeled("blue", V1, True, True), *(pods or labeled("green", V2, *green))]
    facts = gather([live()], [BLUE, GREEN], found, NOW)
    return judge_pod_shares(stack, facts, judge(stack, facts), {} if serving is None else {"shop": serving})


def shop(*given: Any, **more: Any) -> ServiceStatus:
    return status(*given, **more)["shop"]


def test_the_share_is_that_of_the_ready_endpoints() -> None:
    found = status((True, False), BOTH | {"shop-green-0"})
    seen = found["shop"]
    assert (seen.live_color, seen.state, seen.drift) == ("blue", "paused", ())
    assert seen.to_json()["canary"] == {
        "color": "green",
        "wanted": 1,
        "attached": 1,
        "serving": 1,
        "active": 2,
        "percent": 33.3,
        "unknown": "",
        "settled": True,
    }
    assert f"├─ canary  ✔ {WORDS}" in [line.text for line in tree("dev", "shop", found)]
    assert summary(seen).endswith(f"green preview 2/2, canary {WORDS}")


def test_what_is_attached_and_no_endpoint_yet_is_not_told_as_a_share() -> None:
    found = status((True, False), BOTH)
    told = "canary  ◌ green 0 of 2 pods, 0 % of new connections; 1 of 1 attached"
    assert f"├─ {told}" in [line.text for line in tree("dev", "shop", found)]
    assert found["shop"].drift == ()


def test_a_pod_that_died_is_drift_and_up_carries_it_on() -> None:
    seen = shop((True, False), BOTH | {"shop-green-0"}, config(50))
    assert str(seen.canary) == f"{WORDS}; 1 of 2 attached"
    assert seen.drift == (
        "shop green: pods attached as a canary: config 2, cluster 1; `cutover up --stack test` puts the config through",
    )
    assert seen.state == "progressing"


@pytest.mark.parametrize(("weight", "drift"), [(10, "config 1, cluster 2"), (0, "attached to the live Service")])
def test_more_than_the_config_gives_is_drift(weight: int, drift: str) -> None:
    seen = shop((True, True), BOTH | {"shop-green-0", "shop-green-1"}, config(weight))
    assert drift in seen.drift[0]
    assert (
        str(seen.canary)
        == f"green 2 of 4 pods, 50 % of new connections; 2 of {seen.canary and seen.canary.wanted} attached"
    )


def test_pods_of_another_revision_are_none_of_the_canary() -> None:
    old = pod("green", V3)
    old["metadata"]["labels"] |= {LIVE: "true"}
    seen = shop((), BOTH, pods=[old, *labeled("green", V2, False)])
    assert "pods attached as a canary: config 1, cluster 0" in seen.drift[0]


def test_what_the_endpoints_do_not_tell_is_not_known() -> None:
    seen = shop((True, False), "HTTP 403")
    assert str(seen.canary) == "green not known: HTTP 403; 1 of 1 attached"
    assert (seen.to_json()["canary"]["percent"], seen.to_json()["canary"]["serving"], seen.drift) == (None, None, ())


def test_a_template_that_is_attached_is_drift_all_the_same() -> None:
    stack = view(shop=config())
    found = [*labeled("blue", V1, True, True), *labeled("green", V2, True, False)]
    facts = gather([live()], [BLUE, workload("green", V2, attached=True)], found, NOW)
    assert (
        judge(stack, facts)["shop"].drift[0].startswith("shop-green: new pods: config not attached, cluster attached")
    )


@given(st.integers(0, 50), st.integers(1, 30), st.none() | st.integers(0, 30))
def test_program_and_driver_count_the_same_pods(weight: int, replicas: int, standby: int | None) -> None:
    sizes = {"replicas": replicas} | ({} if standby is None else {"standby_replicas": min(standby, replicas)})
    shop_config = config(weight, **sizes)
    try:
        made = BlueGreenSettings.model_validate(shop_config)
    except ValidationError:
        return
    seen = view(shop=shop_config).services["shop"]
    assert seen.canary_pods == canary_share("shop", made).pods
    assert seen.pods_wanted(seen.idle) == made.beside


class Slices:
    """An API server that has endpoints of one service."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def items(self, path: str, params: dict[str, str]) -> list[Any]:
        self.asked.append(f"{path} {params['labelSelector']}")
        if params["labelSelector"].endswith("=lost"):
            raise ClusterUnreachable("no good answer for 3 s", "check it")
        ready = [{"targetRef": {"name": "a"}}, {"targetRef": {"name": "b"}, "conditions": {"ready": False}}]
        return [{"metadata": {}, "endpoints": ready}, {"metadata": {}, "endpoints": None}]


def test_only_who_has_a_canary_is_asked_and_one_that_does_not_answer_ends_nothing() -> None:
    stack = view(shop=config(), lost=config(), none=config(None), by_route=blue_green(route={"http_route": "x"}))
    facts = gather([live()], [BLUE], labeled("blue", V1, True), NOW)
    facts |= {"lost": facts["shop"], "none": facts["shop"], "by_route": facts["shop"]}
    api = Slices()
    asked = services_with_a_canary(stack, facts)
    assert read_endpoints(cast("Api", api), "shop", asked) == {"shop": {"a"}, "lost": "no good answer for 3 s"}
    path = f"/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices {FROM_THE_CLUSTER},kubernetes.io/service-name="
    assert sorted(api.asked) == [f"{path}lost", f"{path}shop"]
    assert services_with_a_canary(stack, {}) == []
    assert read_endpoints(cast("Api", api), "shop", []) == {}


NOTED: Json = {"metadata": {"annotations": {CANARY: WORDS}}}
MOVE = step("ConfigMap", "shop-canary", {}, NOTED)


NONE, ONE = shop((False, False), None, config(None)), shop((True, False), BOTH | {"shop-green-0"})
HALF = "green gets 2 of 4 pods, 50 % of new connections"


@pytest.mark.parametrize(
    ("seen", "weight", "traffic", "gated"),
    [
        (NONE, 10, f"green gets {WORDS[6:]} (now 0 %), after the gates", True),
        (ONE, 10, f"stays where it is: green gets {WORDS[6:]}", False),
        (ONE, 50, f"{HALF} (now 33.3 %), after the gates", True),
        (ONE, 0, "green gets 0 of 2 pods, 0 % of new connections (now 33.3 %)", False),
        (shop((True, False), "HTTP 403"), 50, f"{HALF} (now not known), after the gates", True),
    ],
)
def test_a_plan_says_the_share_that_would_be_and_the_one_that_is(
    seen: ServiceStatus, weight: int, traffic: str, gated: bool
) -> None:
    plan = service_plan(view(shop=config(weight)).services["shop"], seen, [MOVE]).to_json()
    assert plan["traffic"] == traffic
    assert bool(plan["gates"]) is gated
    assert (plan["shares"], plan["canary"]["pods"]) == (None, {10: 1, 50: 2, 0: 0}[weight])


def test_the_color_beside_keeps_its_standby_and_without_a_canary_nothing_is_said() -> None:
    seen = shop((False, False), None, config(None))
    plan = service_plan(view(shop=config(10, standby_replicas=1)).services["shop"], seen, [MOVE]).to_json()
    assert plan["beside"] == "green 1.1.0 build 1, 1 pod"
    plan = service_plan(view(shop=config(None)).services["shop"], None, []).to_json()
    assert (plan["canary"], plan["traffic"]) == (None, "stays where it is")
    assert (
        service_plan(view(shop=config(10)).services["shop"], None, [])
        .to_json()["canary"]["words"]
        .endswith("(now not known)")
    )


def test_the_step_is_named_by_its_share() -> None:
    assert order_of([MOVE]) == [f"set the canary of shop: {WORDS}"]
    told = [line_of(step("ConfigMap", "shop-canary", {}, NOTED, moment)) for moment in ("begins", "done", "failed")]
    assert told == [
        f"shop: gates, then the canary: {WORDS}",
        f"shop: the canary is set: {WORDS}",
        f"shop: the canary is not carried through: {WORDS}",
    ]
