"""The gates of a front: whom it leaves is written down, and gets new pods without ever being without ready ones."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from components.checks.served_before import mark_of
from components.checks.smoke import Smoke
from components.cluster import watch as limits
from components.releases.backend import Backend
from components.releases.view import ReleaseView
from components.rules.errors import Moved, NotReady, SmokeFailed, SwitchUnverified
from components.rules.served import with_served
from components.settings import Release, SmokeCheck
from components.strategies.front_cutover import FrontCutover
from contract.annotations import COMPLETED, DRAINING, SERVED
from contract.labels import INSTANCE
from tests.components.fakes import START, FakeCluster, front_cutover, make_pod


def backend(key: str, version: str, kind: str = "deployments") -> Backend:
    release = Release(version=version, build=1, image=f"api:{version}")
    view = ReleaseView(key, release, release.id, {INSTANCE: f"api-{key}"}, 2, stop_seconds=0)
    return Backend(view, f"api-{key}", kind, f"api-{key}", patience_seconds=0.2)


V1, V2, V3 = backend("v1", "1.0.0"), backend("v2", "2.0.0"), backend("v3", "3.0.0", "replicasets")
LATER = START + timedelta(minutes=5)


class Cluster(FakeCluster):
    """Deployments replace their pods at once when asked; ReplicaSets as soon as one is gone. `api-v1` may refuse to."""

    stuck = False

    async def restart(self, deployment: str, at: str) -> None:
        self.asked.append(f"restart {deployment} {at}")
        if not self.stuck:
            for pod in list(self.all_pods):
                if pod.labels[INSTANCE] == deployment:
                    self.all_pods.remove(pod)
                    self.all_pods.append(make_pod(f"{pod.name}-new", pod.labels, pod.image, created=LATER))

    async def end_pod(self, pod: Any) -> None:
        await super().end_pod(pod)
        self.all_pods.append(make_pod(f"{pod.name}-new", pod.labels, pod.image, created=LATER))


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    monkeypatch.setattr(limits, "VERIFY_SECONDS", 0.3)
    monkeypatch.setattr(limits, "POLL_SECONDS", 0.01)
    fake = Cluster()
    for one in (V1, V2, V3):
        fake.all_pods += [
            make_pod(f"{one.instance}-{number}", one.view.selector, one.view.release.image) for number in range(2)
        ]
    fake.switch(V1.view.selector)
    return fake


@pytest.fixture
def gates(cluster: Cluster) -> FrontCutover:
    made = front_cutover("api", cluster, lambda _: None)
    for one in (V1, V2, V3):
        made.know(one)
    return made


CARRIED_THROUGH = {SERVED: with_served((), mark_of(V2.view, V2.instance)), COMPLETED: V2.view.revision}


def run(gate: Coroutine[Any, Any, None]) -> None:
    asyncio.run(gate)


def switch(gates: FrontCutover, cluster: Cluster, to: Backend, minutes: int = 1) -> None:
    run(gates.before_switch(to.view, timeout_seconds=0.2))
    cluster.switch(to.view.selector, after=timedelta(minutes=minutes))


def annotations(cluster: Cluster) -> dict[str, str]:
    assert cluster.live is not None
    return dict(cluster.live.annotations)


def test_whom_the_front_leaves_gets_new_pods_under_its_own_surge_and_nobody_else(
    gates: FrontCutover, cluster: Cluster
) -> None:
    switch(gates, cluster, V2)
    assert annotations(cluster) == {DRAINING: "api-v1"}
    run(gates.finish(V2.view, recycle=True))
    at = (START + timedelta(minutes=1)).isoformat()
    assert [line for line in cluster.asked if not line.startswith("annotate")] == [f"restart api-v1 {at}"]
    assert annotations(cluster) == CARRIED_THROUGH
    cluster.asked.clear()
    run(gates.finish(V2.view, recycle=True))
    assert cluster.asked == [], "a finished switch is not finished twice"


def test_a_switch_that_died_is_drained_too_wherever_the_next_one_goes(gates: FrontCutover, cluster: Cluster) -> None:
    switch(gates, cluster, V2)  # and here the run is killed
    switch(gates, cluster, V3, minutes=2)
    assert annotations(cluster) == {DRAINING: "api-v1,api-v2"}
    run(gates.finish(V3.view, recycle=True))
    assert sorted(line.split()[1] for line in cluster.asked if line.startswith("restart")) == ["api-v1", "api-v2"]


def test_going_back_after_a_death_drains_what_the_front_had_reached(gates: FrontCutover, cluster: Cluster) -> None:
    switch(gates, cluster, V2)
    switch(gates, cluster, V1, minutes=2)
    run(gates.finish(V1.view, recycle=True))
    assert [line.split()[1] for line in cluster.asked if line.startswith("restart")] == ["api-v2"]


def test_a_stand_is_a_way_back_and_another_one_of_the_same_release_is_asked(
    gates: FrontCutover, cluster: Cluster
) -> None:
    cluster.answers = [(200, "written for v3 alone")]
    check = Smoke(SmokeCheck(path="/", expect_body="v2", timeout_seconds=0.2, interval_seconds=0.01), "api-v2")
    switch(gates, cluster, V2)
    run(gates.finish(V2.view, recycle=False))
    switch(gates, cluster, V1, minutes=2)
    run(gates.check(V2.view, timeout_seconds=0.2, checks=(check,)))
    twin = replace(V2.view, selector={**V2.view.selector, INSTANCE: "api-twin"})
    cluster.all_pods.append(make_pod("twin-0", twin.selector, twin.release.image))
    with pytest.raises(SmokeFailed):
        run(gates.check(replace(twin, replicas=1), timeout_seconds=0.2, checks=(check,)))


def test_pods_of_a_replica_set_are_replaced_one_at_a_time(gates: FrontCutover, cluster: Cluster) -> None:
    cluster.switch(V3.view.selector)
    switch(gates, cluster, V1, minutes=2)
    run(gates.finish(V1.view, recycle=True))
    assert [line for line in cluster.asked if line.startswith("end")] == ["end api-v3-0", "end api-v3-1"]
    assert sum(pod.labels[INSTANCE] == "api-v3" for pod in cluster.all_pods) == 2


def test_pods_that_are_not_replaced_are_said(gates: FrontCutover, cluster: Cluster) -> None:
    cluster.stuck = True
    switch(gates, cluster, V2)
    with pytest.raises(SwitchUnverified, match="of api-v1, which it left, api-v1-0, api-v1-1 was not replaced"):
        run(gates.finish(V2.view, recycle=True))
    assert annotations(cluster) == {DRAINING: "api-v1"}
    cluster.stuck = False  # what held them is gone: the next run goes on
    run(gates.finish(V2.view, recycle=True))
    assert annotations(cluster) == CARRIED_THROUGH


def test_recycle_off_leaves_all_pods_alone(gates: FrontCutover, cluster: Cluster) -> None:
    switch(gates, cluster, V2)
    run(gates.finish(V2.view, recycle=False))
    assert not [line for line in cluster.asked if line.startswith(("restart", "end"))]
    assert annotations(cluster) == CARRIED_THROUGH


@pytest.mark.parametrize("recycle", [True, False])
@pytest.mark.parametrize("left", [V1, V3], ids=lambda one: one.kind)
def test_what_is_left_and_in_no_config_any_more_is_seen_off(cluster: Cluster, left: Backend, recycle: bool) -> None:
    cluster.switch(left.view.selector)
    cluster.all_workloads = [V1.left, V3.left]
    gates = front_cutover("api", cluster, lambda _: None)
    gates.know(V2)
    switch(gates, cluster, V2, minutes=2)
    before = {pod.uid for pod in cluster.all_pods if pod.labels[INSTANCE] == left.instance}
    run(gates.finish(V2.view, recycle=recycle, see_off=True))
    now = {pod.uid for pod in cluster.all_pods if pod.labels[INSTANCE] == left.instance}
    assert len(now) == len(before)
    assert not now & before, "all of its pods have left, and others answer in their place until it is deleted"
    assert annotations(cluster) == CARRIED_THROUGH
    others = {pod.name for pod in cluster.all_pods if pod.labels[INSTANCE] != left.instance}
    assert not [name for name in others if name.endswith("-new")]


def test_what_cannot_be_seen_off_is_said_and_the_next_run_goes_on(cluster: Cluster) -> None:
    cluster.stuck, cluster.all_workloads = True, [V1.left]
    gates = front_cutover("api", cluster, lambda _: None)
    gates.know(V2)
    switch(gates, cluster, V2)
    with pytest.raises(SwitchUnverified, match="of api-v1, which it left, api-v1-0, api-v1-1 was not replaced"):
        run(gates.finish(V2.view, recycle=True, see_off=True))
    assert annotations(cluster) == {DRAINING: "api-v1"}
    cluster.stuck = False
    run(gates.finish(V2.view, recycle=True, see_off=True))
    assert annotations(cluster) == CARRIED_THROUGH


def test_a_front_whose_stands_call_no_other_leaves_the_deleted_ones_to_the_engine(cluster: Cluster) -> None:
    cluster.all_workloads = [V1.left]
    gates = front_cutover("api", cluster, lambda _: None)
    gates.know(V2)
    switch(gates, cluster, V2)
    run(gates.finish(V2.view, recycle=True))
    assert not [line for line in cluster.asked if line.startswith("restart")]


def test_a_backend_that_is_not_ready_is_refused_and_nothing_is_noted(gates: FrontCutover, cluster: Cluster) -> None:
    cluster.all_pods = [pod for pod in cluster.all_pods if pod.name != "api-v2-1"]
    with pytest.raises(NotReady, match="v2 2-0-0-b1 is not ready"):
        run(gates.before_switch(V2.view, timeout_seconds=0.1))
    assert annotations(cluster) == {}


def test_a_front_that_somebody_moved_is_moved_back(gates: FrontCutover, cluster: Cluster) -> None:
    cluster.switch(V2.view.selector)
    run(gates.restore(V1.view, timeout_seconds=0.2, checks=()))
    assert cluster.live is not None
    assert cluster.live.selector == V1.view.selector
    assert annotations(cluster) == {DRAINING: "api-v2"}


@pytest.mark.parametrize(("then", "kind"), [(V1, "restart"), (V3, "end")])
def test_a_front_that_somebody_moves_meanwhile_stops_nothing_more(
    gates: FrontCutover, cluster: Cluster, then: Backend, kind: str
) -> None:
    cluster.switch(then.view.selector)
    switch(gates, cluster, V2, minutes=2)
    look, seen = cluster.live_service, 0

    async def moving(name: str) -> Any:
        nonlocal seen
        seen += 1
        if seen == 2:
            cluster.switch(then.view.selector, after=timedelta(minutes=3))
        return await look(name)

    cluster.live_service = moving  # type: ignore[method-assign]
    with pytest.raises(Moved):
        run(gates.finish(V2.view, recycle=True))
    assert not [line for line in cluster.asked if line.startswith(kind)]
    assert COMPLETED not in annotations(cluster)


@pytest.mark.parametrize("left", [V1, V3], ids=["at once", "one by one"])
def test_a_front_whose_backend_is_ready_nowhere_any_more_stops_nothing_more(
    gates: FrontCutover, cluster: Cluster, left: Backend
) -> None:
    cluster.switch(left.view.selector)
    switch(gates, cluster, V2, minutes=2)
    change = "restart" if left is V1 else "end_pod"
    go_on = getattr(cluster, change)

    async def spoil(*given: Any) -> None:
        await go_on(*given)
        spoiled = V2.view.selector
        cluster.all_pods = [replace(pod, ready=pod.labels != spoiled) for pod in cluster.all_pods]

    setattr(cluster, change, spoil)
    with pytest.raises(SwitchUnverified, match="it has no ready endpoint"):
        run(gates.finish(V2.view, recycle=True))
    assert sum(line.startswith(("restart", "end")) for line in cluster.asked) == 1
    assert annotations(cluster)[DRAINING] == left.instance
    assert COMPLETED not in annotations(cluster)
