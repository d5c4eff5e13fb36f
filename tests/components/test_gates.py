"""The gates against a cluster in memory: what they refuse, what they wait for, and what they do to finish a cutover."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from components.cluster import watch as limits
from components.releases.view import ReleaseView, Scale
from components.rules.errors import GateRefused, LiveReleaseEdit, MixedImages, Moved, NotReady, SwitchUnverified
from components.rules.facts import Endpoint
from components.strategies.cutover import Cutover
from contract.annotations import COMPLETED, REFUSED
from contract.refusal import read_refusal
from tests.components.fakes import START, FakeCluster, carried_through, make_pod
from tests.components.two_colors import BLUE, GREEN, before_switch, run, two_colors, view
from tests.patience import PATIENCE_SECONDS


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    return two_colors(monkeypatch)


def test_ready_target_may_be_switched_to(gates: Cutover, cluster: FakeCluster) -> None:
    before_switch(gates)
    assert cluster.asked == [f"annotate {COMPLETED}=None"]


def test_a_change_of_the_live_service_that_is_no_switch_leaves_the_note(gates: Cutover, cluster: FakeCluster) -> None:
    cluster.switch(GREEN.selector)
    before_switch(gates)
    assert cluster.asked == []


def test_the_note_is_taken_off_of_what_is_there_at_that_moment(gates: Cutover, cluster: FakeCluster) -> None:
    cluster.in_the_way = [lambda: None]
    before_switch(gates)
    assert cluster.asked == [f"annotate {COMPLETED}=None"]
    cluster.in_the_way = [lambda: cluster.switch(GREEN.selector)]
    before_switch(gates)  # somebody was quicker: then there is nothing to leave
    assert cluster.asked == [f"annotate {COMPLETED}=None"]


def test_a_cutover_that_died_and_was_taken_back_drains_the_color_it_had_reached(
    gates: Cutover, cluster: FakeCluster
) -> None:
    run(gates.finish(BLUE, GREEN, recycle=False))
    before_switch(gates)
    cluster.switch(GREEN.selector, after=timedelta(minutes=2))  # and here the run is killed; the next one goes back
    run(gates.before_switch(BLUE, timeout_seconds=0.2))
    cluster.switch(BLUE.selector, after=timedelta(minutes=3))
    cluster.asked.clear()
    run(gates.finish(BLUE, GREEN, recycle=True))
    assert cluster.asked == ["end green-0", "end green-1", *carried_through(BLUE)[1:]]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            {"ready": False, "problem": "CrashLoopBackOff (last exit code 1)"},
            "1 of 2 pods ready; green-0: CrashLoopBackOff",
        ),
        ({"terminating": True}, "1 of 2 pods ready"),
        ({"image": "shop:1"}, "pods run shop:1, the release is shop:2"),
    ],
)
def test_a_target_that_is_not_whole_is_refused(
    gates: Cutover, cluster: FakeCluster, change: dict[str, Any], reason: str
) -> None:
    cluster.all_pods[2] = make_pod("green-0", GREEN.selector, **({"image": "shop:2"} | change))
    with pytest.raises(NotReady, match=reason):
        before_switch(gates)


def moved_tag(cluster: FakeCluster) -> None:
    """Two pods of the target, one from before its tag was moved and one from after."""
    for number, letter in enumerate("ab"):
        image_id = f"shop@sha256:{letter * 64}"
        cluster.all_pods[2 + number] = make_pod(f"green-{number}", GREEN.selector, "shop:2", image_id=image_id)


def test_a_release_of_two_images_under_one_tag_is_refused(gates: Cutover, cluster: FakeCluster) -> None:
    moved_tag(cluster)
    with pytest.raises(MixedImages) as refused:
        before_switch(gates)
    said = str(refused.value)
    assert "pods of green 2-0-0-b1 run different images under one tag, shop:2: sha256:aaaaaaaaaaaa in green-0" in said
    assert "Refused before the switch" in said
    assert "--pin" in said
    assert cluster.asked == []


def test_where_it_has_the_traffic_already_it_is_only_said(
    gates: Cutover, cluster: FakeCluster, said: list[str]
) -> None:
    moved_tag(cluster)
    cluster.switch(GREEN.selector)
    before_switch(gates)
    assert all("run different images under one tag" in line for line in said)
    assert said


def test_a_target_without_pods_is_refused(gates: Cutover, cluster: FakeCluster) -> None:
    cluster.all_pods = cluster.all_pods[:2]
    with pytest.raises(NotReady, match="0 of 2 pods ready"):
        before_switch(gates)


def test_a_pod_too_many_that_is_not_ready_is_refused(gates: Cutover, cluster: FakeCluster) -> None:
    cluster.all_pods.append(make_pod("green-2", GREEN.selector, "shop:2", ready=False))
    with pytest.raises(NotReady):
        before_switch(gates)


def test_the_gate_waits_for_a_pod_that_is_late(gates: Cutover, cluster: FakeCluster) -> None:
    late = cluster.all_pods.pop()

    async def arrive() -> None:
        await asyncio.sleep(0.05)
        cluster.all_pods.append(late)

    async def both() -> None:
        await asyncio.gather(gates.before_switch(GREEN, timeout_seconds=PATIENCE_SECONDS), arrive())

    run(both())
    assert late in cluster.all_pods


def test_after_the_switch_only_the_target_serves(gates: Cutover, cluster: FakeCluster) -> None:
    cluster.switch(GREEN.selector)
    run(gates.after_switch(GREEN))
    cluster.serving = [Endpoint("blue-0", ready=True), Endpoint("green-0", ready=True), Endpoint("green-1", ready=True)]
    with pytest.raises(SwitchUnverified, match="still sends to blue-0"):
        run(gates.after_switch(GREEN))
    cluster.serving = [Endpoint("green-0", ready=False)]
    with pytest.raises(SwitchUnverified, match="no ready endpoint"):
        run(gates.after_switch(GREEN))
    cluster.serving = [Endpoint("green-0", ready=True), Endpoint("blue-0", ready=False)]
    with pytest.raises(SwitchUnverified, match="does not send to green-1 yet"):
        run(gates.after_switch(GREEN))
    cluster.serving = None  # the cluster has followed: the next run checks again
    run(gates.finish(GREEN, BLUE, recycle=False))
    assert cluster.asked[-1] == carried_through(GREEN)[-1]


def test_the_old_color_may_shrink_only_when_nothing_sends_to_it(gates: Cutover, cluster: FakeCluster) -> None:
    with pytest.raises(GateRefused, match="still sends to it"):
        run(gates.before_shrink(BLUE))
    run(gates.restore(GREEN, timeout_seconds=1, checks=()))  # what the next run does first
    run(gates.before_shrink(BLUE))
    cluster.switch(GREEN.selector)
    cluster.serving = [Endpoint("blue-0", ready=True)]
    with pytest.raises(GateRefused, match="blue-0"):
        run(gates.before_shrink(BLUE))
    cluster.serving = [Endpoint("blue-0", ready=False), Endpoint("green-0", ready=True)]
    run(gates.before_shrink(BLUE))


def test_another_release_on_the_live_color_is_refused(gates: Cutover, cluster: FakeCluster) -> None:
    with pytest.raises(LiveReleaseEdit, match=r"blue takes the traffic with release 1-0-0-b1.* it release 3-0-0-b1"):
        run(gates.live_edit.refuse(view("blue", "3.0.0")))
    with pytest.raises(LiveReleaseEdit, match=r"from image shop:1.*from image shop:9"):
        run(gates.live_edit.refuse(view("blue", image="shop:9")))
    run(gates.live_edit.refuse(BLUE))
    run(gates.live_edit.refuse(view("green", "3.0.0")))
    cluster.live = None
    run(gates.live_edit.refuse(view("blue", "3.0.0")))


def test_finish_stops_the_pods_that_served_before_the_switch_and_notes_it(
    gates: Cutover, cluster: FakeCluster, said: list[str]
) -> None:
    cluster.switch(GREEN.selector, after=timedelta(seconds=60))
    cluster.all_pods.append(make_pod("blue-fresh", BLUE.selector, created=START + timedelta(seconds=61)))
    run(gates.finish(GREEN, BLUE, recycle=True))
    assert cluster.asked == ["end blue-0", "end blue-1", *carried_through(GREEN)]
    assert said == ["shop: draining blue, 2 pods that served before the switch"]
    run(gates.finish(GREEN, BLUE, recycle=True))
    assert len(cluster.asked) == 4, "a finished cutover is not finished twice"


@pytest.mark.parametrize(("noted", "left"), [(GREEN, False), (BLUE, True)])
def test_finish_takes_off_the_note_that_what_serves_now_was_refused_once(
    gates: Cutover, cluster: FakeCluster, noted: ReleaseView, left: bool
) -> None:
    note = json.dumps({"kind": "refused", "color": noted.color, "revision": noted.revision, "at": "then", "why": ""})
    cluster.switch(GREEN.selector, after=timedelta(seconds=60))
    asyncio.run(cluster.annotate_service("shop", REFUSED, note))
    run(gates.finish(GREEN, BLUE, recycle=False))
    assert cluster.live is not None
    assert (REFUSED in cluster.live.annotations) is left


def test_finish_leaves_the_old_pods_alone_where_asked_and_says_so(
    gates: Cutover, cluster: FakeCluster, said: list[str]
) -> None:
    cluster.switch(GREEN.selector, after=timedelta(seconds=60))
    run(gates.finish(GREEN, BLUE, recycle=False))
    assert cluster.asked == carried_through(GREEN)
    assert said == [
        "shop: `recycle` is off: 2 pods of blue that served before the switch go on, and answer on the connections "
        "that they hold"
    ]


def test_finish_says_when_a_drained_pod_does_not_go(gates: Cutover, cluster: FakeCluster) -> None:
    async def stays(pod: Any) -> None:
        cluster.asked.append(f"end {pod.name}")

    cluster.switch(GREEN.selector)
    cluster.end_pod = stays  # type: ignore[method-assign]
    with pytest.raises(SwitchUnverified, match="blue-0, blue-1 still there"):
        run(gates.finish(GREEN, BLUE, recycle=True))
    assert not any("annotate" in line for line in cluster.asked)
    del cluster.end_pod  # what held them is gone: the next run goes on
    run(gates.finish(GREEN, BLUE, recycle=True))
    assert cluster.asked[-1] == carried_through(GREEN)[-1]


def test_a_service_moved_by_another_is_moved_back_behind_the_gate(
    gates: Cutover, cluster: FakeCluster, said: list[str]
) -> None:
    assert cluster.live is not None
    assert cluster.live.selector == BLUE.selector
    run(gates.restore(BLUE, timeout_seconds=1, checks=()))
    assert (cluster.asked, said) == ([], [])
    run(gates.restore(GREEN, timeout_seconds=1, checks=()))
    assert cluster.asked == [f"annotate {COMPLETED}=None", f"select {dict(GREEN.selector)}"]
    assert "the config wants green 2-0-0-b1" in said[0]
    cluster.all_pods = [pod for pod in cluster.all_pods if not pod.name.startswith("blue")]
    with pytest.raises(NotReady):
        run(gates.restore(BLUE, timeout_seconds=0, checks=()))
    assert cluster.live.selector == GREEN.selector


def test_a_service_that_changes_while_it_is_moved_back_is_left_and_moved_by_the_next_run(
    gates: Cutover, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def changed(*_: Any) -> bool:
        return False

    with monkeypatch.context() as somebody:
        somebody.setattr(cluster, "select", changed)
        with pytest.raises(Moved, match="kubectl get service shop -n ns -o yaml --show-managed-fields"):
            run(gates.restore(GREEN, timeout_seconds=1, checks=()))
    run(gates.restore(GREEN, timeout_seconds=1, checks=()))
    assert cluster.live is not None
    assert cluster.live.selector == GREEN.selector


def test_a_note_that_is_always_overtaken_is_told_and_written_by_the_next_run(
    gates: Cutover, cluster: FakeCluster
) -> None:
    cluster.switch(GREEN.selector)
    cluster.in_the_way = [lambda: None] * limits.TRIES
    with pytest.raises(Moved, match=f"changed {limits.TRIES} times while"):
        run(gates.finish(GREEN, BLUE, recycle=False))
    cluster.in_the_way = []
    run(gates.finish(GREEN, BLUE, recycle=False))
    assert cluster.asked[-1] == carried_through(GREEN)[-1]


def test_under_an_autoscaler_the_target_starts_with_as_many_pods_as_serve(
    gates: Cutover, cluster: FakeCluster, said: list[str]
) -> None:
    target = replace(GREEN, scale=Scale("deployments", "shop-green", most=3))
    for number in range(2, 5):
        cluster.all_pods.append(make_pod(f"blue-{number}", BLUE.selector))
    with pytest.raises(NotReady, match="2 of 3 pods ready"):  # five serve, three are the most
        run(gates.check(target, timeout_seconds=0, checks=()))
    assert cluster.asked == ["scale deployments/shop-green to 3"]
    assert said == [
        "shop: green starts with 3 pods, as 5 serve now",
        "shop: 5 pods serve now, green is to have 3: the switch takes capacity away; `max_replicas: 5` keeps as many",
    ]
    cluster.all_pods.append(make_pod("green-2", GREEN.selector, image=GREEN.release.image))
    run(gates.check(target, timeout_seconds=0, checks=()))
    assert len(cluster.asked) == 1


def test_what_an_autoscaler_left_becomes_a_standby(gates: Cutover, cluster: FakeCluster) -> None:
    cluster.switch(GREEN.selector)
    cluster.all_pods.append(make_pod("blue-2", BLUE.selector))
    old = replace(BLUE, scale=Scale("replicasets", "shop-blue", most=9))
    run(gates.finish(GREEN, old, recycle=False))
    assert cluster.asked == ["scale replicasets/shop-blue to 2", *carried_through(GREEN)]


def test_what_an_autoscaler_left_of_a_share_becomes_a_standby_unless_a_cutover_is_under_way(
    gates: Cutover, cluster: FakeCluster
) -> None:
    cluster.all_pods.append(make_pod("green-2", GREEN.selector))
    old = replace(GREEN, scale=Scale("deployments", "shop-green", most=9))
    run(gates.shrink_left(BLUE, old))
    assert cluster.asked == [], "its own end does that"
    run(gates.finish(BLUE, None, recycle=False))
    cluster.asked.clear()
    run(gates.shrink_left(BLUE, old))
    assert cluster.asked == ["scale deployments/shop-green to 2"]


def test_a_refusal_is_noted_on_the_live_service_and_taken_off_once_the_release_serves(
    gates: Cutover, cluster: FakeCluster
) -> None:
    run(gates.note_refusal(GREEN, GateRefused("shop: GET /version:\n503", "why", "fix")))
    assert cluster.live is not None
    noted = read_refusal(cluster.live.annotations)
    assert noted is not None
    assert (noted.kind, noted.color, noted.revision) == ("refused", "green", GREEN.revision)
    assert noted.why == "shop: GET /version: 503"
    cluster.switch(GREEN.selector)
    run(gates.finish(GREEN, None, recycle=False))
    assert read_refusal(cluster.live.annotations) is None


def test_what_serves_after_all_was_not_refused(gates: Cutover, cluster: FakeCluster) -> None:
    run(gates.note_refusal(BLUE, GateRefused("late", "why", "fix")))
    cluster.live = None
    run(gates.note_refusal(BLUE, GateRefused("late", "why", "fix")))
    assert cluster.asked == []


def test_a_note_of_another_release_stays(gates: Cutover, cluster: FakeCluster) -> None:
    run(gates.note_refusal(view("green", "3.0.0"), GateRefused("bad", "why", "fix")))
    cluster.switch(GREEN.selector)
    run(gates.finish(GREEN, None, recycle=False))
    assert cluster.live is not None
    assert read_refusal(cluster.live.annotations) is not None
