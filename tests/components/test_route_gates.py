"""The gates of a canary against a cluster in memory: who gets a share, what is moved, seen, noted, and taken back."""

import asyncio
import sys
from collections import Counter
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any

import pytest

from components import BlueGreenSettings
from components.checks.verify import VerifyAfter
from components.cluster import watch as limits
from components.cluster.watch import Watch
from components.manifests.content import Content
from components.releases.planned import PlannedRelease
from components.rules.errors import LiveReleaseEdit, Moved, NotReady, RouteUnfit, RouteUnseen, SwitchNotFollowed
from components.rules.facts import Endpoint, LiveService
from components.rules.labels import selector_labels
from components.settings import Release
from components.settings.release_checks import VerifyCommand
from components.strategies.blue_green.route import RouteGate
from components.traffic import weighted_route
from components.traffic.answers import ANY, Answers
from components.traffic.selector import SelectorRouter
from contract.annotations import ROUTED
from contract.matches import Match
from contract.route_kinds import RouteRef
from contract.weights import shares
from tests.components.fakes import START, FakeCluster, make_pod

Json = dict[str, Any]
OWN = ["shop-blue", "shop-green"]
EXISTS: Json = {"http_route": "public"}


def planned(color: Any, version: str) -> PlannedRelease:
    release = Release(version=version, build=1, image=f"shop:{version}")
    selector, own = selector_labels("shop", color=color, revision=release.id), f"shop-{color}"
    content = Content({}, {}, {})
    return PlannedRelease(color, release, release.id, 2, own, {}, selector, content, own, stop_seconds=1, scale=None)


BLUE, GREEN = planned("blue", "1.0.0"), planned("green", "2.0.0")


def public(blue: int, green: int) -> Json:
    backends = [{"name": name, "port": 80, "weight": w} for name, w in zip(OWN, (blue, green), strict=True)]
    rules = [{"backendRefs": [{"name": "cdn", "port": 80}]}, {"filters": ["theirs"], "backendRefs": backends}]
    return {"metadata": {"name": "public", "namespace": "ns", "generation": 1}, "spec": {"rules": rules}}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    return on_blue(monkeypatch)


def on_blue(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    """A cluster with both colors up and all of the route on blue; nothing in it is waited for long."""
    monkeypatch.setattr(limits, "VERIFY_SECONDS", 0.2)
    monkeypatch.setattr(limits, "POLL_SECONDS", 0.001)
    monkeypatch.setattr(weighted_route, "UNSEEN_SECONDS", 0.0)
    fake = FakeCluster()
    for one in (BLUE, GREEN):
        fake.all_pods += [make_pod(f"{one.color}-{n}", one.selector, one.release.image) for n in range(2)]
        fake.own[one.service] = LiveService(one.selector, START, {})
    fake.switch(BLUE.selector)
    fake.routes["public"] = public(100, 0)
    return fake


class Gate:
    """The gate of a service whose green is to get `weight`; `refuses` is what its own gate says."""

    def __init__(
        self,
        cluster: FakeCluster,
        said: list[str],
        weight: int,
        route: Json | None = None,
        match: Any = (),
        mirror: int = 0,
        colors: tuple[PlannedRelease, PlannedRelease] = (BLUE, GREEN),
        follows: VerifyAfter | None = None,
    ) -> None:
        target, idle = colors
        self.admitted = 0
        self.refuses: Exception | None = None
        releases = {one.color: {"version": one.release.version, "build": 1, "image": "a:1"} for one in colors}
        canary = {"weight": weight, "match": match, "mirror": mirror}
        given = {"active": target.color, "port": 80, "route": route or EXISTS, "canary": canary}
        settings = BlueGreenSettings.model_validate({**given, **releases})
        watch = Watch("shop", cluster, said.append)
        assert settings.route is not None
        self.route = RouteGate(
            watch, SelectorRouter(watch), settings, settings.route, target, idle, self._admit, follows
        )

    async def _admit(self) -> None:
        self.admitted += 1
        if self.refuses:
            raise self.refuses

    def step(self) -> None:
        run(self.route.before())
        run(self.route.after())


def run(gate: Coroutine[Any, Any, None]) -> None:
    asyncio.run(gate)


def now(cluster: FakeCluster) -> list[int]:
    ((_, found),) = shares(cluster.routes["public"], OWN, None)
    return [int(found[name]) for name in OWN]


def noted(cluster: FakeCluster) -> str | None:
    assert cluster.live is not None
    return cluster.live.annotations.get(ROUTED)


def test_a_step_passes_the_gate_moves_the_weights_and_is_noted(cluster: FakeCluster, said: list[str]) -> None:
    gate = Gate(cluster, said, 10)
    gate.step()
    assert (gate.admitted, now(cluster)) == (1, [90, 10])
    wanted = "shop-blue 90, shop-green 10"
    assert cluster.asked == [f"route public {wanted}", f"annotate {ROUTED}={wanted}"]
    rules, before = cluster.routes["public"]["spec"]["rules"], public(100, 0)["spec"]["rules"]
    assert (rules[0], rules[1]["filters"]) == (before[0], ["theirs"])
    gate.step()
    assert gate.admitted == 1, "who has the share is asked nothing"


def test_the_note_goes_before_anything_moves(cluster: FakeCluster, said: list[str]) -> None:
    Gate(cluster, said, 10).step()
    run(Gate(cluster, said, 50).route.before())
    assert (noted(cluster), now(cluster)) == (None, [90, 10])


def test_a_release_that_its_gate_refuses_gets_nothing(cluster: FakeCluster, said: list[str]) -> None:
    gate = Gate(cluster, said, 10)
    gate.refuses = NotReady("green is not ready", "users", "mend it")
    with pytest.raises(NotReady):
        gate.step()
    assert (now(cluster), cluster.asked) == ([100, 0], [])


def test_a_color_whose_service_has_no_endpoints_gets_nothing(cluster: FakeCluster, said: list[str]) -> None:
    cluster.serving = [Endpoint("green-0", ready=False)]
    with pytest.raises(NotReady, match="the Service shop-green is not ready to take a share"):
        Gate(cluster, said, 10).step()
    assert now(cluster) == [100, 0]
    cluster.serving = None
    Gate(cluster, said, 10).step()
    assert now(cluster) == [90, 10]


def test_the_way_back_asks_only_that_the_active_color_answers(cluster: FakeCluster, said: list[str]) -> None:
    cluster.routes["public"] = public(50, 50)
    cluster.all_pods = [pod for pod in cluster.all_pods if pod.name.startswith("blue")]
    gate = Gate(cluster, said, 0)
    gate.step()
    assert (gate.admitted, now(cluster)) == (0, [100, 0])
    cluster.routes["public"], cluster.all_pods = public(50, 50), []
    with pytest.raises(NotReady):
        Gate(cluster, said, 0).step()
    assert now(cluster) == [50, 50], "nobody is sent to a color without pods"


def test_a_second_writer_between_look_and_move_is_told_and_not_written_over(
    cluster: FakeCluster, said: list[str]
) -> None:
    gate = Gate(cluster, said, 10)
    run(gate.route.before())
    cluster.routes["public"] = public(30, 70)
    with pytest.raises(Moved, match="had shop-blue 100, shop-green 0 a moment ago and has shop-blue 30, shop-green 70"):
        run(gate.route.after())
    assert now(cluster) == [30, 70]
    run(Gate(cluster, said, 10).route.settle())  # that one writes no more: the next run sets the config's
    assert now(cluster) == [90, 10]


def test_what_else_changes_in_the_route_meanwhile_is_kept(cluster: FakeCluster, said: list[str]) -> None:
    def edit() -> None:
        changed = public(100, 0)
        changed["metadata"]["generation"] = 2
        changed["spec"]["hostnames"] = ["shop.example.com"]
        cluster.routes["public"] = changed

    gate = Gate(cluster, said, 10)
    run(gate.route.before())
    cluster.routes_in_the_way = [edit]
    run(gate.route.after())
    assert (now(cluster), cluster.routes["public"]["spec"]["hostnames"]) == ([90, 10], ["shop.example.com"])


def test_what_is_noted_as_seen_is_not_looked_at_again_and_a_foreign_share_is_taken_back(
    cluster: FakeCluster, said: list[str]
) -> None:
    gate = Gate(cluster, said, 10)
    gate.step()
    cluster.asked.clear()
    run(gate.route.settle())
    assert cluster.asked == []
    cluster.routes["public"] = public(30, 70)
    run(gate.route.settle())
    assert (now(cluster), gate.admitted) == ([90, 10], 1), "green gets less, so its gate is not asked"
    assert any("public has shop-blue 30, shop-green 70, which is not of this stack's making" in line for line in said)


def test_what_a_killed_run_left_is_carried_on_behind_the_gate(cluster: FakeCluster, said: list[str]) -> None:
    gate = Gate(cluster, said, 10)
    run(gate.route.settle())
    assert (now(cluster), noted(cluster), gate.admitted) == ([90, 10], "shop-blue 90, shop-green 10", 1)
    assert any("as an earlier run left it" in line for line in said)
    cluster.switch(GREEN.selector)
    cluster.asked.clear()
    run(Gate(cluster, said, 50).route.settle())
    assert cluster.asked == [], "the live Service does not send to what the config says: no time to move a route"


def test_a_color_that_has_a_share_is_given_no_other_release(cluster: FakeCluster, said: list[str]) -> None:
    gate, other = Gate(cluster, said, 10).route, planned("green", "3.0.0")
    run(gate.refuse_edit(other))
    cluster.routes["public"] = public(90, 10)
    run(gate.refuse_edit(GREEN))
    with pytest.raises(LiveReleaseEdit, match="green gets 10 % of the route public"):
        run(gate.refuse_edit(other))


def test_nor_in_the_edit_that_cuts_over_to_it(cluster: FakeCluster, said: list[str]) -> None:
    other = planned("green", "3.0.0")

    def to(target: PlannedRelease) -> RouteGate:
        return Gate(cluster, said, 0, colors=(target, BLUE)).route

    run(to(other).refuse_edit(other))
    cluster.routes["public"] = public(90, 10)
    run(to(GREEN).refuse_edit(GREEN))
    with pytest.raises(
        LiveReleaseEdit, match=r"green gets 10 % of the route public(?s:.)*cut over to the release that green has"
    ):
        run(to(other).refuse_edit(other))
    cluster.switch(GREEN.selector)
    run(to(other).refuse_edit(other))  # an edit of the release that serves has a check of its own


def test_a_route_that_is_not_there_is_named(cluster: FakeCluster, said: list[str]) -> None:
    del cluster.routes["public"]
    with pytest.raises(RouteUnfit, match="there is no such HTTPRoute"):
        Gate(cluster, said, 10).step()


def test_a_grpc_route_is_written_as_one_and_waited_for(
    cluster: FakeCluster, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    refs: list[str] = []
    patch_route = cluster.patch_route

    async def noted_patch(route: RouteRef, operations: Any) -> bool:
        refs.append(route.path("ns"))
        return await patch_route(route, operations)

    monkeypatch.setattr(cluster, "patch_route", noted_patch)
    grpc = {"grpc_route": "public"}
    Gate(cluster, said, 10, grpc).step()
    assert (now(cluster), noted(cluster)) == ([90, 10], "shop-blue 90, shop-green 10")
    assert refs == ["/apis/gateway.networking.k8s.io/v1/namespaces/ns/grpcroutes/public"]
    assert any("as `route.address` is not set: not seen" in line for line in said)
    del cluster.routes["public"]
    with pytest.raises(RouteUnfit, match="there is no such GRPCRoute") as caught:
        Gate(cluster, said, 20, grpc).step()
    assert "`route.grpc_route`" in str(caught.value)


def test_a_share_that_no_answer_shows_is_not_noted_and_the_next_run_looks_again(
    cluster: FakeCluster, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answered: dict[str, Mapping[str, int]] = {"now": {"shop-blue": 100}}

    async def count(_: Any, number: int, hosts: list[str]) -> Counter[str]:
        assert hosts == []
        return Counter({name: number * share // 100 for name, share in answered["now"].items()})

    monkeypatch.setattr(Answers, "count", count)
    asked = {**EXISTS, "address": "http://shop.example.com/version", "answer": '"{version}"'}
    with pytest.raises(RouteUnseen, match="requests were answered by shop-blue 100"):
        Gate(cluster, said, 50, asked).step()
    assert (now(cluster), noted(cluster)) == ([50, 50], None)
    answered["now"] = {"shop-blue": 50, "shop-green": 50}
    run(Gate(cluster, said, 50, asked).route.settle())
    assert noted(cluster) == "shop-blue 50, shop-green 50"
    assert any("answers: shop-blue" in line for line in said)


def test_a_step_that_the_user_s_own_check_does_not_follow_is_not_noted_and_the_next_run_asks_again(
    cluster: FakeCluster, said: list[str], tmp_path: Path
) -> None:
    program = f"import os; exit(not os.path.exists('{tmp_path / 'follows'}'))"
    follows = VerifyAfter(VerifyCommand(command=(sys.executable, "-c", program)), "shop", "ns", "http://shop")
    gate = Gate(cluster, said, 10, follows=follows)
    with pytest.raises(SwitchNotFollowed, match="blue 90 %, green 10 %"):
        gate.step()
    assert (now(cluster), noted(cluster)) == ([90, 10], None)
    (tmp_path / "follows").touch()
    run(Gate(cluster, said, 10, follows=follows).route.settle())
    assert noted(cluster) == "shop-blue 90, shop-green 10"


def test_a_route_that_was_just_made_is_asked_for_what_tells_its_shares_from_none(
    cluster: FakeCluster, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    async def count(_: Any, number: int, hosts: list[str]) -> Counter[str]:
        asked.append(number)
        return Counter({"shop-blue": number})

    monkeypatch.setattr(Answers, "count", count)
    cluster.routes = {}
    gate = Gate(cluster, said, 0, {"parents": [{"name": "gw"}], "address": "http://a/", "answer": '"{version}"'}).route
    run(gate.before())
    cluster.routes["shop"] = {**public(100, 0)}  # as the engine makes it
    cluster.routes["shop"]["spec"]["rules"] = cluster.routes["shop"]["spec"]["rules"][1:]
    run(gate.after())
    assert asked == [100], "green had nothing, and has nothing"


def test_a_header_is_seen_to_lead_to_the_idle_color_alone(
    cluster: FakeCluster, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    with_header = {"shop-blue": 1, "shop-green": 99}

    async def count(_: Any, number: int, hosts: list[str], condition: Match = ANY) -> Counter[str]:
        asked.append(str(condition))
        return Counter(with_header if condition != ANY else dict.fromkeys(OWN, number // 2))

    monkeypatch.setattr(Answers, "count", count)
    own = {"parents": [{"name": "gw"}], "address": "http://shop.example.com/version", "answer": '"{version}"'}
    made = public(50, 50)
    made["spec"]["rules"] = [made["spec"]["rules"][1], {"backendRefs": [{"name": "shop-green", "port": 80}]}]
    cluster.routes = {"shop": made}  # as the engine has made it
    conditions = [{"header": "x-canary", "value": "always"}, {"method": "POST"}]
    gate = Gate(cluster, said, 50, own, conditions).route
    with pytest.raises(RouteUnseen, match="100 requests with x-canary: always were answered by shop-blue 1, shop-gre"):
        run(gate.after())
    assert noted(cluster) is None
    with_header = {"shop-green": 100}
    run(gate.after())
    assert noted(cluster) == "shop-blue 50, shop-green 50", "the rule of the header counts for no share"
    assert "x-canary: always" in asked
    assert "POST" not in asked
    assert "shop: not asked for POST: such a request may change something, or its answer has no body" in said
    assert "shop: seen in 100 answers to x-canary: always: shop-green 100" in said


def test_shares_that_were_seen_are_proven_by_the_fewest_answers_when_only_a_match_changes(
    cluster: FakeCluster, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    async def count(_: Any, number: int, hosts: list[str], condition: Match = ANY) -> Counter[str]:
        asked.append(number)
        half = {"shop-blue": number // 2, "shop-green": number // 2}
        return Counter({"shop-green": number} if condition != ANY else half)

    monkeypatch.setattr(Answers, "count", count)
    own = {"parents": [{"name": "gw"}], "address": "http://shop.example.com/version", "answer": '"{version}"'}
    made = public(50, 50)
    made["spec"]["rules"] = made["spec"]["rules"][1:]
    cluster.routes = {"shop": made}
    Gate(cluster, said, 50, own).step()
    assert (asked, noted(cluster)) == ([1600], "shop-blue 50, shop-green 50"), "nothing tells that they were seen"
    asked.clear()
    Gate(cluster, said, 50, own, [{"header": "x-canary", "value": "always"}]).step()
    assert asked == [100, 100], "the shares, then the condition"
    cluster.routes["shop"]["spec"]["rules"][0]["backendRefs"][0]["weight"] = 60  # of another hand, since
    asked.clear()
    Gate(cluster, said, 50, own).step()
    assert asked == [1600], "what is not as it was seen is asked for whole"
