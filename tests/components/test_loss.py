"""A group is not cut over by an edit that also takes away, or changes, the release that its draining pods call."""

import asyncio
from typing import Any

import pytest

from components.releases.view import ReleaseView
from components.rules.errors import LiveReleaseEdit
from components.rules.facts import LiveService
from components.rules.labels import live_selector, selector_labels
from components.settings import Adopt, Release
from components.strategies.cutover import Cutover
from contract.annotations import ADOPTED
from tests.components.fakes import START, FakeCluster, label_cutover, make_pod, selector_cutover


def view(color: Any, version: str, image: str, **more: Any) -> ReleaseView:
    release = Release(version=version, build=1, image=image, **more)
    selector = selector_labels("api", color=color, revision=release.id)
    return ReleaseView(color, release, release.id, selector, 1, stop_seconds=1, adopted="adopt" in more)


BLUE, GREEN = view("blue", "1.0.0", "api:1"), view("green", "2.0.0", "api:2")
NEXT, MOVED = view("blue", "3.0.0", "api:3"), view("blue", "1.0.0", "api:other")


@pytest.fixture
def cluster() -> FakeCluster:
    fake = FakeCluster()
    fake.all_pods = [make_pod("blue", BLUE.selector, "api:1"), make_pod("green", GREEN.selector, "api:2")]
    fake.switch(BLUE.selector)
    return fake


def refuse_loss(gates: Cutover, target: ReleaseView, idle: ReleaseView | None) -> None:
    asyncio.run(gates.live_edit.refuse_loss(target, idle))


def gates(cluster: FakeCluster, *, by_label: bool = False) -> Cutover:
    if by_label:
        cluster.switch(live_selector("api"))
        cluster.all_pods = [
            make_pod(pod.name, {**pod.labels, **(live_selector("api") if pod.name == "blue" else {})}, pod.image)
            for pod in cluster.all_pods
        ]
        return label_cutover("api", cluster, print, overlap_seconds=0)
    return selector_cutover("api", cluster, print)


@pytest.mark.parametrize("by_label", [False, True])
@pytest.mark.parametrize(
    ("idle", "now"),
    [(NEXT, "release 3-0-0-b1 from api:3"), (MOVED, "release 1-0-0-b1 from api:other"), (None, "no release")],
)
def test_the_release_that_serves_must_stay(
    cluster: FakeCluster, idle: ReleaseView | None, now: str, by_label: bool
) -> None:
    with pytest.raises(LiveReleaseEdit, match=f"traffic from release 1-0-0-b1.*color of that one {now}") as refused:
        refuse_loss(gates(cluster, by_label=by_label), GREEN, idle)
    assert "in the next edit" in str(refused.value)


@pytest.mark.parametrize("by_label", [False, True])
def test_a_cutover_alone_is_none_of_it(cluster: FakeCluster, by_label: bool) -> None:
    refuse_loss(gates(cluster, by_label=by_label), GREEN, BLUE)


@pytest.mark.parametrize("idle", [BLUE, NEXT, None])
def test_once_it_is_cut_over_the_color_that_was_left_may_change(cluster: FakeCluster, idle: ReleaseView | None) -> None:
    cluster.switch(GREEN.selector)
    refuse_loss(gates(cluster), GREEN, idle)


def test_a_first_deployment_has_nothing_to_lose(cluster: FakeCluster) -> None:
    cluster.live = None
    refuse_loss(gates(cluster), GREEN, None)


def test_what_somebody_else_selects_is_restored_not_kept(cluster: FakeCluster) -> None:
    cluster.all_pods.append(make_pod("foreign", {"app": "foreign"}))
    cluster.switch({"app": "foreign"})
    refuse_loss(gates(cluster), GREEN, None)
    refuse_loss(gates(cluster), GREEN, BLUE)


def test_an_adopted_release_is_one_too(cluster: FakeCluster) -> None:
    cluster.all_pods.append(make_pod("old", {"app": "old"}, "api:0"))
    cluster.live = LiveService({"app": "old"}, START, {ADOPTED: "blue"})
    adopted = view("blue", "0.1.0", "api:0", adopt=Adopt(deployment="old", selector={"app": "old"}))
    refuse_loss(gates(cluster), GREEN, adopted)
    with pytest.raises(LiveReleaseEdit, match="which was adopted"):
        refuse_loss(gates(cluster), GREEN, NEXT)
    with pytest.raises(LiveReleaseEdit, match="no release"):
        refuse_loss(gates(cluster), GREEN, None)
