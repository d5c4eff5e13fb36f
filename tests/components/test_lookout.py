"""While the engine waits for a workload the program looks, and says once why it will not come up."""

import asyncio
from dataclasses import replace

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
        watch = EarlyWarning(lambda: Readiness(cluster, GREEN, 2), said.append)
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
        watch = EarlyWarning(lambda: Readiness(cluster, GREEN, 2), said.append)
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

    async def engine(at: FakeCluster) -> None:
        watch = EarlyWarning(lambda: Readiness(at, GREEN, 2), said.append)
        await watch.begin()
        await asyncio.sleep(0.1)
        await watch.end()
        at.all_pods = [replace(cluster.all_pods[0], problem=NO_IMAGE, waits_for="ImagePullBackOff")]
        await asyncio.sleep(0.05)

    away = Away()
    asyncio.run(engine(away))
    assert away.looks > 1
    asyncio.run(engine(cluster))
    assert said == []
