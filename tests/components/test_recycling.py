"""The drain: in turn, so that a rollback finds the standby warm, and not a step further once the Service has moved."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from components.cluster import watch as limits
from components.rules.errors import Moved, SwitchUnverified
from components.rules.facts import Pod, Workload
from tests.components.fakes import START, FakeCluster, carried_through, make_pod, selector_cutover
from tests.components.two_colors import BLUE, GREEN
from tests.patience import PATIENCE_SECONDS

LATER = START + timedelta(minutes=5)
SWITCHED = (START + timedelta(minutes=1)).isoformat()


class Cluster(FakeCluster):
    """A ReplicaSet of blue pods at work; `fewest` are the most that were missing at any time."""

    replicas = 2
    move_after = 99
    spoiled_after = 99
    """So many pods have ended when no pod of green is ready any more."""

    def __init__(self) -> None:
        super().__init__()
        self.fewest = 2

    def _count(self) -> None:
        blue = [pod for pod in self.all_pods if pod.labels == BLUE.selector]
        self.fewest = min(self.fewest, len(blue))
        for number in range(len(blue), self.replicas):
            self.all_pods.append(make_pod(f"fresh-{len(self.asked)}-{number}", BLUE.selector, created=LATER))

    async def scale(self, kind: str, name: str, replicas: int, *, version: str = "") -> bool:
        await super().scale(kind, name, replicas)
        self.replicas = replicas
        self._count()
        return True

    async def end_pod(self, pod: Pod) -> None:
        await super().end_pod(pod)
        self._count()
        ended = sum(line.startswith("end") for line in self.asked)
        if ended == self.move_after:
            self.switch(BLUE.selector)
        if ended == self.spoiled_after:
            self.spoil()

    def spoil(self) -> None:
        self.all_pods = [replace(pod, ready=pod.labels == BLUE.selector) for pod in self.all_pods]

    async def restart(self, deployment: str, at: str) -> None:
        self.asked.append(f"restart {deployment} {at}")
        self.all_pods = [pod for pod in self.all_pods if pod.labels != BLUE.selector]
        if self.spoiled_after == 0:
            self.spoil()


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    monkeypatch.setattr(limits, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(limits, "VERIFY_SECONDS", 0.3)
    fake = Cluster()
    fake.all_pods = [make_pod(f"blue-{i}", BLUE.selector) for i in range(2)]
    fake.all_pods += [make_pod(f"green-{i}", GREEN.selector, "shop:2") for i in range(2)]
    fake.all_workloads = [Workload("replicasets", "shop-blue", BLUE.selector, 2, 1, 60)]
    fake.switch(GREEN.selector)
    return fake


def finish(cluster: Cluster, old: Any = BLUE) -> None:
    asyncio.run(selector_cutover("shop", cluster, lambda _: None).finish(GREEN, old, recycle=True))


def test_a_replica_set_is_recycled_in_turn_and_never_short_of_a_pod(cluster: Cluster) -> None:
    finish(cluster)
    scaled = "scale replicasets/shop-blue to"
    assert cluster.asked == [f"{scaled} 3", "end blue-0", "end blue-1", f"{scaled} 2", *carried_through(GREEN)]
    assert cluster.fewest == 2


def test_a_deployment_is_recycled_under_its_own_surge(cluster: Cluster) -> None:
    cluster.all_workloads = [replace(cluster.all_workloads[0], kind="deployments")]
    finish(cluster)
    assert cluster.asked == [f"restart shop-blue {SWITCHED}", *carried_through(GREEN)]


@pytest.mark.parametrize("kind", ["replicasets", "deployments"])
def test_pods_that_are_ready_nowhere_end_and_nobody_waits_for_others(cluster: Cluster, kind: str) -> None:
    cluster.all_workloads = [replace(cluster.all_workloads[0], kind=kind)]
    cluster.all_pods = [replace(pod, ready=pod.labels != BLUE.selector) for pod in cluster.all_pods]
    finish(cluster)
    back = ["scale replicasets/shop-blue to 2"] if kind == "replicasets" else []
    assert cluster.asked == ["end blue-0", "end blue-1", *back, *carried_through(GREEN)]


def test_what_is_not_ready_ends_first_and_the_rest_in_turn(cluster: Cluster) -> None:
    cluster.all_pods = [replace(pod, ready=pod.name != "blue-1") for pod in cluster.all_pods]
    finish(cluster)
    scaled = "scale replicasets/shop-blue to"
    assert cluster.asked == ["end blue-1", f"{scaled} 3", "end blue-0", f"{scaled} 2", *carried_through(GREEN)]


def test_no_more_pods_are_waited_for_than_the_color_has_from_now_on(cluster: Cluster) -> None:
    cluster.all_workloads = [replace(cluster.all_workloads[0], stop_seconds=0, patience_seconds=0.2)]
    cluster.all_pods.append(make_pod("blue-2", BLUE.selector))  # one more than its replicas: it is about to go
    finish(cluster)
    scaled = "scale replicasets/shop-blue to"
    ended = [f"end blue-{number}" for number in range(3)]
    assert cluster.asked == [f"{scaled} 3", *ended, f"{scaled} 2", *carried_through(GREEN)]


@pytest.mark.parametrize("kind", ["replicasets", "deployments"])
def test_a_service_that_somebody_took_back_ends_the_drain_and_nothing_is_noted(cluster: Cluster, kind: str) -> None:
    cluster.all_workloads = [replace(cluster.all_workloads[0], kind=kind)]
    moved_back = cluster.live_service
    looks = 0

    async def taken_back(name: str) -> Any:
        nonlocal looks
        looks += 1
        if looks == (4 if kind == "replicasets" else 3):
            cluster.switch(BLUE.selector)
        return await moved_back(name)

    cluster.live_service = taken_back  # type: ignore[method-assign]
    with pytest.raises(Moved, match="somebody moved it while this run was draining"):
        finish(cluster)
    assert not [line for line in cluster.asked if line.startswith(("end", "restart", "annotate"))]
    assert {"blue-0", "blue-1"} <= {pod.name for pod in cluster.all_pods}
    del cluster.live_service  # `active` is set to blue, which it went back to
    asyncio.run(selector_cutover("shop", cluster, lambda _: None).finish(BLUE, GREEN, recycle=False))
    assert cluster.asked[-1] == carried_through(BLUE)[-1]


def test_after_the_first_pod_the_second_is_left_where_the_service_has_moved(cluster: Cluster) -> None:
    cluster.move_after = 1
    with pytest.raises(Moved):
        finish(cluster)
    assert [line for line in cluster.asked if line.startswith(("end", "annotate"))] == ["end blue-0"]
    assert cluster.replicas == 2


def test_no_further_pod_ends_and_nothing_is_complete_once_the_release_that_serves_is_ready_nowhere(
    cluster: Cluster,
) -> None:
    cluster.spoiled_after = 1
    with pytest.raises(SwitchUnverified, match=r"switched to 2-0-0-b1, but for 0\.3 s it has no ready endpoint"):
        finish(cluster)
    assert [line for line in cluster.asked if line.startswith(("end", "annotate"))] == ["end blue-0"]
    assert cluster.replicas == 2


def test_a_release_that_is_ready_nowhere_once_a_deployment_was_restarted_is_not_complete(cluster: Cluster) -> None:
    cluster.all_workloads = [replace(cluster.all_workloads[0], kind="deployments")]
    cluster.spoiled_after = 0
    with pytest.raises(SwitchUnverified, match="it has no ready endpoint"):
        finish(cluster)
    assert not [line for line in cluster.asked if line.startswith("annotate")]


def test_a_service_that_is_moved_while_its_release_is_ready_nowhere_ends_the_wait(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "VERIFY_SECONDS", PATIENCE_SECONDS)
    cluster.spoiled_after = 1
    ask = cluster.endpoints

    async def moved(service: str) -> Any:
        found = await ask(service)
        if not any(one.ready for one in found):
            cluster.switch(BLUE.selector)
        return found

    cluster.endpoints = moved  # type: ignore[method-assign]
    with pytest.raises(Moved):
        finish(cluster)
