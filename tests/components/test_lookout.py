"""While the engine waits for a workload the program looks, and says once why it will not come up."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace

import pytest

from components.checks.readiness import Readiness
from components.hooks import early_warning
from components.hooks.early_warning import EarlyWarning
from components.rules.errors import ClusterUnreachable
from components.rules.facts import Pod, Workload
from tests.components.fakes import FakeCluster, make_pod
from tests.components.test_gate_reasons import NO_IMAGE
from tests.components.two_colors import GREEN
from tests.patience import PATIENCE_SECONDS


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    monkeypatch.setattr(early_warning, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(early_warning, "STALE_SECONDS", 0)
    fake = FakeCluster()
    fake.all_pods = [make_pod("green-0", GREEN.selector, "shop:2", ready=False)]
    return fake


def pull_fails(cluster: FakeCluster) -> None:
    cluster.all_pods = [replace(cluster.all_pods[0], problem=NO_IMAGE, waits_for="ImagePullBackOff")]


def test_the_reason_is_said_once(cluster: FakeCluster) -> None:
    said: list[str] = []

    async def engine() -> None:
        watch = EarlyWarning(lambda: Readiness(cluster, GREEN, 2), said.append, said.append, 60)
        await watch.begin()
        await asyncio.sleep(0.05)
        assert said == []
        pull_fails(cluster)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not said:  # noqa: ASYNC110 - what is said is a list
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        await watch.end()

    asyncio.run(engine())
    assert said == [f"green-0: {NO_IMAGE}"]


def test_what_was_wrong_before_the_step_is_not_told_of_what_it_mends(
    cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(early_warning, "STALE_SECONDS", PATIENCE_SECONDS)
    refused = Workload("deployments", "shop-green", GREEN.selector, 2, 1, 60, "FailedCreate: denied the request", 1)
    cluster.all_workloads = [refused]
    said: list[str] = []

    async def engine() -> None:
        watch = EarlyWarning(lambda: Readiness(cluster, GREEN, 2), said.append, said.append, 60)
        await watch.begin()
        await asyncio.sleep(0.1)
        assert said == []
        cluster.all_workloads = [replace(refused, generation=2)]
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not said:  # noqa: ASYNC110 - what is said is a list
                await asyncio.sleep(0.01)
        await watch.end()

    asyncio.run(engine())
    assert said == ["FailedCreate: denied the request"]


def test_it_ends_with_the_step_and_a_cluster_that_is_away_is_asked_again(cluster: FakeCluster) -> None:
    said: list[str] = []

    class Away(FakeCluster):
        looks = 0

        async def pods(self, selector: object) -> list[Pod]:
            return []

        async def workloads(self, selector: object, *, stateful: bool = False) -> list[Workload]:
            self.looks += 1
            raise ClusterUnreachable("away", "", "")

    async def engine(at: FakeCluster, deadline_seconds: float) -> None:
        watch = EarlyWarning(lambda: Readiness(at, GREEN, 2), said.append, said.append, deadline_seconds)
        await watch.begin()
        await asyncio.sleep(0.1)
        await watch.end()
        at.all_pods = [replace(cluster.all_pods[0], problem=NO_IMAGE, waits_for="ImagePullBackOff")]
        await asyncio.sleep(0.05)

    away = Away()
    asyncio.run(engine(away, 0.01))
    assert away.looks > 1
    asyncio.run(engine(cluster, 60))
    assert said == []


def test_pods_that_are_late_are_told_once_and_a_further_ready_pod_gives_the_others_their_time_anew(
    cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    late: list[str] = []
    now, looks, unready = [0.0], [0], cluster.all_pods[0]
    ask = cluster.pods

    async def counted(selector: Mapping[str, str]) -> list[Pod]:
        looks[0] += 1
        return await ask(selector)

    monkeypatch.setattr(cluster, "pods", counted)
    monkeypatch.setattr(early_warning, "time", SimpleNamespace(monotonic=lambda: now[0]))

    async def passes(seconds: float, pods: list[Pod]) -> None:
        cluster.all_pods = pods
        now[0] += seconds
        enough = looks[0] + 2
        async with asyncio.timeout(PATIENCE_SECONDS):
            while looks[0] < enough and not late:  # noqa: ASYNC110 - what is counted is a number
                await asyncio.sleep(0.01)

    async def engine() -> None:
        watch = EarlyWarning(lambda: Readiness(cluster, GREEN, 4), pytest.fail, late.append, 20)
        await watch.begin()
        await passes(60, [])  # no pod is made yet: that has reasons of its own
        for ready in range(3):
            await passes(19, [replace(unready, name=f"green-{n}", ready=n < ready) for n in range(4)])
        assert late == []
        await passes(19, cluster.all_pods)
        assert len(late) == 0
        await passes(19, cluster.all_pods)
        await asyncio.sleep(0.1)
        await watch.end()

    asyncio.run(engine())
    (said,) = late
    assert said == "2 of 4 pods ready"
