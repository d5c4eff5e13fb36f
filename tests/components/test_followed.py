"""What sends to pods past the live Service follows a switch before anything of the old color stops."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from components.cluster.cluster import Cluster
from components.cluster.watch import Watch
from components.releases.view import ReleaseView
from components.rules.errors import SwitchNotFollowed
from components.rules.labels import selector_labels
from components.settings import Release
from components.strategies.cutover import Cutover
from components.traffic.selector import SelectorRouter
from contract.annotations import COMPLETED
from tests.components.fakes import FakeCluster, carried_through, make_pod


class Balancer:
    """A check that says no until it `follows`."""

    says = "verify_after command targets"

    def __init__(self) -> None:
        self.follows = False
        self.asked: list[str] = []

    async def ask(self, cluster: Cluster, target: ReleaseView) -> None:
        assert isinstance(cluster, FakeCluster)
        self.asked.append(target.color)
        cluster.asked.append("balancer")
        if not self.follows:
            raise SwitchNotFollowed("it still sends to blue", "", "")


def view(color: Any, version: str) -> ReleaseView:
    release = Release(version=version, build=1, image=f"shop:{version}")
    selector = selector_labels("shop", color=color, revision=release.id)
    return ReleaseView(color, release, release.id, selector, 1, stop_seconds=1)


BLUE, GREEN = view("blue", "1.0.0"), view("green", "2.0.0")


@pytest.fixture
def cluster() -> FakeCluster:
    fake = FakeCluster()
    fake.all_pods = [make_pod(one.color, one.selector, one.release.image) for one in (BLUE, GREEN)]
    fake.switch(BLUE.selector)
    return fake


@pytest.fixture
def balancer() -> Balancer:
    return Balancer()


def cutover(cluster: FakeCluster, balancer: Balancer) -> Cutover:
    """The cutovers of a run of the program."""
    watch = Watch("shop", cluster, lambda _: None)
    return Cutover(watch, SelectorRouter(watch), balancer)


def run(gate: Coroutine[Any, Any, None]) -> None:
    asyncio.run(gate)


def test_nothing_of_the_old_color_stops_before_the_balancer_follows(cluster: FakeCluster, balancer: Balancer) -> None:
    cluster.switch(GREEN.selector, after=timedelta(minutes=2))
    with pytest.raises(SwitchNotFollowed):
        run(cutover(cluster, balancer).finish(GREEN, BLUE, recycle=True))
    assert cluster.asked == ["balancer"]
    balancer.follows = True
    run(cutover(cluster, balancer).finish(GREEN, BLUE, recycle=True))  # the next run carries it on
    assert cluster.asked == ["balancer", "balancer", "end blue", *carried_through(GREEN)]


def test_the_old_color_does_not_shrink_before_and_is_asked_for_once_a_run(
    cluster: FakeCluster, balancer: Balancer
) -> None:
    cluster.switch(GREEN.selector, after=timedelta(minutes=2))
    gates = cutover(cluster, balancer)
    with pytest.raises(SwitchNotFollowed):
        run(gates.may_shrink(GREEN, BLUE))
    balancer.follows = True
    run(gates.may_shrink(GREEN, BLUE))
    run(gates.finish(GREEN, BLUE, recycle=False))
    assert balancer.asked == ["green", "green"]


def test_a_rollback_waits_for_the_balancer_as_well(cluster: FakeCluster, balancer: Balancer) -> None:
    balancer.follows = True
    cluster.switch(GREEN.selector, after=timedelta(minutes=2))
    run(cutover(cluster, balancer).finish(GREEN, BLUE, recycle=False))
    cluster.switch(BLUE.selector, after=timedelta(minutes=3))
    balancer.follows = False
    with pytest.raises(SwitchNotFollowed):
        run(cutover(cluster, balancer).finish(BLUE, GREEN, recycle=True))


def test_who_has_left_nobody_waits_for_nobody(cluster: FakeCluster, balancer: Balancer) -> None:
    assert cluster.live
    cluster.live = replace(cluster.live, created=cluster.live.switched_at)  # it selects what it did when it was made
    run(cutover(cluster, balancer).finish(BLUE, GREEN, recycle=False))
    assert cluster.live.annotations[COMPLETED] == BLUE.revision
    cluster.switch(GREEN.selector, after=timedelta(minutes=2))
    balancer.follows = True
    run(cutover(cluster, balancer).finish(GREEN, BLUE, recycle=False))
    run(cutover(cluster, balancer).finish(GREEN, BLUE, recycle=False))  # complete: nothing is waited for
    assert balancer.asked == ["green"]


def test_pods_that_lost_a_share_are_not_restarted_before_it_follows(cluster: FakeCluster, balancer: Balancer) -> None:
    cluster.switch(GREEN.selector, after=timedelta(minutes=2))
    balancer.follows = True
    run(cutover(cluster, balancer).finish(GREEN, BLUE, recycle=False))
    balancer.follows, balancer.asked = False, []
    with pytest.raises(SwitchNotFollowed):
        run(cutover(cluster, balancer).recycle_left(GREEN, BLUE))
    assert "end blue" not in cluster.asked
    balancer.follows = True
    run(cutover(cluster, balancer).recycle_left(GREEN, BLUE))
    assert (balancer.asked, cluster.asked[-1]) == (["green", "green"], "end blue")
