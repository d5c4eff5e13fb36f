"""What holds up the update of a StatefulSet is ended, nothing else is; and what the API server says of one."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.cluster.set_readings import lacks_pods, read_live_set, read_set
from components.cluster.workload_readings import read_rollout
from components.drain import held, rollout
from components.drain.held import Held, in_the_way, ordinal_of
from components.drain.rollout import RolloutGate, Wanted
from components.releases.view import ReleaseView
from components.rules.errors import RolloutStuck, RolloutUnfinished
from components.rules.facts import HASH, Pod, Rollout, Workload
from components.rules.labels import selector_labels
from components.settings import Release
from tests.components.fakes import FakeCluster, make_pod

Json = dict[str, Any]
RELEASE = Release(version="1.0.0", build=1, image="db:1")
SELECTOR = selector_labels("db")
TEMPLATE: Json = {"metadata": {"labels": {}}, "spec": {"containers": [{"name": "app", "image": "db:1"}]}}
FOUND = Rollout("1-0-0-b1", complete=False, annotations={}, template=TEMPLATE, hash="db-new", before="db-before")


def pod(number: int, hashed: str = "db-new", **changes: Any) -> Pod:
    revision = "1-0-0-b1" if hashed == "db-new" else "0-9-0-b1"
    return make_pod(f"db-{number}", selector_labels("db", revision=revision) | {HASH: hashed}, "db:1", **changes)


PODS = st.lists(
    st.builds(
        pod,
        st.integers(0, 5),
        st.sampled_from(["db-new", "db-old", "db-older"]),
        ready=st.booleans(),
        terminating=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda one: one.name,
)


@given(PODS, st.integers(0, 6), st.sampled_from(["db-new", ""]))
def test_only_pods_that_serve_nobody_and_have_to_go_are_in_the_way(pods: list[Pod], partition: int, seen: str) -> None:
    found = in_the_way(replace(FOUND, partition=partition, hash=seen), pods)
    for one in pods:
        goes = seen and one.labels[HASH] != seen and ordinal_of(one.name) >= partition
        assert (one in found) == bool(goes and not one.ready and not one.terminating)
    assert [ordinal_of(one.name) for one in found] == sorted(ordinal_of(one.name) for one in found)


def test_pods_of_others_are_of_no_set() -> None:
    assert (ordinal_of("db-12"), ordinal_of("db"), ordinal_of("db-5d8f7c-x2kzq")) == (12, -1, -1)
    foreign = replace(pod(0, "db-old", ready=False), name="db-tool", labels=SELECTOR)
    assert in_the_way(FOUND, [foreign]) == []


def looked(pods: list[Pod], times: list[float], monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], list[str], str]:
    """What was ended and said in looks at these times, and why it is late at the end."""
    now, cluster = [0.0], FakeCluster()
    said: list[str] = []
    cluster.all_pods = pods
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    watch = Held("db", cluster, said.append, 60)

    async def run() -> str:
        for at in times:
            now[0] = at
            await watch.let_go(FOUND, cluster.all_pods)
        return watch.late(FOUND, cluster.all_pods)

    late = asyncio.run(run())
    return cluster.asked, said, late


def test_what_may_get_ready_yet_has_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = pod(2, "db-old", ready=False, problem="runs, but its readiness probe fails")
    pods = [pod(0, "db-old"), pod(1, "db-old"), bad]
    assert looked(pods, [0, held.HELD_SECONDS - 0.1], monkeypatch)[0] == []
    ended, said, _ = looked(pods, [0, held.HELD_SECONDS], monkeypatch)
    assert ended == ["end db-2"]
    assert "db-2 is of another release than the wanted one and not ready: runs, but its readiness" in said[0]


def test_a_pod_of_the_release_before_has_its_whole_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be at work on its data after its node went away."""
    slow = [pod(0), pod(1, "db-before", ready=False)]
    assert looked(slow, [0, 59], monkeypatch)[0] == []
    assert looked(slow, [0, 60], monkeypatch)[0] == ["end db-1"]


def test_what_its_kubelet_cannot_start_is_ended_at_once_and_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    crashes = {"ready": False, "waits_for": "CrashLoopBackOff"}
    pods = [pod(0), pod(1, "db-old", **crashes), pod(2, "db-old", **crashes)]
    assert looked(pods, [0], monkeypatch)[0] == ["end db-1"]
    starts = [pod(1, "db-old", ready=False, waits_for="ContainerCreating")]
    assert looked(starts, [0], monkeypatch)[0] == []


def test_a_pod_of_the_wanted_release_is_never_ended_but_said_to_be_late(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = [pod(0), pod(1, ready=False, problem="Unschedulable")]
    assert looked(slow, [0, 59], monkeypatch) == ([], [], "")
    assert looked(slow, [0, 60], monkeypatch) == ([], [], "db-1 was not ready for 60 s: Unschedulable")


class Sets(FakeCluster):
    """With one StatefulSet, which comes back to what it is to be once nothing is in its way."""

    def __init__(self, partition: int = 0) -> None:
        super().__init__()
        self.found = replace(FOUND, partition=partition)

    async def rollout(self, name: str, kind: str = "deployments") -> Rollout | None:
        assert kind == "statefulsets"
        return self.found

    async def end_pod(self, pod_: Pod) -> None:
        await super().end_pod(pod_)
        self.all_pods.append(pod(ordinal_of(pod_.name)))
        self.found = replace(self.found, complete=True)


def gate(cluster: FakeCluster, said: list[str]) -> RolloutGate:
    view = ReleaseView("release", RELEASE, RELEASE.id, SELECTOR, 2, 0, stateful=True)
    new = replace(view, selector=selector_labels("db", revision=RELEASE.id))
    wanted = Wanted("db", "db", RELEASE.id, TEMPLATE, SELECTOR, 0.2, 0, view, new, kind="statefulsets")
    return RolloutGate(wanted, cluster, said.append)


def test_an_update_is_complete_once_what_held_it_up_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "HELD_SECONDS", 0)
    cluster = Sets()
    cluster.all_pods = [pod(0), pod(1, "db-old", ready=False)]
    asyncio.run(gate(cluster, []).finish())
    assert cluster.asked == ["end db-1"]


def test_why_it_gets_no_further_ends_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Sets()
    cluster.all_pods = [pod(0), pod(1, ready=False, problem="Unschedulable")]
    with pytest.raises(RolloutStuck, match=r"db-1 was not ready for 0\.2 s: Unschedulable"):
        asyncio.run(gate(cluster, []).settle())
    cluster.all_pods = [pod(0)]
    denied = 'FailedCreate: create Pod db-1 failed error: pods "db-1" is forbidden: violates PodSecurity'
    cluster.all_workloads = [Workload("statefulsets", "db", SELECTOR, 2, 0, 60, denied)]
    with pytest.raises(RolloutStuck, match="violates PodSecurity"):
        asyncio.run(gate(cluster, []).settle())


def test_pods_below_the_partition_are_left_and_others_are_awaited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollout, "MARGIN_SECONDS", 0.1)
    cluster = Sets(partition=1)
    cluster.all_pods = [pod(0, "db-old"), pod(1)]
    cluster.found = replace(cluster.found, complete=True)
    asyncio.run(gate(cluster, []).finish())
    cluster.found = replace(cluster.found, partition=0)
    with pytest.raises(RolloutUnfinished, match="db-0 still there"):
        asyncio.run(gate(cluster, []).finish())


SEEN = {"observedGeneration": 2, "updateRevision": "db-2", "currentRevision": "db-1"}


def item(**status: Any) -> Json:
    spec = {"replicas": 3, "selector": {"matchLabels": SELECTOR}, "template": TEMPLATE, "serviceName": "db-pods"}
    meta = {"name": "db", "generation": 2, "annotations": {"cutover.dev/stack": "a/b"}, "managedFields": []}
    return {"metadata": meta, "spec": spec, "status": SEEN | status}


@pytest.mark.parametrize(
    ("partition", "status", "complete"),
    [
        (0, {"updatedReplicas": 3, "availableReplicas": 3, "replicas": 3}, True),
        (0, {"updatedReplicas": 2, "availableReplicas": 3, "replicas": 3}, False),
        (0, {"updatedReplicas": 3, "availableReplicas": 2, "replicas": 3}, False),
        (0, {"updatedReplicas": 3, "availableReplicas": 3, "replicas": 3, "observedGeneration": 1}, False),
        (2, {"updatedReplicas": 1, "availableReplicas": 3, "replicas": 3}, True),
        (2, {"availableReplicas": 3, "replicas": 3}, False),
        (9, {"availableReplicas": 3, "replicas": 3}, True),
    ],
)
def test_complete_means_every_pod_that_is_to_have_it(partition: int, status: Json, complete: bool) -> None:
    made = item(**status)
    made["spec"]["updateStrategy"] = {"type": "RollingUpdate", "rollingUpdate": {"partition": partition}}
    found = read_rollout(made)
    assert found.complete == complete
    seen = status.get("observedGeneration", 2) == 2
    assert (found.hash, found.before) == (("db-2", "db-1") if seen else ("", ""))
    assert found.partition == partition


def event(message: str, at: str = "2026-01-01T00:00:09Z", **changes: Any) -> Json:
    return {"reason": "FailedCreate", "type": "Warning", "message": message, "lastTimestamp": at, **changes}


def test_why_it_makes_no_pods_is_told_by_the_events_since_its_last_change() -> None:
    made = item(replicas=2)
    old = {"manager": "a", "time": "2026-01-01T00:00:01Z", "fieldsV1": {"f:spec": {}}}
    new = {"manager": "b", "time": "2026-01-01T00:00:05Z", "fieldsV1": {"f:spec": {}}}
    seen = {"manager": "c", "time": "2026-01-01T00:00:59Z", "subresource": "status", "fieldsV1": {"f:status": {}}}
    made["metadata"]["managedFields"] = [old, new, seen]
    assert lacks_pods(made)
    assert not lacks_pods(item(replicas=3))
    before = event("of the release before", "2026-01-01T00:00:04Z")
    noted = event("nothing", type="Normal")
    assert read_set(made, [before, noted], 600).refused == ""
    denied = event('create Pod db-1 in StatefulSet db failed error: pods "db-1" is forbidden: violates PodSecurity')
    found = read_set(made, [before, denied], 600)
    assert found.refused.startswith("FailedCreate: create Pod db-1")
    assert (found.kind, found.name, found.replicas, found.generation) == ("statefulsets", "db", 3, 2)
    micro = event("quota") | {"lastTimestamp": None, "eventTime": "2026-01-01T00:00:07.123456Z"}
    assert read_set(made, [micro], 600).refused == "FailedCreate: quota"


def test_one_that_stands_is_known_by_its_identity_and_spec() -> None:
    found = read_live_set(item())
    assert (found.name, found.stack, found.spec["serviceName"]) == ("db", "a/b", "db-pods")
