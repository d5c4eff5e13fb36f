"""The gates of a cutover by labels, against a cluster in memory: the order, and convergence wherever a run ended."""

import asyncio
import itertools
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from components.cluster import watch as limits
from components.cluster.watch import Watch
from components.releases.view import ReleaseView
from components.rules.attachment import ReplicaSet
from components.rules.errors import GateRefused, LiveReleaseEdit, Moved, NotReady, SwitchUnverified
from components.rules.facts import Pod
from components.rules.labels import live_selector, selector_labels
from components.settings import Release
from components.strategies.cutover import Cutover
from components.traffic.pod_labels import LabelRouter
from contract.annotations import COMPLETED, SERVES
from contract.labels import ATTACHED, LIVE
from tests.components.fakes import FakeCluster, carried_through, label_cutover, make_pod
from tests.patience import PATIENCE_SECONDS


def view(color: Any, version: str, image: str) -> ReleaseView:
    release = Release(version=version, build=1, image=image)
    revision = f"{release.id}-t0"
    selector = selector_labels("shop", color=color, revision=revision)
    return ReleaseView(color, release, revision, selector, replicas=2, stop_seconds=1)


BLUE, GREEN = view("blue", "1.0.0", "shop:1"), view("green", "2.0.0", "shop:2")
ON = {LIVE: ATTACHED}
SERVICE = live_selector("shop")


def labels_of(one: ReleaseView, live: bool) -> dict[str, str]:
    return dict(one.selector) | (ON if live else {})


def arrange(cluster: FakeCluster, blue: tuple[bool, bool, bool], green: tuple[bool, bool, bool]) -> None:
    """For each color whether its template, its first and its second pod are attached."""
    cluster.sets, cluster.all_pods = [], []
    for one, (template, *pods) in ((BLUE, blue), (GREEN, green)):
        cluster.sets.append(ReplicaSet(one.color, labels_of(one, template), seen=True, pods=2, fully_labeled=0))
        cluster.all_pods += [
            make_pod(f"{one.color}-{number}", labels_of(one, on), one.release.image) for number, on in enumerate(pods)
        ]


ALL, NONE = (True, True, True), (False, False, False)


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    monkeypatch.setattr(limits, "VERIFY_SECONDS", 0.3)
    monkeypatch.setattr(limits, "POLL_SECONDS", 0.001)
    fake = FakeCluster()
    arrange(fake, ALL, NONE)
    fake.switch(SERVICE)
    return fake


@pytest.fixture
def gates(cluster: FakeCluster, said: list[str]) -> Cutover:
    return label_cutover("shop", cluster, said.append, overlap_seconds=0)


def run(gate: Coroutine[Any, Any, None]) -> None:
    asyncio.run(gate)


def serving(cluster: FakeCluster) -> set[str]:
    return {pod.name for pod in asyncio.run(cluster.pods(SERVICE))}


def test_the_new_color_is_attached_before_the_old_one_is_detached(gates: Cutover, cluster: FakeCluster) -> None:
    run(gates.before_switch(GREEN, timeout_seconds=0.2))
    assert cluster.asked == [f"annotate {COMPLETED}=None"]
    cluster.asked.clear()
    run(gates.after_switch(GREEN))
    assert cluster.asked == [
        "template green +live",
        "pod green-0 +live",
        "pod green-1 +live",
        "template blue -live",
        "pod blue-0 -live",
        "pod blue-1 -live",
    ]
    assert serving(cluster) == {"green-0", "green-1"}
    assert {pod.name for pod in cluster.all_pods if pod.detached} == {"blue-0", "blue-1"}


def test_a_color_that_went_bad_after_the_gate_leaves_the_old_one_serving(gates: Cutover, cluster: FakeCluster) -> None:
    cluster.all_pods[3] = replace(cluster.all_pods[3], ready=False)
    with pytest.raises(SwitchUnverified, match="1 of 2 pods are ready"):
        run(gates.after_switch(GREEN))
    assert {"blue-0", "blue-1"} <= serving(cluster)
    cluster.all_pods[3] = replace(cluster.all_pods[3], ready=True)  # it is well: the next run goes on
    run(gates.restore(GREEN, timeout_seconds=1, checks=()))
    assert serving(cluster) == {"green-0", "green-1"}


def test_the_old_color_that_the_cluster_still_sends_to_is_told_and_the_next_run_goes_on(
    gates: Cutover, cluster: FakeCluster
) -> None:
    write = cluster.label_pod

    async def blue_stays(pod: Pod, *marks: Any) -> None:
        if not pod.name.startswith("blue"):
            await write(pod, *marks)

    cluster.label_pod = blue_stays  # type: ignore[method-assign, assignment]
    with pytest.raises(SwitchUnverified, match="after all but 2-0-0-b1-t0 was detached"):
        run(gates.after_switch(GREEN))
    del cluster.label_pod
    run(gates.after_switch(GREEN))
    assert serving(cluster) == {"green-0", "green-1"}


def test_a_service_that_changes_all_the_time_is_told_and_the_next_run_notes_who_serves(cluster: FakeCluster) -> None:
    router = LabelRouter(Watch("shop", cluster, lambda _: None), overlap_seconds=0)
    assert cluster.live is not None
    cluster.live = replace(cluster.live, annotations={SERVES: f"blue/{BLUE.revision}"})
    cluster.in_the_way = [lambda: None] * limits.TRIES
    with pytest.raises(Moved, match=f"changed {limits.TRIES} times while {SERVES} was to be noted"):
        run(router.announce(GREEN))
    cluster.in_the_way = []
    run(router.announce(GREEN))
    assert cluster.live.annotations[SERVES] == f"green/{GREEN.revision}"


def test_nothing_is_detached_while_the_cluster_does_not_follow(gates: Cutover, cluster: FakeCluster) -> None:
    cluster.serving = []
    with pytest.raises(SwitchUnverified, match="does not send to green-0, green-1 yet"):
        run(gates.after_switch(GREEN))
    assert {"blue-0", "blue-1"} <= serving(cluster)
    cluster.serving = None
    run(gates.after_switch(GREEN))
    assert serving(cluster) == {"green-0", "green-1"}


def test_a_pod_born_of_the_template_before_is_attached_too(
    gates: Cutover, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "VERIFY_SECONDS", PATIENCE_SECONDS)
    cluster.sets[1] = replace(cluster.sets[1], seen=False)

    async def late() -> None:
        await asyncio.sleep(0.05)
        cluster.all_pods.append(make_pod("green-2", GREEN.selector, "shop:2"))
        cluster.sets = [replace(one, seen=True) for one in cluster.sets]

    async def both() -> None:
        await asyncio.gather(gates.after_switch(GREEN), late())

    run(both())
    assert serving(cluster) == {"green-0", "green-1", "green-2"}


def test_both_answer_for_the_overlap(cluster: FakeCluster, said: list[str]) -> None:
    gates = label_cutover("shop", cluster, said.append, overlap_seconds=1)
    seen: list[set[str]] = []

    async def look() -> None:
        while not said:  # noqa: ASYNC110 - looks again before any timer of the gates
            await asyncio.sleep(0)
        seen.append({pod.name for pod in await cluster.pods(SERVICE)})

    async def both() -> None:
        await asyncio.gather(gates.after_switch(GREEN), look())

    run(both())
    assert seen == [{"blue-0", "blue-1", "green-0", "green-1"}]
    assert said == ["shop: both colors answer for 1 s"]
    assert serving(cluster) == {"green-0", "green-1"}


def test_a_new_color_that_goes_bad_in_the_overlap_leaves_the_old_one_serving(
    cluster: FakeCluster, said: list[str]
) -> None:
    gates = label_cutover("shop", cluster, said.append, overlap_seconds=1)

    async def spoil() -> None:
        while not said:  # noqa: ASYNC110 - looks again before any timer of the gates
            await asyncio.sleep(0)
        cluster.all_pods = [
            replace(pod, ready=False) if pod.name.startswith("green") else pod for pod in cluster.all_pods
        ]

    async def both() -> None:
        await asyncio.gather(gates.after_switch(GREEN), spoil())

    with pytest.raises(SwitchUnverified, match="0 of 2 pods are ready"):
        run(both())
    assert {"blue-0", "blue-1"} <= serving(cluster)


@pytest.mark.parametrize("marks", list(itertools.product((False, True), repeat=6)))
def test_every_state_converges_and_is_then_left_alone(
    gates: Cutover, cluster: FakeCluster, marks: tuple[bool, ...]
) -> None:
    """Templates and pods labeled in any way, by hand or by a run that ended: never fewer than two serve if two did."""
    arrange(cluster, marks[:3], marks[3:])  # type: ignore[arg-type]
    least = min(2, len(serving(cluster)))
    watched = cluster.label_pod

    async def watch(pod: Pod, labels: Any, annotations: Any) -> None:
        await watched(pod, labels, annotations)
        assert len(await cluster.pods(SERVICE)) >= least

    cluster.label_pod = watch  # type: ignore[method-assign]
    run(gates.restore(GREEN, timeout_seconds=0.2, checks=()))
    assert serving(cluster) == {"green-0", "green-1"}
    assert [LIVE in one.labels for one in cluster.sets] == [False, True]
    run(gates.finish(GREEN, BLUE, recycle=False))
    cluster.asked.clear()
    run(gates.restore(GREEN, timeout_seconds=0, checks=()))
    run(gates.finish(GREEN, BLUE, recycle=False))
    assert cluster.asked == []


def test_a_pod_that_is_merely_unready_is_no_reason_to_settle_anything(gates: Cutover, cluster: FakeCluster) -> None:
    cluster.all_pods[0] = replace(cluster.all_pods[0], ready=False)
    run(gates.restore(BLUE, timeout_seconds=0, checks=()))
    assert cluster.asked == []


def test_what_is_not_ready_is_not_attached_by_a_repair(gates: Cutover, cluster: FakeCluster) -> None:
    cluster.all_pods[2] = replace(cluster.all_pods[2], ready=False)
    with pytest.raises(NotReady):
        run(gates.restore(GREEN, timeout_seconds=0, checks=()))
    assert serving(cluster) == {"blue-0", "blue-1"}


def test_from_a_selector_the_pods_carry_the_label_before_the_service_looks_for_it(
    gates: Cutover, cluster: FakeCluster
) -> None:
    arrange(cluster, NONE, (True, True, False))  # green: left over from long ago
    cluster.switch(BLUE.selector)
    run(gates.before_switch(BLUE, timeout_seconds=0.2))
    assert serving(cluster) == {"blue-0", "blue-1"}
    assert cluster.live is not None
    assert cluster.live.selector == BLUE.selector
    assert cluster.asked[0] == f"annotate {COMPLETED}=None"


def test_the_pods_that_a_selector_found_are_recycled_too_where_mode_and_color_change_at_once(
    gates: Cutover, cluster: FakeCluster
) -> None:
    arrange(cluster, NONE, NONE)
    cluster.switch(BLUE.selector)
    run(gates.before_switch(GREEN, timeout_seconds=0.2))
    cluster.switch(SERVICE)
    run(gates.after_switch(GREEN))
    cluster.asked.clear()
    run(gates.finish(GREEN, BLUE, recycle=True))
    assert cluster.asked[:2] == ["end blue-0", "end blue-1"]


def test_a_selector_moved_by_hand_is_moved_back_with_the_pods_labeled(
    gates: Cutover, cluster: FakeCluster, said: list[str]
) -> None:
    arrange(cluster, (False, True, False), NONE)
    cluster.switch(GREEN.selector)
    run(gates.restore(BLUE, timeout_seconds=0.2, checks=()))
    assert cluster.asked[-1] == f"select {SERVICE}"
    assert serving(cluster) == {"blue-0", "blue-1"}
    assert "the config wants blue" in said[0]


def test_a_first_service_finds_its_pods_labeled(gates: Cutover, cluster: FakeCluster) -> None:
    arrange(cluster, NONE, NONE)
    cluster.live = None
    run(gates.before_switch(BLUE, timeout_seconds=0.2))
    assert serving(cluster) == {"blue-0", "blue-1"}


def test_the_old_color_may_shrink_and_change_only_when_it_is_detached(gates: Cutover, cluster: FakeCluster) -> None:
    newer = view("blue", "3.0.0", "shop:3")
    with pytest.raises(GateRefused, match="still sends to it"):
        run(gates.before_shrink(BLUE))
    with pytest.raises(LiveReleaseEdit, match="blue takes the traffic with release 1-0-0-b1-t0"):
        run(gates.live_edit.refuse(newer))
    run(gates.live_edit.refuse(BLUE))
    run(gates.after_switch(GREEN))
    run(gates.before_shrink(BLUE))
    run(gates.live_edit.refuse(newer))


def test_recycling_where_it_is_asked_for_ends_what_was_detached_and_nothing_else(
    gates: Cutover, cluster: FakeCluster
) -> None:
    run(gates.after_switch(GREEN))
    cluster.all_pods.append(make_pod("blue-fresh", BLUE.selector))
    cluster.switch(SERVICE, after=timedelta(days=9))  # when its selector was set tells nothing
    cluster.asked.clear()
    run(gates.finish(GREEN, BLUE, recycle=True))
    assert cluster.asked == ["end blue-0", "end blue-1", *carried_through(GREEN)]


def test_who_sends_the_traffic_elsewhere_meanwhile_is_not_undone(gates: Cutover, cluster: FakeCluster) -> None:
    assert cluster.live is not None
    cluster.live = replace(cluster.live, annotations={SERVES: f"green/{GREEN.revision}"})
    attach = cluster.label_template

    async def overtaken(*given: Any) -> None:
        await attach(*given)
        assert cluster.live is not None
        cluster.live = replace(cluster.live, annotations={SERVES: f"blue/{BLUE.revision}"})

    cluster.label_template = overtaken  # type: ignore[method-assign, assignment]
    with pytest.raises(Moved, match=f"to send to blue/{BLUE.revision} now"):
        run(gates.after_switch(GREEN))
    assert {"blue-0", "blue-1"} <= serving(cluster)
    del cluster.label_template  # `active` is set to blue, and the next run settles it
    run(gates.restore(BLUE, timeout_seconds=1, checks=()))
    assert serving(cluster) == {"blue-0", "blue-1"}
