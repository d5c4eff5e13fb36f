"""No way back past a release that forbids it: by the note in the cluster, and by the config of what serves."""

import asyncio
from typing import Any

import pytest

from components.checks.rollback_limit import RollbackLimit
from components.releases.state import LiveService
from components.rules.errors import Moved, RollbackForbidden
from components.rules.labels import selector_labels
from components.rules.ledger import read_limit
from components.settings import Release
from contract.annotations import NO_ROLLBACK_PAST
from contract.releases import Numbered
from tests.components.fakes import FakeCluster


def release(version: str, build: int = 1, rollback: Any = None) -> Release:
    return Release(version=version, build=build, image=f"shop:{version}", rollback=rollback)


OLD, LIVE, NEXT = release("1.4.0", 12), release("1.5.0", 3, "forbidden"), release("1.6.0")


@pytest.fixture
def cluster() -> FakeCluster:
    made = FakeCluster()
    made.switch(selector_labels("shop", color="green", revision=LIVE.id))
    return made


@pytest.fixture
def barrier(cluster: FakeCluster) -> RollbackLimit:
    return RollbackLimit("shop", LiveService("shop", cluster))


def noted(cluster: FakeCluster) -> Any:
    assert cluster.live is not None
    return read_limit(cluster.live.annotations)


def check(barrier: RollbackLimit, target: Release, *known: Release) -> None:
    asyncio.run(barrier.check(target, "blue", known))


def test_the_note_counts_whatever_the_config_says_now(barrier: RollbackLimit, cluster: FakeCluster) -> None:
    asyncio.run(barrier.settle(LIVE))
    assert noted(cluster) == Numbered("1.5.0", 3)
    edited = LIVE.model_copy(update={"rollback": "allowed"})
    with pytest.raises(RollbackForbidden) as refused:
        check(barrier, OLD, OLD, edited)
    assert "shop: blue 1.4.0 build 12 is to take the traffic, and 1.5.0 build 3, which has" in str(refused.value)
    assert "put a release newer than 1.5.0 build 3 on blue" in str(refused.value)


def test_the_config_of_what_serves_counts_before_it_is_noted(barrier: RollbackLimit) -> None:
    with pytest.raises(RollbackForbidden):
        check(barrier, OLD, OLD, LIVE)


def test_a_release_that_does_not_serve_forbids_nothing(barrier: RollbackLimit, cluster: FakeCluster) -> None:
    cluster.switch(selector_labels("shop", color="blue", revision=NEXT.id))
    check(barrier, OLD, OLD, LIVE)


@pytest.mark.parametrize("target", [LIVE, NEXT, release("1.5.0", 4), release("1.10.0")])
def test_forward_is_always_open(barrier: RollbackLimit, target: Release) -> None:
    asyncio.run(barrier.settle(LIVE))
    check(barrier, target, LIVE, target)


def test_past_it_stays_closed_when_a_newer_one_serves(barrier: RollbackLimit, cluster: FakeCluster) -> None:
    asyncio.run(barrier.settle(LIVE))
    cluster.switch(selector_labels("shop", color="blue", revision=NEXT.id))
    asyncio.run(barrier.settle(NEXT))
    with pytest.raises(RollbackForbidden):
        check(barrier, OLD, OLD, NEXT)
    check(barrier, LIVE, LIVE, NEXT)


def test_what_serves_already_is_no_way_back(barrier: RollbackLimit, cluster: FakeCluster) -> None:
    asyncio.run(barrier.settle(LIVE))
    cluster.switch(selector_labels("shop", color="blue", revision=OLD.id))
    check(barrier, OLD, OLD, LIVE)


def test_it_is_lifted_once_the_release_that_allows_it_serves(barrier: RollbackLimit, cluster: FakeCluster) -> None:
    asyncio.run(barrier.settle(LIVE))
    asyncio.run(barrier.settle(release("1.6.0", rollback="allowed")))  # it does not serve
    assert noted(cluster)
    asyncio.run(barrier.settle(LIVE.model_copy(update={"rollback": "allowed"})))
    assert noted(cluster) is None
    check(barrier, OLD, OLD)


@pytest.mark.parametrize("text", ["", "1.5.0", "1.5.0 build x", "the one before"])
@pytest.mark.parametrize("target", [OLD, NEXT])
def test_a_limit_that_names_no_release_forbids_all_until_it_is_written_anew(
    barrier: RollbackLimit, cluster: FakeCluster, text: str, target: Release
) -> None:
    asyncio.run(cluster.annotate_service("shop", NO_ROLLBACK_PAST, text))
    with pytest.raises(RollbackForbidden, match="names no release") as refused:
        check(barrier, target, target)
    assert f"{NO_ROLLBACK_PAST} in the cluster is {text!r}" in str(refused.value)
    check(barrier, LIVE, LIVE)  # it serves already
    asyncio.run(barrier.settle(LIVE))
    assert noted(cluster) == Numbered("1.5.0", 3)
    asyncio.run(cluster.annotate_service("shop", NO_ROLLBACK_PAST, text))
    asyncio.run(barrier.settle(LIVE.model_copy(update={"rollback": "allowed"})))
    check(barrier, target, target)


def test_the_newest_limit_is_kept(barrier: RollbackLimit, cluster: FakeCluster) -> None:
    asyncio.run(cluster.annotate_service("shop", NO_ROLLBACK_PAST, "1.7.0 build 1"))
    asyncio.run(barrier.settle(LIVE))
    assert noted(cluster) == Numbered("1.7.0", 1)


def test_a_note_is_of_what_serves_when_it_is_written(barrier: RollbackLimit, cluster: FakeCluster) -> None:
    cluster.in_the_way = [lambda: None]  # somebody changes something else
    asyncio.run(barrier.settle(LIVE))
    assert noted(cluster) == Numbered("1.5.0", 3)
    cluster.switch(selector_labels("shop", color="blue", revision=NEXT.id))
    cluster.in_the_way = [lambda: cluster.switch(selector_labels("shop", color="green", revision=LIVE.id))]
    with pytest.raises(Moved, match=f"{NO_ROLLBACK_PAST} was to be noted of 1-6-0-b1"):
        asyncio.run(barrier.settle(NEXT.model_copy(update={"rollback": "forbidden"})))
    assert noted(cluster) == Numbered("1.5.0", 3)


def test_a_first_deployment_goes_back_past_nothing(barrier: RollbackLimit, cluster: FakeCluster) -> None:
    cluster.live = None
    check(barrier, OLD, OLD, LIVE)
    asyncio.run(barrier.settle(LIVE))
