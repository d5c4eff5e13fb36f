"""A canary of a group against a cluster in memory: all gates, then all weights, and all or none has the new shares."""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any

import pytest

from components import Canary, CanaryMatch, ReleaseGroup, Route, RouteParent
from components.cluster import watch as limits
from components.rules.errors import LiveReleaseEdit, Moved, NotReady
from components.rules.facts import LiveService
from components.strategies.blue_green.route import RouteGate
from components.traffic import weighted_route
from contract.annotations import ROUTED
from contract.route_forms import form_of
from contract.route_kinds import weighed_rule
from contract.weights import shares
from cutover.strategies.registry import parse_service
from tests.components.fakes import START, FakeCluster, Recorder, make_pod, run_program
from tests.components.test_blue_green_service import BLUE, GREEN

Json = dict[str, Any]
NAMES = ("api", "db", "web")  # db has no route: the others call it
OWN = Route(parents=(RouteParent(name="gw"),))
ISTIO = Route(gateways=("edge/gateway",), hosts=("shop.example.com",))


class Group(FakeCluster):
    """A cluster with the three services, each on blue with both colors up, and a route of others for two."""

    def __init__(self) -> None:
        super().__init__()
        self.lives: dict[str, LiveService] = {}
        self.weighed = ["api", "web"]

    async def live_service(self, name: str) -> LiveService | None:
        return self.lives.get(name)

    async def annotate_service(self, name: str, key: str, value: str | None, *, version: str = "") -> bool:
        live = self.lives[name]
        kept = {k: v for k, v in live.annotations.items() if k != key}
        self.lives[name] = LiveService(live.selector, START, kept if value is None else {**kept, key: value})
        return True

    def deploy(self, group: ReleaseGroup, weight: int = 0) -> None:
        """What is there after an `up`, with so many percent on green."""
        for name, member in group.members.items():
            for slot in member.stages.releases:
                self.lives[slot.service] = LiveService(slot.selector, START, {})
                image = slot.release.image
                self.all_pods += [make_pod(f"{slot.service}-{n}", slot.selector, image) for n in range(2)]
            self.lives[name] = LiveService(member.stages.target.selector, START, {})
            self.routes[name] = route(name, weight)

    async def endpoints(self, service: str) -> list[Any]:
        self.live = self.lives[service]
        return await super().endpoints(service)

    def weights(self) -> dict[str, int]:
        """Service -> the share of its green."""
        return {one: int(self._now(one)) for one in self.weighed}

    def _now(self, name: str) -> float:
        ((_, found),) = shares(self.routes[name], [f"{name}-blue", f"{name}-green"], None)
        return found[f"{name}-green"]


def route(name: str, weight: int) -> Json:
    backends = [
        {"name": f"{name}-{color}", "port": 80, "weight": share}
        for color, share in (("blue", 100 - weight), ("green", weight))
    ]
    return {
        "metadata": {"name": name, "namespace": "ns", "generation": 1},
        "spec": {"rules": [{"backendRefs": backends}]},
    }


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Group:
    monkeypatch.setattr(limits, "VERIFY_SECONDS", 0.2)
    monkeypatch.setattr(limits, "POLL_SECONDS", 0.001)
    monkeypatch.setattr(weighted_route, "UNSEEN_SECONDS", 0.0)
    return Group()


def build(cluster: FakeCluster, weight: int | None, own: Route | None = None, **more: Any) -> ReleaseGroup:
    """The group as the config has it, whose members stand by with one pod."""
    made: list[ReleaseGroup] = []
    member = {"port": 8080, "blue": BLUE, "green": GREEN, "standby_replicas": 1, "gate_timeout_seconds": 1}

    def program() -> Any:
        routed = {name: {**member, "route": own or Route(http_route=name)} for name in NAMES}
        services = {**routed, "db": member}
        canary = None if weight is None else Canary(weight=weight, match=more.pop("match", ()))
        made.append(
            ReleaseGroup(
                "shop", namespace="ns", active="blue", services=services, cluster=cluster, canary=canary, **more
            )
        )
        return made[0].active

    run_program(program)
    cluster.asked.clear()
    return made[0]


def gates(group: ReleaseGroup) -> dict[str, RouteGate]:
    return {name: one.stages.gate.route for name, one in group.members.items() if one.stages.gate.route}


async def _step(gate: RouteGate) -> None:
    await gate.before()
    await gate.after()


def together(*works: Coroutine[Any, Any, None]) -> list[BaseException | None]:
    """What came of steps side by side, as the engine takes them."""

    async def run() -> list[BaseException | None]:
        return await asyncio.gather(*works, return_exceptions=True)

    return asyncio.run(run())


def step(group: ReleaseGroup) -> list[BaseException | None]:
    return together(*(_step(gate) for gate in gates(group).values()))


def test_all_idle_colors_are_up_before_a_share_and_all_have_lost_it_before_one_stops(
    recorder: Recorder, cluster: Group
) -> None:
    build(cluster, 10)
    order = [(one.type.rpartition(":")[2], one.name) for one in recorder.resources]
    idle = [order.index(("Deployment", f"{name}-green-2-0-0-b7")) for name in NAMES]
    assert max(idle) < min(order.index(("ConfigMap", f"{name}-route")) for name in cluster.weighed)
    sizes = {recorder.find("Deployment", f"{name}-green-2-0-0-b7")["spec"]["replicas"] for name in NAMES}
    assert sizes == {2}, "those that are called, too"
    recorder.resources.clear()
    build(cluster, None)
    order = [(one.type.rpartition(":")[2], one.name) for one in recorder.resources]
    idle = [order.index(("Deployment", f"{name}-green-2-0-0-b7")) for name in NAMES]
    assert max(order.index(("ConfigMap", f"{name}-route")) for name in cluster.weighed) < min(idle)


def test_the_weights_of_all_move(recorder: Recorder, cluster: Group) -> None:
    group = build(cluster, 10)
    cluster.deploy(group)
    assert step(group) == [None, None]
    assert cluster.weights() == {"api": 10, "web": 10}
    assert cluster.lives["web"].annotations[ROUTED] == "web-blue 90, web-green 10"


@pytest.mark.parametrize("broken", NAMES)
def test_a_gate_of_one_refuses_all(recorder: Recorder, cluster: Group, broken: str) -> None:
    group = build(cluster, 10)
    cluster.deploy(group)
    cluster.all_pods = [one for one in cluster.all_pods if not one.name.startswith(f"{broken}-green")]
    found = step(group)
    assert [type(one) for one in found] == [NotReady, NotReady]
    assert f"{broken}: green 2-0-0-b7 is not ready" in str(found[0])
    assert cluster.weights() == {"api": 0, "web": 0}


def test_a_move_that_fails_takes_the_others_back_to_the_shares_before(recorder: Recorder, cluster: Group) -> None:
    group = build(cluster, 50)
    cluster.deploy(group, weight=10)
    api, web = gates(group)["api"], gates(group)["web"]
    assert together(api.before(), web.before()) == [None, None]
    assert together(api.after()) == [None]
    assert cluster.weights() == {"api": 50, "web": 10}
    cluster.routes["web"] = route("web", 30)  # somebody else, between look and move
    (failed,) = together(web.after())
    assert isinstance(failed, Moved)
    assert "The routes of the group have the shares before" in str(failed)
    assert cluster.weights() == {"api": 10, "web": 30}, "what somebody else has set is not ours to take back"
    assert ROUTED not in cluster.lives["api"].annotations

    again = build(cluster, 50)  # the next run: nothing that the engine sees has changed
    together(*(gate.settle() for gate in gates(again).values()))
    assert cluster.weights() == {"api": 50, "web": 50}


def test_a_step_that_is_on_its_way_ends_when_another_fails(
    recorder: Recorder, cluster: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = build(cluster, 50)
    cluster.deploy(group)
    monkeypatch.setattr(weighted_route, "UNSEEN_SECONDS", 60.0)  # the one that moves waits for its gateway
    api, web = gates(group)["api"], gates(group)["web"]
    together(api.before(), web.before())

    async def fails() -> None:
        await asyncio.sleep(0.05)
        cluster.routes["web"] = route("web", 30)
        await web.after()

    found = together(api.after(), fails())
    assert [type(one) for one in found] == [Moved, Moved]
    assert cluster.weights()["api"] == 0
    (late,) = together(api.before())
    assert isinstance(late, Moved), "what begins after it begins nothing"


def test_on_the_way_back_a_failure_of_one_keeps_no_other_from_it(recorder: Recorder, cluster: Group) -> None:
    group = build(cluster, 0)
    cluster.deploy(group, weight=50)
    api, web = gates(group)["api"], gates(group)["web"]
    together(api.before(), web.before())
    cluster.routes["web"] = route("web", 30)
    found = together(web.after(), api.after())
    assert [type(one) for one in found] == [Moved, type(None)]
    assert cluster.weights() == {"api": 0, "web": 30}


def test_no_other_release_is_put_where_any_route_sends_a_share(recorder: Recorder, cluster: Group) -> None:
    group = build(cluster, 10)
    cluster.deploy(group)
    cluster.routes["web"] = route("web", 10)
    stages = group.members["db"].stages
    assert stages.idle is not None
    share = stages.gate.share
    assert share is not None
    asyncio.run(share.refuse_edit(stages.idle))
    cluster.lives["db-green"] = LiveService({"another": "release"}, START, {})
    with pytest.raises(LiveReleaseEdit, match="of the route web, and the config gives db-green another release"):
        asyncio.run(share.refuse_edit(stages.idle))


def exact(name: str, value: str) -> Json:
    return {"type": "Exact", "name": name, "value": value}


def test_a_header_keeps_a_call_on_its_color(recorder: Recorder, cluster: Group) -> None:
    build(cluster, 10, own=OWN, color_header="x-color", match=(CanaryMatch(header="x-canary", value="always"),))
    rules = recorder.find("HTTPRoute", "web")["spec"]["rules"]

    def given(backend: Mapping[str, Any]) -> Any:
        (one,) = backend["filters"]
        assert one["type"] == "RequestHeaderModifier"
        return one["requestHeaderModifier"]["set"]

    weights = {one["name"]: (one["weight"], given(one)) for one in rules[0]["backendRefs"]}
    assert weights == {
        "web-blue": (90, [{"name": "x-color", "value": "blue"}]),
        "web-green": (10, [{"name": "x-color", "value": "green"}]),
    }
    found = [(one["matches"], [each["name"] for each in one["backendRefs"]]) for one in rules[1:]]
    assert found == [
        ([{"headers": [exact("x-color", "blue")]}], ["web-blue"]),
        ([{"headers": [exact("x-color", "green")]}], ["web-green"]),
        ([{"headers": [exact("x-canary", "always")]}], ["web-green"]),
    ]
    assert given(rules[3]["backendRefs"][0]) == [{"name": "x-color", "value": "green"}]
    recorder.resources.clear()
    build(cluster, 0, own=OWN, color_header="x-color")
    (only,) = recorder.find("HTTPRoute", "web")["spec"]["rules"]
    assert [one.keys() for one in only["backendRefs"]] == [{"name", "port", "weight"}] * 2


@pytest.mark.parametrize(("own", "kind"), [(OWN, "HTTPRoute"), (ISTIO, "VirtualService")])
def test_the_route_says_in_words_what_the_file_does(recorder: Recorder, cluster: Group, own: Route, kind: str) -> None:
    """And the conditions of the header are seen in answers, as those of `match` are."""
    group = build(cluster, 10, own=own, color_header="x-color", match=(CanaryMatch(query="beta", value="1"),))
    versions = {"HTTPRoute": "gateway.networking.k8s.io/v1", "VirtualService": "networking.istio.io/v1"}
    made = {**recorder.find(kind, "web"), "apiVersion": versions[kind]}
    given = {"weight": 10, "match": [{"query": "beta", "value": "1"}]}
    keys = {"gateways": ["edge/gateway"]} if own is ISTIO else {"parents": [{"name": "gw"}]}
    view = parse_service("web", {"active": "blue", "route": keys, "canary": given, "color_header": "x-color"})
    assert tuple(form_of(made).matches_to(made, "web-green")) == view.matches == ("x-color: green", "?beta=1")
    ((_, found),) = shares(made, ["web-blue", "web-green"], weighed_rule(keys))
    assert found == {"web-blue": 90, "web-green": 10}
    assert gates(group).keys() == {"api", "web"}


def test_of_a_virtual_service_each_destination_sets_the_header(recorder: Recorder, cluster: Group) -> None:
    build(cluster, 10, own=ISTIO, color_header="x-color", match=(CanaryMatch(query="beta", value="1"),))
    entries = recorder.find("VirtualService", "web")["spec"]["http"]
    assert [one["name"] for one in entries] == ["stay-blue", "stay-green", "always", "shares"]
    assert entries[0]["match"] == [{"headers": {"x-color": {"exact": "blue"}}}]
    colors = [[each["headers"]["request"]["set"]["x-color"] for each in one["route"]] for one in entries]
    assert colors == [["blue"], ["green"], ["green"], ["blue", "green"]]
