"""A canary by replicas in status and plan, and taken back past the engine: what selector and endpoints have."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from components import BlueGreenSettings
from contract.annotations import COMPLETED, SERVES, SWITCHED
from contract.both_colors import BOTH, switched_note
from contract.labels import COLOR, INSTANCE, REVISION
from contract.ownership import SWITCH_MANAGER
from cutover.errors import DriverError, GateRefused, TimedOut
from cutover.observe.endpoints import Reading
from cutover.observe.facts import gather
from cutover.observe.judge import judge
from cutover.observe.pod_shares import judge_pod_shares
from cutover.observe.records import ServiceStatus
from cutover.operations.plan.planned import service_plan
from cutover.operations.traffic import both_now, share_now
from tests.unit.cutover.objects import NOW, V1, V2, ago, blue_green, deployment, pod, service, view
from tests.unit.cutover.test_pod_shares import MOVE

Json = dict[str, Any]
BLUES = {"shop-blue-0", "shop-blue-1"}
WORDS = "green 1 of 3 pods, 33.3 % of new connections"


def config(weight: int | None = 10, **changes: Any) -> Json:
    return blue_green(**({} if weight is None else {"canary": {"weight": weight}}), **changes)


def live(*, both: bool, switched: float = 30, color: str = "blue") -> Json:
    """A live Service whose last cutover is long ago, and whose selector was `switched` for a canary since."""
    made = service(color=color, release=V1 if color == "blue" else V2, switched=switched)
    notes = made["metadata"]["annotations"]
    notes[SWITCHED] = switched_note("blue", "1-0-0-b1", NOW - timedelta(minutes=80))
    if both:
        notes[SERVES] = "blue/1-0-0-b1"
        made["spec"]["selector"] = {INSTANCE: "shop", **BOTH}
    return made


def pods(color: str, release: Json, number: int) -> list[Json]:
    return [pod(color, release, minutes=one) for one in range(number)]


def status(
    greens: int, serving: Reading | None, given: Json | None = None, *, both: bool = True, found: Json | None = None
) -> ServiceStatus:
    """Of a service whose two blue pods serve; without `serving` its endpoints were not read."""
    stack = view(shop=config() if given is None else given)
    workloads = [deployment("blue", V1), deployment("green", V2, replicas=greens, minutes=40)]
    facts = gather([found or live(both=both)], workloads, [*pods("blue", V1, 2), *pods("green", V2, greens)], NOW)
    readings = {} if serving is None else {"shop": serving}
    return judge_pod_shares(stack, facts, judge(stack, facts), readings)["shop"]


def test_the_note_says_which_color_is_live_and_the_endpoints_what_the_other_has() -> None:
    seen = status(1, BLUES | {"shop-green-0"})
    assert (seen.live_color, seen.live_revision, seen.completed, seen.state) == ("blue", "1-0-0-b1", True, "paused")
    assert (seen.drift, str(seen.canary), seen.colors["green"].role) == ((), WORDS, "preview")
    assert seen.since == NOW - timedelta(minutes=80)


def test_what_had_a_share_and_lost_it_has_not_served_and_is_no_way_back() -> None:
    seen = status(2, None, config(None), both=False)
    assert (seen.state, seen.colors["green"].role, seen.drift) == ("paused", "preview", ())


def test_after_a_cutover_the_note_of_a_canary_before_says_nothing() -> None:
    seen = status(2, None, config(None, active="green"), found=live(both=False, color="green"))
    assert (seen.since, seen.colors["blue"].role) == (NOW - timedelta(minutes=30), "standby")


@pytest.mark.parametrize(
    ("greens", "given", "both", "drift"),
    [
        (1, config(10), False, "shop green: pods attached as a canary: config 1, cluster 0"),
        (2, config(10), True, "shop green: pods: config 1, cluster 2"),
        (1, config(None), True, "shop green: pods: config 2, cluster 1"),
        (2, config(None), True, "shop green: pods attached as a canary: config 0, cluster 2"),
    ],
)
def test_what_is_not_as_the_config_says_is_drift(greens: int, given: Json, both: bool, drift: str) -> None:
    serving = BLUES | ({f"shop-green-{number}" for number in range(greens)} if both else set())
    seen = status(greens, serving, given, both=both)
    assert any(one.startswith(drift) for one in seen.drift), seen.drift


def test_a_selector_of_both_is_none_where_no_note_says_who_serves() -> None:
    unknown = live(both=True)
    del unknown["metadata"]["annotations"][SERVES]
    seen = status(1, None, found=unknown)
    assert seen.live_color is None
    assert "selector of the live Service" in seen.drift[0]


@given(st.integers(0, 50), st.integers(1, 30), st.none() | st.integers(0, 30))
def test_program_and_driver_count_the_same_pods(weight: int, replicas: int, standby: int | None) -> None:
    sizes = {"replicas": replicas} | ({} if standby is None else {"standby_replicas": min(standby, replicas)})
    shop = config(weight, **sizes)
    try:
        made = BlueGreenSettings.model_validate(shop)
    except ValidationError:
        return
    seen = view(shop=shop).services["shop"]
    assert seen.pods_wanted(seen.idle) == made.beside
    assert seen.by_replicas


@pytest.mark.parametrize(
    ("seen", "weight", "traffic", "gated", "beside"),
    [
        (
            status(2, BLUES, config(None), both=False),
            10,
            f"green gets {WORDS[6:]} (now 0 %), after the gates",
            True,
            "1 pod",
        ),
        (status(1, BLUES | {"shop-green-0"}), 10, f"stays where it is: green gets {WORDS[6:]}", False, "1 pod"),
        (
            status(1, BLUES | {"shop-green-0"}),
            50,
            "green gets 2 of 4 pods, 50 % of new connections (now 33.3 %), after the gates",
            True,
            "2 pods",
        ),
        (
            status(1, BLUES | {"shop-green-0"}),
            0,
            "green gets 0 of 2 pods, 0 % of new connections (now 33.3 %)",
            False,
            "2 pods",
        ),
    ],
)
def test_a_plan_says_the_share_that_would_be_and_the_one_that_is(
    seen: ServiceStatus, weight: int, traffic: str, gated: bool, beside: str
) -> None:
    plan = service_plan(view(shop=config(weight)).services["shop"], seen, [MOVE]).to_json()
    assert plan["traffic"] == traffic
    assert (bool(plan["gates"]), plan["beside"]) == (gated, f"green 1.1.0 build 1, {beside}")


def test_who_can_have_no_share_is_not_told_of_one() -> None:
    for one in (config(port=None), blue_green(route={"http_route": "x"}, canary={"weight": 10})):
        seen = view(shop=one).services["shop"]
        assert (seen.canary_pods, seen.by_replicas) == (0, False)


class FakeApi:
    """A live Service of both colors, with two pods of blue and one of green."""

    server = "https://c"

    def __init__(self) -> None:
        self.live = live(both=True)
        self.ready = True
        self.follows = True  # whether the endpoints are what the selector says
        self.conflicts = 0  # how often the Service changes right before it is written
        self.done: list[Json] = []

    def json(self, method: str, path: str, **_: Any) -> Json:
        assert (method, path) == ("GET", "/api/v1/namespaces/shop/services/shop")
        return self.live

    def items(self, path: str, params: Json) -> list[Json]:
        kind = path.rpartition("/")[2]
        every = [*pods("blue", V1, 2), *pods("green", V2, 1)]
        if kind == "endpointslices":
            color = self.live["spec"]["selector"].get(COLOR) if self.follows else None
            found = [one for one in every if color in (None, one["metadata"]["labels"][COLOR])]
            names = [one["metadata"]["name"] for one in found if self.ready or "green" in one["metadata"]["name"]]
            return [{"metadata": {}, "endpoints": [{"targetRef": {"name": name}} for name in names]}]
        lists = {
            "services": [self.live],
            "deployments": [deployment("blue", V1), deployment("green", V2, replicas=1)],
            "pods": every,
        }
        return lists.get(kind, [])

    def patch(self, path: str, body: Json, meta: Json, *, manager: str) -> bool:
        assert (path, manager) == ("/api/v1/namespaces/shop/services/shop", SWITCH_MANAGER)
        if self.conflicts:
            self.conflicts -= 1
            return False
        assert meta is self.live["metadata"]
        self.done.append(body)
        selector = {**self.live["spec"]["selector"], **body["spec"]["selector"]}
        self.live["spec"]["selector"] = {key: value for key, value in selector.items() if value is not None}
        del self.live["metadata"]["annotations"][SERVES]
        return True


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> FakeApi:
    monkeypatch.setattr(share_now, "VERIFY_SECONDS", 0.1)
    monkeypatch.setattr(share_now, "POLL_SECONDS", 0.001)
    return FakeApi()


def narrow(api: Any) -> bool:
    stack = view(shop=config())
    return both_now.narrow(api, stack, stack.services["shop"])


def test_the_service_sends_to_the_active_color_alone_by_one_write(api: FakeApi) -> None:
    api.conflicts = 1
    assert narrow(api)
    assert api.live["spec"]["selector"] == {INSTANCE: "shop", COLOR: "blue", REVISION: "1-0-0-b1"}
    assert api.done[0]["metadata"]["annotations"] == {SERVES: None, COMPLETED: None}
    assert not narrow(api), "what is so already is not written again"


def test_nobody_is_sent_to_a_color_that_does_not_answer(api: FakeApi) -> None:
    api.ready = False
    with pytest.raises(GateRefused, match="shop: no pod of blue gets new connections"):
        narrow(api)
    assert api.done == []


def test_it_is_not_told_as_done_while_the_endpoints_do_not_follow(api: FakeApi) -> None:
    api.follows = False
    with pytest.raises(TimedOut, match="it was to send to blue alone, green 1 of 3 pods"):
        narrow(api)


def test_a_service_that_changes_all_the_time_ends_it(api: FakeApi) -> None:
    api.conflicts = 1000
    with pytest.raises(DriverError, match="changed 20 times"):
        narrow(api)


def test_the_time_of_a_canary_is_not_that_of_the_cutover() -> None:
    assert live(both=True, switched=1)["metadata"]["managedFields"][0]["time"] == ago(1)
    assert status(1, None, found=live(both=True, switched=1)).since == NOW - timedelta(minutes=80)
