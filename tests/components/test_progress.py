"""How long pods that go in rounds may take, however many rounds there are: the limit is the time since the last one."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from components.cluster.watch import Watch
from components.drain.recycling import Recycling
from components.drain.rollout import RolloutGate, Wanted
from components.releases.view import ReleaseView
from components.rules.errors import RolloutUnfinished, SwitchUnverified
from components.rules.facts import Pod, Rollout, Workload
from components.rules.labels import selector_labels
from components.settings import Adopt, Release
from tests.components.clock import Clock
from tests.components.fakes import FakeCluster, make_pod
from tests.components.two_colors import BLUE

ROUND_SECONDS, PATIENCE_SECONDS, STOP_SECONDS, MARGIN_SECONDS = 102.0, 300.0, 30, 30.0
LIMIT_SECONDS = PATIENCE_SECONDS + STOP_SECONDS + MARGIN_SECONDS
OLD = replace(BLUE, stop_seconds=STOP_SECONDS)
WEB = {"app": "web"}
RELEASE = Release(version="1.0.0", build=1, image="shop:1", adopt=Adopt(deployment="web", selector=WEB))
ADOPTED = ReleaseView("blue", RELEASE, RELEASE.id, WEB, 1, STOP_SECONDS, adopted=True)
SELECTOR = selector_labels("shop")


def template(image: str) -> dict[str, Any]:
    return {"metadata": {"labels": {}}, "spec": {"containers": [{"name": "app", "image": image}]}}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


async def look() -> None:
    """Nobody moves the Service."""


class Rounds(FakeCluster):
    """A Deployment that replaces its pods one by one, each in a round; after `most` of them it is stuck."""

    def __init__(self, clock: Clock, labels: Mapping[str, str], most: int = 4) -> None:
        super().__init__()
        self._clock, self._labels, self._most = clock, labels, most
        self.template = template("shop:2")
        self.all_workloads = [Workload("deployments", "shop", labels, 4, STOP_SECONDS, PATIENCE_SECONDS)]

    @property
    def replaced(self) -> int:
        return min(int(self._clock.now // ROUND_SECONDS), self._most)

    async def pods(self, selector: Mapping[str, str]) -> list[Pod]:
        fresh = dict(self._labels) | selector_labels("shop", revision="1-0-0-b1")
        old = [make_pod(f"old-{number}", self._labels) for number in range(self.replaced, 4)]
        return old + [make_pod(f"fresh-{number}", fresh) for number in range(self.replaced)]

    async def restart(self, deployment: str, at: str) -> None:
        self.asked.append(f"restart {deployment}")

    async def rollout(self, name: str, kind: str = "deployments") -> Rollout | None:
        return Rollout("", self.replaced == 4, {}, self.template, "7", 1)

    async def replace_template(
        self, name: str, template: Mapping[str, Any], version: str, kind: str = "deployments"
    ) -> int | None:
        self.template = dict(template)
        return 2


def recycle(cluster: FakeCluster, old: ReleaseView = OLD) -> None:
    recycling = Recycling(Watch("shop", cluster, lambda _: None), MARGIN_SECONDS)
    stale = asyncio.run(cluster.pods(old.selector))
    asyncio.run(recycling.recycle(old, stale, "then", look))


def gate(cluster: FakeCluster) -> RolloutGate:
    wanted = Wanted("shop", "shop", "1-0-0-b1", template("shop:1"), SELECTOR, PATIENCE_SECONDS, STOP_SECONDS)
    return RolloutGate(wanted, cluster, lambda _: None)


def test_the_old_color_may_need_several_rounds_to_restart(clock: Clock) -> None:
    recycle(Rounds(clock, OLD.selector))
    assert LIMIT_SECONDS < clock.now < 4 * ROUND_SECONDS + 2


@pytest.mark.parametrize("most", [0, 2])
def test_a_restart_that_gets_no_further_ends_once_the_time_since_the_last_round_is_over(
    clock: Clock, most: int
) -> None:
    left = ", ".join(f"old-{number}" for number in range(most, 4))
    with pytest.raises(SwitchUnverified, match=f"{left} still there; no further pod was replaced for 360 s"):
        recycle(Rounds(clock, OLD.selector, most))
    assert 0 <= clock.now - most * ROUND_SECONDS - LIMIT_SECONDS < 3


@pytest.mark.parametrize("end", ["finish", "mend"])
def test_what_is_mended_may_need_several_rounds(clock: Clock, end: str) -> None:
    asyncio.run(getattr(gate(Rounds(clock, SELECTOR)), end)())
    assert LIMIT_SECONDS < clock.now < 4 * ROUND_SECONDS + 2


@pytest.mark.parametrize("end", ["finish", "mend"])
def test_a_rollout_that_gets_no_further_ends_once_the_time_since_the_last_round_is_over(clock: Clock, end: str) -> None:
    with pytest.raises(RolloutUnfinished, match="and ready; no further pod was replaced for 360 s"):
        asyncio.run(getattr(gate(Rounds(clock, SELECTOR, 2)), end)())
    assert 0 <= clock.now - 2 * ROUND_SECONDS - LIMIT_SECONDS < 3


class Slow(FakeCluster):
    """An adopted Deployment, whose pods need `seconds` to start."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        super().__init__()
        self._clock, self._seconds, self.ready_at = clock, seconds, 0.0
        self.all_pods = [make_pod(f"old-{number}", WEB) for number in range(2)]

    async def pods(self, selector: Mapping[str, str]) -> list[Pod]:
        late = self._clock.now < self.ready_at
        return [replace(one, ready=not (late and one is self.all_pods[-1])) for one in self.all_pods]

    async def end_pod(self, pod: Pod) -> None:
        self.all_pods = [one for one in self.all_pods if one.uid != pod.uid]
        self.all_pods.append(make_pod(f"fresh-{pod.name}", WEB))
        self.ready_at = self._clock.now + self._seconds


@pytest.mark.parametrize("labels", [WEB, {"app": "another"}])
def test_an_adopted_application_may_be_slow_to_start(clock: Clock, labels: dict[str, str]) -> None:
    """Of a Deployment that is not found by the labels of its pods, nobody knows its deadline: Kubernetes' own then."""
    cluster = Slow(clock, 200)
    cluster.all_workloads = [Workload("deployments", "web", labels, 2, STOP_SECONDS, PATIENCE_SECONDS)]
    recycle(cluster, ADOPTED)
    assert 400 <= clock.now < 403


def test_an_adopted_application_that_does_not_start_ends_the_wait_after_the_deadline_of_its_deployment(
    clock: Clock,
) -> None:
    cluster = Slow(clock, 10_000)
    other = Workload("deployments", "worker", WEB, 2, 5, 5)
    cluster.all_workloads = [other, Workload("deployments", "web", WEB, 2, STOP_SECONDS, PATIENCE_SECONDS)]
    with pytest.raises(SwitchUnverified, match="1 of 2 pods of blue are ready; no further pod was replaced for 360 s"):
        recycle(cluster, ADOPTED)
    assert 0 <= clock.now - LIMIT_SECONDS < 3


def test_a_set_that_starts_its_pods_in_turn_has_the_time_for_each(clock: Clock) -> None:
    """Somebody took its pods away: it gets on with each that is ready, and none goes."""

    class Ordered(FakeCluster):
        async def pods(self, selector: Mapping[str, str]) -> list[Pod]:
            ready = 1 + int(clock.now // 299)
            labels = selector_labels("shop", revision="1-0-0-b1")
            return [make_pod(f"db-{number}", labels, ready=number < ready) for number in range(ready + 1)]

        async def rollout(self, name: str, kind: str = "deployments") -> Rollout | None:
            return Rollout("", clock.now >= 299 * 6, {}, None)

    wanted = Wanted("shop", "db", "1-0-0-b1", {}, SELECTOR, PATIENCE_SECONDS, STOP_SECONDS, kind="statefulsets")
    asyncio.run(RolloutGate(wanted, Ordered(), lambda _: None).settle())
    assert 299 * 6 <= clock.now < 299 * 6 + 3
