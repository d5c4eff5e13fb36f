"""The gates where one release was there before: its pods carry no label of ours, and may stop without a pause."""

import asyncio
from datetime import timedelta

import pytest

from components.cluster import watch as limits
from components.cluster.readings import read_pod
from components.releases.adopted import as_adopted
from components.releases.view import ReleaseView
from components.rules.errors import GateRefused, LiveReleaseEdit
from components.rules.facts import LiveService, Pod
from components.rules.labels import selector_labels
from components.settings import Adopt, Release
from components.strategies.cutover import Cutover
from components.traffic import adoption
from contract.annotations import ADOPTED
from tests.components.fakes import START, FakeCluster, carried_through, make_pod, selector_cutover

OLD_SELECTOR = {"app": "web"}
OLD_RELEASE = Release(version="1.0.0", build=0, image="shop:1", adopt=Adopt(deployment="web", selector=OLD_SELECTOR))
NEW_RELEASE = Release(version="2.0.0", build=7, image="shop:2")
NEW_SELECTOR = selector_labels("shop", color="green", revision=NEW_RELEASE.id)
OLD = ReleaseView("blue", OLD_RELEASE, OLD_RELEASE.id, OLD_SELECTOR, 1, 1, adopted=True)
NEW = ReleaseView("green", NEW_RELEASE, NEW_RELEASE.id, NEW_SELECTOR, 2, 1, settle_seconds=1)


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    monkeypatch.setattr(limits, "VERIFY_SECONDS", 0.3)
    monkeypatch.setattr(limits, "POLL_SECONDS", 0.01)
    fake = FakeCluster()
    fake.all_pods = [make_pod(f"old-{i}", OLD_SELECTOR, "shop:1") for i in range(3)]
    later = START + timedelta(hours=1)
    fake.all_pods += [make_pod(f"new-{i}", NEW_SELECTOR, "shop:2", created=later) for i in range(2)]
    fake.switch(OLD_SELECTOR)
    return fake


@pytest.fixture
def gates(cluster: FakeCluster) -> Cutover:
    return selector_cutover("shop", cluster, lambda _: None)


def adopt(gates: Cutover, cluster: FakeCluster) -> None:
    asyncio.run(gates.finish(OLD, NEW, recycle=True))
    cluster.asked.clear()


def test_adoption_notes_what_serves_and_stops_nothing(gates: Cutover, cluster: FakeCluster) -> None:
    asyncio.run(gates.finish(OLD, NEW, recycle=True))
    assert cluster.asked == [*carried_through(OLD), f"annotate {ADOPTED}=blue"]


def test_the_adopted_pods_stop_only_after_the_switch_has_settled(
    gates: Cutover, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    sleep = asyncio.sleep

    async def count(seconds: float) -> None:
        if seconds == NEW.settle_seconds:
            waits.append(seconds)
            assert not [asked for asked in cluster.asked if asked.startswith("end")]
        await sleep(0)

    cluster.refills = True
    adopt(gates, cluster)
    asyncio.run(gates.before_switch(NEW, timeout_seconds=0.2))
    cluster.switch(NEW_SELECTOR)
    monkeypatch.setattr(asyncio, "sleep", count)
    asyncio.run(gates.finish(NEW, OLD, recycle=True))
    assert waits == [1]
    assert {f"end old-{i}" for i in range(3)} <= set(cluster.asked)
    assert cluster.live
    assert cluster.live.annotations[ADOPTED] == "blue"


def test_all_adopted_pods_count_for_the_way_back_however_many_there_are(gates: Cutover, cluster: FakeCluster) -> None:
    adopt(gates, cluster)
    cluster.switch(NEW_SELECTOR)
    asyncio.run(gates.check(OLD, timeout_seconds=0.2, checks=()))
    cluster.all_pods.append(make_pod("old-3", OLD_SELECTOR, "shop:1", ready=False))
    with pytest.raises(Exception, match="3 of 1 pods ready"):
        asyncio.run(gates.check(OLD, timeout_seconds=0.1, checks=()))


def test_the_way_back_to_fewer_adopted_pods_is_said_with_their_own_number(cluster: FakeCluster) -> None:
    """Its number in the plan is 1, the least; its Deployment has three."""
    said: list[str] = []
    gates = selector_cutover("shop", cluster, said.append)
    adopt(gates, cluster)
    cluster.switch(NEW_SELECTOR)
    said.clear()
    asyncio.run(gates.check(OLD, timeout_seconds=0.2, checks=()))
    assert said == []
    cluster.all_pods += [make_pod(f"new-{i}", NEW_SELECTOR, "shop:2") for i in range(2, 5)]
    asyncio.run(gates.check(OLD, timeout_seconds=0.2, checks=()))
    assert said == [
        "shop: 5 pods serve now, blue, which was adopted, has 3: the switch takes capacity away; "
        "scale its Deployment first to keep as many"
    ]


def test_the_adopted_release_is_not_replaced_while_it_serves(gates: Cutover, cluster: FakeCluster) -> None:
    adopt(gates, cluster)
    own = ReleaseView("blue", NEW_RELEASE, NEW_RELEASE.id, {}, 2, 1)
    with pytest.raises(LiveReleaseEdit, match="with release 1-0-0-b0, which was adopted, and"):
        asyncio.run(gates.live_edit.refuse(own))
    asyncio.run(gates.live_edit.refuse(NEW))


def test_the_note_goes_with_the_last_adopted_release(gates: Cutover, cluster: FakeCluster) -> None:
    cluster.live = LiveService(NEW_SELECTOR, START, {ADOPTED: "blue"})
    quick = ReleaseView("green", NEW_RELEASE, NEW_RELEASE.id, NEW_SELECTOR, 2, 1)
    asyncio.run(gates.finish(quick, None, recycle=True))
    assert ADOPTED not in cluster.live.annotations


A, B = ("sha256:" + digit * 64 for digit in "ab")
PINNED = Release(
    version="1.0.0", build=0, image=f"shop@{A}", adopt=Adopt(deployment="web", selector=OLD_SELECTOR, container="main")
)
OLD_PINNED = ReleaseView("blue", PINNED, PINNED.id, OLD_SELECTOR, 1, 1, adopted=True)


def runs(name: str, digest: str, *, ready: bool = True) -> Pod:
    mates = {"proxy": ("envoy:1", f"envoy@{B}"), "main": ("shop:latest", f"shop@{digest}" if digest else "")}
    return make_pod(name, OLD_SELECTOR, "envoy:1", ready=ready, runs=mates)


def test_pods_of_a_tag_that_moves_are_told_by_the_digest_that_they_run(gates: Cutover, cluster: FakeCluster) -> None:
    cluster.all_pods = [runs("old-0", A), runs("old-1", A)]
    asyncio.run(adoption.refuse_change(cluster, "shop", OLD_PINNED))
    asyncio.run(gates.check(OLD_PINNED, timeout_seconds=0.2, checks=()))
    cluster.all_pods.append(runs("old-2", "", ready=False))
    cluster.switch(NEW_SELECTOR)
    with pytest.raises(Exception, match="2 of 1 pods ready"):
        asyncio.run(gates.check(OLD_PINNED, timeout_seconds=0.1, checks=()))


def test_a_pod_that_pulled_another_content_is_refused_with_both_digests(gates: Cutover, cluster: FakeCluster) -> None:
    cluster.all_pods = [runs("old-0", A), runs("old-1", B)]
    with pytest.raises(GateRefused, match=f"shop@{A}, shop@{B}, and the config says shop@{A}"):
        asyncio.run(adoption.refuse_change(cluster, "shop", OLD_PINNED))
    with pytest.raises(Exception, match=f"pods run shop@{B}, the release is shop@{A}"):
        asyncio.run(gates.check(OLD_PINNED, timeout_seconds=0.1, checks=()))


def test_the_container_that_serves_is_the_one_that_is_looked_at() -> None:
    item = {
        "metadata": {"name": "a", "uid": "a", "creationTimestamp": "2026-01-01T00:00:00Z", "labels": {}},
        "spec": {"containers": [{"name": "proxy", "image": "envoy:1"}, {"name": "main", "image": "shop:latest"}]},
        "status": {"containerStatuses": [{"name": "main", "imageID": f"docker-pullable://shop@{A}"}]},
    }
    pod = read_pod(item)
    assert pod.image == "envoy:1"
    assert [one.image for one in as_adopted([pod], PINNED)] == [PINNED.image]
    assert [one.image for one in as_adopted([pod], OLD_RELEASE)] == ["envoy:1"]
