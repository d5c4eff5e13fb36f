"""The gates of a canary by replicas, in memory: when both colors get traffic, what is never let in, the way back."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from components import BlueGreenSettings
from components.cluster import watch as limits
from components.cluster.watch import Watch
from components.manifests.content import Content
from components.releases.planned import PlannedRelease
from components.rules.errors import LiveReleaseEdit, Moved, NotReady, ShareUnverified
from components.rules.facts import Endpoint, LiveService, Workload
from components.rules.labels import both_selector, selector_labels
from components.settings import Release
from components.strategies.blue_green.replica_canary import Gates, ReplicaCanary
from components.strategies.cutover import Cutover
from components.traffic.replicas import ReplicaRouter
from contract.annotations import COMPLETED, SERVES, SWITCHED
from contract.attachment import selects
from contract.labels import COLOR
from tests.components.fakes import START, FakeCluster, make_pod

BOTH = both_selector("shop")
MARKS = {key: value for key, value in BOTH.items() if key not in selector_labels("shop")}


def planned(color: Any, version: str, replicas: int) -> PlannedRelease:
    release = Release(version=version, build=1, image=f"shop:{version}")
    selector = selector_labels("shop", color=color, revision=release.id)
    content = Content({}, {}, {})
    return PlannedRelease(
        color, release, release.id, replicas, f"shop-{release.id}", {}, selector, content, color, 0, scale=None
    )


BLUE, GREEN, NEWER = planned("blue", "1.0.0", 3), planned("green", "2.0.0", 1), planned("green", "3.0.0", 1)
ALONE = f"select {dict(BLUE.selector)}"


def pods_of(slot: PlannedRelease, number: int, name: str = "") -> list[Any]:
    image = slot.release.image
    return [make_pod(f"{name or slot.color}-{n}", {**slot.selector, **MARKS}, image) for n in range(number)]


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    """Blue has the traffic with three pods; green has one, beside a pod of a chart of the same name."""
    monkeypatch.setattr(limits, "VERIFY_SECONDS", 0.1)
    monkeypatch.setattr(limits, "POLL_SECONDS", 0.001)
    fake = FakeCluster()
    fake.all_pods = [*pods_of(BLUE, 3), *pods_of(GREEN, 1)]
    fake.all_pods.append(make_pod("shop-redis-0", selector_labels("shop") | {"app.kubernetes.io/managed-by": "Helm"}))
    fake.live = LiveService(dict(BLUE.selector), START, {COMPLETED: BLUE.revision})
    return fake


class Gate:
    """The canary of a service whose green is to get `weight`; `refuses` is what green's own gate says."""

    def __init__(
        self,
        cluster: FakeCluster,
        said: list[str],
        weight: int = 10,
        idle: PlannedRelease | None = GREEN,
        active: PlannedRelease = BLUE,
        recycle: bool = False,
    ) -> None:
        self.admitted: list[tuple[str, int]] = []
        self.refuses: Exception | None = None
        releases = {one.color: {"version": one.release.version, "build": 1, "image": "a:1"} for one in (BLUE, GREEN)}
        fields = {"replicas": 3, "canary": {"weight": weight}, "recycle": recycle, "active": active.color, "port": 80}
        settings = BlueGreenSettings.model_validate(fields | releases)
        watch = Watch("shop", cluster, said.append)
        self.router = ReplicaRouter(watch, idle.view if idle else None, shared=weight > 0)
        gates = Gates(self._let_in, self._grow, self._restore)
        self.canary = ReplicaCanary(watch, self.router, settings, active, idle, gates)
        self.cutover = Cutover(watch, self.router)
        self.active, self.idle = active, idle

    async def _let_in(self) -> None:
        assert self.idle
        await self._grow(self.idle)

    async def _grow(self, slot: PlannedRelease) -> None:
        self.admitted.append((slot.color, slot.replicas))
        if self.refuses:
            raise self.refuses

    async def _restore(self) -> None:
        await self.canary.take_back()
        await self.cutover.restore(self.active.view, timeout_seconds=0.1, checks=())

    def step(self) -> None:
        run(self.canary.before())
        run(self.canary.after())


def run(gate: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(gate)


def live(cluster: FakeCluster) -> LiveService:
    assert cluster.live is not None
    return cluster.live


def wide(cluster: FakeCluster) -> bool:
    return live(cluster).selector == BOTH


def widened(cluster: FakeCluster, said: list[str]) -> None:
    Gate(cluster, said).step()
    cluster.asked.clear()
    said.clear()


def test_a_share_passes_the_gate_and_both_colors_get_traffic_in_one_write(
    cluster: FakeCluster, said: list[str]
) -> None:
    gate = Gate(cluster, said)
    gate.step()
    assert gate.admitted == [("green", 1)]
    assert (cluster.asked, said[-1]) == ([f"select {BOTH}"], "shop: green has 1 of 4 pods, 25 % of new connections")
    notes = live(cluster).annotations
    assert notes[SERVES] == "blue/1-0-0-b1"
    assert notes[SWITCHED] == "blue/1-0-0-b1 2026-01-01T00:00:00+00:00"
    assert live(cluster).left_at == START, "a canary is no switch, whatever the time of the selector"
    gate.step()
    assert len(gate.admitted) == len(cluster.asked) == 1, "who has its share is asked nothing, and written nothing"
    assert run(gate.router.serves(live(cluster), BLUE.view))
    assert not run(gate.router.serves(live(cluster), GREEN.view))


def test_a_release_that_its_gate_refuses_gets_nothing(cluster: FakeCluster, said: list[str]) -> None:
    gate = Gate(cluster, said)
    gate.refuses = NotReady("green is not ready", "users", "mend it")
    with pytest.raises(NotReady):
        gate.step()
    assert (wide(cluster), cluster.asked) == (False, [])


def test_a_pod_of_a_third_release_keeps_the_selector_as_it_is(cluster: FakeCluster, said: list[str]) -> None:
    cluster.all_pods += pods_of(NEWER, 1, "stray")
    with pytest.raises(NotReady, match="pods of neither release are there: stray-0"):
        Gate(cluster, said).step()
    assert not wide(cluster)


def test_what_an_edit_takes_out_of_the_config_is_stopped_before(
    cluster: FakeCluster, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine deletes it at the very end of this run."""
    cluster.all_pods += pods_of(NEWER, 2, "old")
    cluster.all_workloads = [Workload("deployments", "shop-old", {**NEWER.selector}, 2, 0, 0)]

    async def scale(kind: str, name: str, replicas: int, *, version: str = "") -> bool:
        cluster.asked.append(f"scale {kind}/{name} to {replicas}")
        cluster.all_pods = [pod for pod in cluster.all_pods if not pod.name.startswith("old-")]
        return True

    monkeypatch.setattr(cluster, "scale", scale)
    Gate(cluster, said).step()
    assert cluster.asked == ["scale deployments/shop-old to 0", f"select {BOTH}"]
    assert "stopping it before both colors get traffic" in said[0]


def test_more_pods_than_the_share_takes_are_waited_out(cluster: FakeCluster, said: list[str]) -> None:
    """A Deployment that was scaled down a moment ago."""
    cluster.all_pods += pods_of(GREEN, 1, "leaving")
    with pytest.raises(NotReady, match="green has 2 pods, and is to have 1"):
        Gate(cluster, said).step()
    cluster.all_pods[-1] = replace(cluster.all_pods[-1], terminating=True)
    Gate(cluster, said).step()
    assert wide(cluster)


def test_a_write_of_somebody_else_in_between_is_looked_at_again_and_not_undone(
    cluster: FakeCluster, said: list[str]
) -> None:
    gate = Gate(cluster, said)
    run(gate.canary.before())
    cluster.in_the_way = [lambda: None]
    run(gate.canary.after())
    assert wide(cluster)

    cluster.switch(BLUE.selector)
    cluster.in_the_way = [lambda: cluster.switch({"app": "theirs"})]
    with pytest.raises(Moved, match="no longer blue 1-0-0-b1"):
        run(gate.canary.after())
    assert live(cluster).selector == {"app": "theirs"}


def test_back_is_one_write_and_asks_only_that_the_active_color_answers(cluster: FakeCluster, said: list[str]) -> None:
    widened(cluster, said)
    back = Gate(cluster, said, 0)
    run(back.canary.take_back())
    assert (cluster.asked, said) == ([ALONE], ["shop: green gets no new connections"])
    assert (back.admitted, set(live(cluster).annotations)) == ([], {SWITCHED})
    assert live(cluster).left_at == START, "what was only a canary is no standby"
    run(back.canary.take_back())
    assert len(cluster.asked) == 1


def test_a_second_canary_notes_the_time_of_the_last_cutover_and_not_that_of_the_first_one(
    cluster: FakeCluster, said: list[str]
) -> None:
    """Also of a service that was never cut over: what had a share twice has not served."""
    cluster.live = replace(live(cluster), created=START)
    for weight in (10, 0, 10):
        run(Gate(cluster, said, weight).canary.take_back())
        Gate(cluster, said, weight).step()
    assert wide(cluster)
    assert live(cluster).annotations[SWITCHED] == "blue/1-0-0-b1 2026-01-01T00:00:00+00:00"
    assert live(cluster).left_at is None


def test_nobody_is_sent_back_to_a_color_that_does_not_answer(cluster: FakeCluster, said: list[str]) -> None:
    widened(cluster, said)
    cluster.serving = [Endpoint("green-0", ready=True)]
    run(Gate(cluster, said, 0).canary.take_back())
    assert wide(cluster)
    with pytest.raises(NotReady, match="no pod of blue gets new connections, and green is to lose its share"):
        run(Gate(cluster, said, 0, NEWER).canary.refuse_edit(NEWER))
    cluster.serving = None
    run(Gate(cluster, said, 0, NEWER).canary.refuse_edit(NEWER))
    assert not wide(cluster)


def test_back_is_not_told_while_endpoints_of_the_other_color_are_left(cluster: FakeCluster, said: list[str]) -> None:
    widened(cluster, said)
    cluster.serving = [Endpoint(f"blue-{n}", ready=True) for n in range(3)] + [Endpoint("green-0", ready=True)]
    with pytest.raises(ShareUnverified, match="it still sends to green-0"):
        run(Gate(cluster, said, 0).canary.take_back())
    assert "shop: green gets no new connections" not in said
    cluster.serving = None
    again = Gate(cluster, said, 0)
    run(again._restore())
    assert run(again.router.shares(BLUE.selector)) == (3, 0)


def test_pods_that_had_a_share_are_recycled_and_no_others(cluster: FakeCluster, said: list[str]) -> None:
    widened(cluster, said)
    back = Gate(cluster, said, 0, recycle=True)
    run(back.canary.take_back())
    newer = make_pod("green-9", {**GREEN.selector, **MARKS}, created=START + timedelta(hours=1))
    assert back.router.served_before([*pods_of(GREEN, 1), newer], live(cluster)) == pods_of(GREEN, 1)
    cluster.asked.clear()
    run(back.cutover.finish(BLUE.view, GREEN.view, recycle=True))
    assert "shop: draining green, 1 pod that served before the switch" in said
    assert "end green-0" in cluster.asked
    assert live(cluster).annotations[COMPLETED] == BLUE.revision
    assert SWITCHED in live(cluster).annotations, "it is of the release that serves, and says since when"


class Follows:
    """A load balancer that has to follow: how often it was asked, and for which color."""

    says = "its targets"

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def ask(self, _: Any, target: Any) -> None:
        self.asked.append(target.color)


def test_pods_that_had_a_share_stop_once_a_load_balancer_has_followed(cluster: FakeCluster, said: list[str]) -> None:
    """Also where the service was never cut over, and the run that took the share back was killed."""
    cluster.live = replace(live(cluster), created=START)
    widened(cluster, said)
    assert live(cluster).left_at is None
    back, check = Gate(cluster, said, 0), Follows()
    run(back.canary.take_back())
    next_run = Cutover(Watch("shop", cluster, said.append), back.router, check)
    run(next_run.may_shrink(BLUE.view, GREEN.view))
    run(next_run.finish(BLUE.view, GREEN.view, recycle=False))
    assert check.asked == ["blue"], "once in a run"
    run(Cutover(Watch("shop", cluster, said.append), back.router, check).may_shrink(BLUE.view, GREEN.view))
    assert check.asked == ["blue"], "what is complete is not asked again"


def test_while_it_lasts_no_other_release_comes_beside(cluster: FakeCluster, said: list[str]) -> None:
    widened(cluster, said)
    newer_blue = planned("blue", "1.0.1", 3)
    for slot in (NEWER, newer_blue, replace(GREEN, release=GREEN.release.model_copy(update={"image": "shop:x"}))):
        with pytest.raises(LiveReleaseEdit, match="remove `canary` of shop in the same edit"):
            run(Gate(cluster, said).canary.refuse_edit(slot))
    for slot in (BLUE, GREEN):
        run(Gate(cluster, said).canary.refuse_edit(slot))
    assert cluster.asked == []


def test_where_the_edit_ends_it_the_selector_goes_back_before_another_release_comes(
    cluster: FakeCluster, said: list[str]
) -> None:
    widened(cluster, said)
    run(Gate(cluster, said, 0, NEWER).canary.refuse_edit(GREEN))
    assert cluster.asked == []
    run(Gate(cluster, said, 0, NEWER).canary.refuse_edit(NEWER))
    assert cluster.asked == [ALONE]


def test_a_cutover_to_another_release_than_the_canary_s_leaves_the_active_one_alone_first(
    cluster: FakeCluster, said: list[str]
) -> None:
    widened(cluster, said)
    run(Gate(cluster, said, 0, BLUE, active=NEWER).canary.refuse_edit(NEWER))
    assert cluster.asked == [ALONE]


def test_more_pods_pass_the_gate_at_the_size_that_they_have(cluster: FakeCluster, said: list[str]) -> None:
    gate = Gate(cluster, said, 50)
    run(gate.canary.before_growth(GREEN))
    assert gate.admitted == [], "without a share nobody meets them"
    widened(cluster, said)
    run(gate.canary.before_growth(replace(GREEN, replicas=3)))
    run(gate.canary.before_growth(replace(BLUE, replicas=9)))
    assert gate.admitted == [("green", 1)]
    fills = Gate(cluster, said, 0, BLUE, active=GREEN)  # the cutover at its end
    run(fills.canary.before_growth(replace(GREEN, replicas=3)))
    assert (fills.admitted, wide(cluster)) == ([("green", 1)], True)


def test_what_a_run_did_not_get_to_or_a_refresh_undid_is_settled_behind_the_gate(
    cluster: FakeCluster, said: list[str]
) -> None:
    gate = Gate(cluster, said)
    run(gate.canary.settle())
    assert (gate.admitted, wide(cluster)) == ([("green", 1)], True)
    assert said[0] == "shop: green has no share, and the config gives it one: settling it"
    none = Gate(cluster, said, 0)
    run(none.canary.settle())
    assert wide(cluster), "a share that the config does not give is taken back by another step"
    cluster.switch({"app": "theirs"})
    run(gate.canary.settle())
    assert live(cluster).selector == {"app": "theirs"}, "that is to be put right first"


def test_a_color_that_somebody_scaled_up_is_scaled_back(cluster: FakeCluster, said: list[str]) -> None:
    widened(cluster, said)
    cluster.all_workloads = [Workload("deployments", "shop-green", {**GREEN.selector}, 4, 0, 0)]
    run(Gate(cluster, said).canary.settle())
    assert cluster.asked == ["scale deployments/shop-green to 1"]
    assert "is to have 4 pods in the cluster, and the share takes 1" in said[0]


def test_a_service_that_somebody_moved_is_put_right_and_the_share_given_again(
    cluster: FakeCluster, said: list[str]
) -> None:
    widened(cluster, said)
    cluster.switch({"app": "theirs"})
    gate = Gate(cluster, said)
    run(gate._restore())
    assert live(cluster).selector == BLUE.selector
    run(gate.canary.settle())
    assert wide(cluster)


def test_the_wide_selector_finds_no_pod_of_others(cluster: FakeCluster) -> None:
    found = {pod.name for pod in cluster.all_pods if selects(BOTH, pod.labels)}
    assert found == {"blue-0", "blue-1", "blue-2", "green-0"}
    assert COLOR not in BOTH


def test_endpoints_of_strangers_are_told_after_the_write(cluster: FakeCluster, said: list[str]) -> None:
    gate = Gate(cluster, said)
    run(gate.canary.before())
    cluster.serving = [Endpoint(name, ready=True) for name in ("blue-0", "blue-1", "blue-2", "green-0", "who")]
    with pytest.raises(Exception, match="it still sends to who"):
        run(gate.canary.after())
