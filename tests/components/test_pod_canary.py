"""The gates of a canary by pod labels, in memory: who gets a share, what is attached, seen, settled, and taken back."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import pytest

from components import BlueGreenSettings
from components.cluster import watch as limits
from components.cluster.watch import Watch
from components.manifests.content import Content
from components.releases.planned import PlannedRelease
from components.rules.attachment import CanaryShare, ReplicaSet
from components.rules.errors import LiveReleaseEdit, Moved, NotReady, ShareUnverified, SwitchUnverified
from components.rules.facts import Endpoint, LiveService
from components.rules.labels import live_selector, selector_labels
from components.settings import Release
from components.strategies.blue_green.pod_canary import PodCanary, canary_share
from components.strategies.cutover import Cutover
from components.traffic.pod_labels import LabelRouter
from contract.annotations import COMPLETED, REFUSED, SERVES
from contract.labels import ATTACHED, LIVE
from tests.components.fakes import START, FakeCluster, label_cutover, make_pod

ON = {LIVE: ATTACHED}
GOES_ON = (
    "shop: `recycle` is off: green's pods that had a share ({}) go on, and answer on the connections that they hold"
)
SERVICE, COLORED = live_selector("shop"), selector_labels("shop", color="green")


def planned(color: Any, version: str, digest: str = "0") -> PlannedRelease:
    release = Release(version=version, build=1, image=f"shop:{version}")
    revision = f"{release.id}-t{digest}"
    selector = selector_labels("shop", color=color, revision=revision)
    content = Content({}, {}, {})
    return PlannedRelease(
        color, release, revision, 3, revision, {}, selector, content, color, stop_seconds=1, scale=None
    )


BLUE, GREEN = planned("blue", "1.0.0"), planned("green", "2.0.0")


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    """All three pods of blue are attached, by their template; none of green's."""
    monkeypatch.setattr(limits, "VERIFY_SECONDS", 0.2)
    monkeypatch.setattr(limits, "POLL_SECONDS", 0.001)
    fake = FakeCluster()
    for one, on in ((BLUE, ON), (GREEN, {})):
        labels = {**one.selector, **on}
        fake.sets.append(ReplicaSet(one.color, labels, seen=True, pods=3, fully_labeled=3, image=one.release.image))
        fake.all_pods += [make_pod(f"{one.color}-{n}", labels, one.release.image) for n in range(3)]
    fake.live = LiveService(SERVICE, START, {SERVES: f"blue/{BLUE.revision}", COMPLETED: BLUE.revision})
    return fake


class Gate:
    """The canary of a service whose green is to get `weight`; `refuses` is what green's own gate says."""

    def __init__(self, cluster: FakeCluster, said: list[str], weight: int, idle: PlannedRelease | None = GREEN) -> None:
        self.admitted = self.restored = 0
        self.refuses: Exception | None = None
        releases = {one.color: {"version": one.release.version, "build": 1, "image": "a:1"} for one in (BLUE, GREEN)}
        labels = {"cutover": "labels", "workload": "replica-set", "replicas": 3, "canary": {"weight": weight}}
        settings = BlueGreenSettings.model_validate({"active": "blue", "port": 80, **labels, **releases})
        watch = Watch("shop", cluster, said.append)
        self.router = LabelRouter(watch, overlap_seconds=0, canary=canary_share("shop", settings))
        self.canary = PodCanary(watch, self.router, settings, BLUE, idle, self._admit, self._restore)

    async def _admit(self) -> None:
        self.admitted += 1
        if self.refuses:
            raise self.refuses

    async def _restore(self) -> None:
        self.restored += 1
        await self.canary.take_back()

    def step(self) -> None:
        run(self.canary.before())
        run(self.canary.after())


def run(gate: Coroutine[Any, Any, None]) -> None:
    asyncio.run(gate)


def serving(cluster: FakeCluster, color: str = "green") -> list[str]:
    return [pod.name for pod in asyncio.run(cluster.pods(SERVICE)) if pod.name.startswith(color)]


def change(cluster: FakeCluster, name: str, **fields: Any) -> None:
    cluster.all_pods = [replace(one, **fields) if one.name == name else one for one in cluster.all_pods]


def test_a_step_passes_the_gate_and_attaches_single_pods(cluster: FakeCluster, said: list[str]) -> None:
    gate = Gate(cluster, said, 10)
    gate.step()
    assert (gate.restored, gate.admitted, cluster.asked) == (1, 1, ["pod green-0 +live"])
    assert said == ["shop: green has 1 of 4 pods, 25 % of new connections"]
    assert serving(cluster, "blue") == ["blue-0", "blue-1", "blue-2"]
    gate.step()
    assert (gate.admitted, cluster.asked) == (1, ["pod green-0 +live"]), "who has the share is asked nothing"


def test_who_had_a_share_keeps_it_in_the_next_step_up_and_down(cluster: FakeCluster, said: list[str]) -> None:
    Gate(cluster, said, 10).step()
    Gate(cluster, said, 50).step()
    assert cluster.asked == [f"pod green-{n} +live" for n in range(3)]
    back = Gate(cluster, said, 40)
    back.step()
    assert (back.admitted, len(serving(cluster))) == (0, 2)
    assert said[-2:] == ["shop: green has 2 of 5 pods, 40 % of new connections", GOES_ON.format(1)]
    Gate(cluster, said, 0).step()
    assert (serving(cluster), said[-2:]) == ([], ["shop: green gets no new connections", GOES_ON.format(2)])
    assert all(pod.detached for pod in cluster.all_pods if pod.name.startswith("green"))


def test_a_release_that_its_gate_refuses_gets_nothing(cluster: FakeCluster, said: list[str]) -> None:
    gate = Gate(cluster, said, 10)
    gate.refuses = NotReady("green is not ready", "users", "mend it")
    with pytest.raises(NotReady):
        gate.step()
    assert (serving(cluster), cluster.asked) == ([], [])


def test_a_pod_that_is_not_ready_is_never_attached(cluster: FakeCluster, said: list[str]) -> None:
    change(cluster, "green-0", ready=False)
    Gate(cluster, said, 10).step()
    assert serving(cluster) == ["green-1"]
    for name in ("green-1", "green-2"):
        change(cluster, name, ready=False)
    with pytest.raises(ShareUnverified, match=r"1 of 2 pods are attached\n.*both colors still run"):
        Gate(cluster, said, 40).step()
    assert serving(cluster) == ["green-1"]
    for name in ("green-1", "green-2"):
        change(cluster, name, ready=True)
    Gate(cluster, said, 40).step()
    assert serving(cluster) == ["green-1", "green-2"]


def test_a_pod_that_no_endpoint_names_is_no_share(cluster: FakeCluster, said: list[str]) -> None:
    cluster.serving = [Endpoint(f"blue-{n}", ready=True) for n in range(3)]
    with pytest.raises(SwitchUnverified, match="the live Service does not send to green-0 yet"):
        Gate(cluster, said, 10).step()
    assert said == []
    cluster.serving = None
    Gate(cluster, said, 10).step()
    assert serving(cluster) == ["green-0"]


def test_the_way_back_asks_only_that_the_active_color_answers(cluster: FakeCluster, said: list[str]) -> None:
    Gate(cluster, said, 50).step()
    for name in ("blue-0", "blue-1", "green-0"):
        change(cluster, name, ready=False)
    gate = Gate(cluster, said, 0)
    gate.step()
    assert (gate.admitted, serving(cluster)) == (0, [])
    Gate(cluster, said, 10).step()
    change(cluster, "blue-2", ready=False)
    with pytest.raises(NotReady, match="no pod of blue gets new connections"):
        Gate(cluster, said, 0).step()
    assert len(serving(cluster)) == 1, "nobody is sent to a color without pods"
    change(cluster, "blue-2", ready=True)
    Gate(cluster, said, 0).step()
    assert serving(cluster) == []


def test_a_pod_that_died_is_made_up_for_behind_the_gate(cluster: FakeCluster, said: list[str]) -> None:
    Gate(cluster, said, 40).step()
    gate = Gate(cluster, said, 40)
    cluster.all_pods = [pod for pod in cluster.all_pods if pod.name != "green-0"]
    cluster.all_pods.append(make_pod("green-9", GREEN.selector, GREEN.release.image))
    run(gate.canary.settle())
    assert gate.admitted == 1
    assert said[1:] == [
        "shop: 1 of 2 pods of green attached: settling it",
        "shop: green has 2 of 5 pods, 40 % of new connections",
    ]
    assert serving(cluster) == ["green-1", "green-2"]
    cluster.asked.clear()
    run(gate.canary.settle())
    assert (cluster.asked, len(said)) == ([], 3)


def test_a_pod_that_is_merely_unready_keeps_its_place(cluster: FakeCluster, said: list[str]) -> None:
    gate = Gate(cluster, said, 10)
    gate.step()
    change(cluster, "green-0", ready=False)
    run(gate.canary.settle())
    assert (gate.admitted, serving(cluster)) == (1, ["green-0"])


def test_the_same_release_of_another_template_takes_the_place_of_the_one_before(
    cluster: FakeCluster, said: list[str]
) -> None:
    Gate(cluster, said, 10).step()
    newer = planned("green", "2.0.0", digest="1")
    cluster.all_pods += [make_pod(f"green-new-{n}", newer.selector, newer.release.image) for n in range(3)]
    gate = Gate(cluster, said, 10, newer)
    run(gate.canary.refuse_edit(newer))
    run(gate.canary.take_back())
    assert serving(cluster) == ["green-0"], "it has its share until the other one has it"
    run(gate.canary.settle())
    assert said[1] == "shop: 0 of 1 pods of green attached, and 1 of another revision: settling it"
    assert cluster.asked[-2:] == ["pod green-new-0 +live", "pod green-0 -live"]


def test_no_other_release_may_be_put_on_a_color_with_a_share(cluster: FakeCluster, said: list[str]) -> None:
    Gate(cluster, said, 10).step()
    other = planned("green", "3.0.0")
    with pytest.raises(LiveReleaseEdit, match="pods of green with release 2-0-0-b1-t0 take new connections") as refused:
        run(Gate(cluster, said, 10, other).canary.refuse_edit(other))
    assert "remove `canary` of shop in the same edit" in str(refused.value)
    run(Gate(cluster, said, 0, other).canary.refuse_edit(other))


def test_the_end_of_the_key_takes_the_share_back_before_anything_else(cluster: FakeCluster, said: list[str]) -> None:
    Gate(cluster, said, 50).step()
    gate = Gate(cluster, said, 0, None)
    run(gate.canary.take_back())
    assert (serving(cluster), said[-2:]) == ([], ["shop: green gets no new connections", GOES_ON.format(3)])
    assert asyncio.run(gate.router.unsettled(BLUE.view)) is None


def test_what_a_cutover_left_half_done_is_not_taken_for_a_share(cluster: FakeCluster, said: list[str]) -> None:
    """Blue is attached in part, or green's template is, or blue's cutover is not noted: green could be needed."""
    gate = Gate(cluster, said, 0)
    Gate(cluster, said, 50).step()
    cluster.asked.clear()
    change(cluster, "blue-0", labels=dict(BLUE.selector))
    run(gate.canary.take_back())
    change(cluster, "blue-0", labels={**BLUE.selector, **ON})
    cluster.sets[1] = replace(cluster.sets[1], labels={**GREEN.selector, **ON})
    run(gate.canary.take_back())
    cluster.sets[1] = replace(cluster.sets[1], labels=dict(GREEN.selector))
    cluster.live = LiveService(SERVICE, START, {SERVES: f"blue/{BLUE.revision}"})
    run(gate.canary.take_back())
    assert cluster.asked == []
    assert asyncio.run(gate.router.unsettled(BLUE.view))


def test_the_router_lets_the_share_be_and_takes_what_is_beyond_it(cluster: FakeCluster, said: list[str]) -> None:
    gate = Gate(cluster, said, 40)
    gate.step()
    assert cluster.live is not None
    assert asyncio.run(gate.router.serves(cluster.live, BLUE.view))
    run(gate.router.moved(BLUE.view))
    assert len(serving(cluster)) == 2
    change(cluster, "green-2", labels={**GREEN.selector, **ON})
    assert asyncio.run(gate.router.unsettled(BLUE.view)) == "green-2 is still attached to it"
    run(gate.router.moved(BLUE.view))
    assert serving(cluster) == ["green-0", "green-1"]


def test_a_label_from_before_the_service_looked_for_it_is_no_share(cluster: FakeCluster, said: list[str]) -> None:
    """It was cut over by its selector meanwhile: the labels meant nothing, and no gate has looked at them since."""
    gate = Gate(cluster, said, 10)
    gate.step()
    cluster.live = LiveService(BLUE.selector, START, {})
    run(gate.router.prepare(BLUE.view))
    assert (serving(cluster), len(serving(cluster, "blue"))) == ([], 3)


def test_a_color_that_is_left_may_keep_a_share(cluster: FakeCluster, said: list[str]) -> None:
    cluster.live = LiveService(SERVICE, START, {SERVES: f"green/{GREEN.revision}"})
    left = CanaryShare(selector_labels("shop", color="blue"), 1)
    run(LabelRouter(Watch("shop", cluster, said.append), overlap_seconds=0, canary=left).moved(GREEN.view))
    assert (serving(cluster, "blue"), len(serving(cluster))) == (["blue-0"], 3)
    assert [LIVE in one.labels for one in cluster.sets] == [False, True]


def test_a_cutover_leaves_attached_what_is_attached(cluster: FakeCluster, said: list[str]) -> None:
    Gate(cluster, said, 40).step()
    cluster.asked.clear()
    cluster.live = LiveService(SERVICE, START, {SERVES: f"green/{GREEN.revision}"})
    router = LabelRouter(Watch("shop", cluster, said.append), overlap_seconds=0)
    run(router.moved(GREEN.view))
    assert cluster.asked[:2] == ["template green +live", "pod green-2 +live"]
    assert (serving(cluster, "blue"), len(serving(cluster))) == ([], 3)


def test_pods_that_lost_their_share_are_recycled_where_that_is_asked_for(cluster: FakeCluster, said: list[str]) -> None:
    """A client that keeps its connection stays on the release that was taken back, until its pod stops."""
    gates = label_cutover("shop", cluster, said.append, overlap_seconds=0)
    Gate(cluster, said, 40).step()
    Gate(cluster, said, 10).step()
    cluster.asked.clear()
    carried_through, cluster.live = cluster.live, LiveService(SERVICE, START, {SERVES: f"blue/{BLUE.revision}"})
    run(gates.recycle_left(BLUE.view, GREEN.view))
    assert cluster.asked == [], "a cutover that is to be carried through recycles what it left itself"
    cluster.live = carried_through
    beside_one = LabelRouter(Watch("shop", cluster, said.append), overlap_seconds=0, canary=CanaryShare(COLORED, 1))
    run(Cutover(Watch("shop", cluster, said.append), beside_one).recycle_left(BLUE.view, GREEN.view))
    assert cluster.asked == ["end green-1"]
    assert (serving(cluster), said[-1]) == (["green-0"], "shop: draining green's pods that had a share (1)")


def test_a_release_that_passed_after_all_is_not_refused_any_more(cluster: FakeCluster, said: list[str]) -> None:
    gates = label_cutover("shop", cluster, said.append, overlap_seconds=0)
    assert cluster.live is not None
    run(gates.note_refusal(GREEN.view, NotReady("green is not ready", "users", "mend it")))
    run(gates.forget_refusal(planned("green", "3.0.0").view))
    assert REFUSED in cluster.live.annotations, "that of another release stays"
    run(gates.forget_refusal(GREEN.view))
    assert REFUSED not in cluster.live.annotations


def test_a_note_that_a_killed_run_left_is_put_right_before_two_colors_are_attached(
    cluster: FakeCluster, said: list[str]
) -> None:
    """While both are attached that note tells which one serves; the engine sees no difference in it."""
    cluster.live = LiveService(SERVICE, START, {SERVES: f"green/{GREEN.revision}"})
    Gate(cluster, said, 10).step()
    assert cluster.asked == [f"annotate {SERVES}=blue/{BLUE.revision}", "pod green-0 +live"]
    cluster.live = LiveService(SERVICE, START, {SERVES: f"green/{GREEN.revision}"})
    run(Gate(cluster, said, 10).router.moved(BLUE.view))
    assert cluster.live.annotations[SERVES] == f"blue/{BLUE.revision}"


def test_where_somebody_moves_the_service_meanwhile_no_label_is_touched(cluster: FakeCluster, said: list[str]) -> None:
    Gate(cluster, said, 50).step()
    cluster.asked.clear()
    gate = Gate(cluster, said, 0)
    cluster.live = LiveService(SERVICE, START, {SERVES: f"green/{GREEN.revision}"})
    with pytest.raises(Moved, match="is to send to green/2-0-0-b1-t0 now"):
        run(gate.canary.after())
    assert cluster.asked == []
    change(cluster, "green-0", labels=dict(GREEN.selector))
    cluster.live = LiveService(SERVICE, START, {SERVES: "green/somebody"})
    with pytest.raises(Moved, match="is to send to green/somebody now"):
        run(Gate(cluster, said, 50).canary.after())
    assert cluster.asked == []
    cluster.live = LiveService(SERVICE, START, {SERVES: f"blue/{BLUE.revision}"})  # and `active` is set to blue
    run(Gate(cluster, said, 50).canary.after())
    assert len(serving(cluster)) == 3


def test_before_the_first_service_and_beside_another_one_nothing_is_settled(
    cluster: FakeCluster, said: list[str]
) -> None:
    gate = Gate(cluster, said, 10)
    for live in (None, LiveService(GREEN.selector, START, {})):
        cluster.live = live
        run(gate.canary.settle())
        run(gate.canary.take_back())
    assert (cluster.asked, gate.admitted) == ([], 0)
