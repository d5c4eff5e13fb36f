"""StatefulSets as the driver sees them: the state of a service, its plan in words, limits of its steps, leftovers."""

from typing import Any

import pytest

from contract.checks import Gate
from cutover.engine.records import Step
from cutover.observe.facts import gather
from cutover.observe.judge import judge
from cutover.observe.records import ServiceStatus
from cutover.operations.plan.planned import order_of, service_plan
from cutover.output.steps import limit_seconds
from tests.unit.cutover.objects import NOW, V1, V2, deployment, pods, rolling, service, view

Json = dict[str, Any]
URN = "urn:pulumi:test::cutover::cutover:index:RollingApp$kubernetes:apps/v1:StatefulSet::shop"


def stateful(**changes: Any) -> Json:
    return rolling(workload="stateful-set", **changes)


def a_set(release: Json = V2, *, partition: int = 0, updated: int | None = None) -> Json:
    made = deployment(None, release, updated=updated)
    del made["spec"]["strategy"]
    made["spec"]["updateStrategy"] = {"type": "RollingUpdate", "rollingUpdate": {"partition": partition}}
    return made


def status(config: Json, workload: Json, found: list[Json]) -> ServiceStatus:
    return judge(view(shop=config), gather([service(color=None)], [workload], found, NOW))["shop"]


@pytest.mark.parametrize(
    ("partition", "updated", "found", "state"),
    [
        (0, 2, pods(None, V2), "healthy"),
        (0, 1, [*pods(None, V1, 1), *pods(None, V2, 1)], "progressing"),
        (1, 1, [*pods(None, V1, 1), *pods(None, V2, 1)], "paused"),
        (1, 0, pods(None, V1), "progressing"),
        (1, 2, pods(None, V2), "healthy"),  # as it was first deployed
    ],
)
def test_pods_that_stay_behind_on_purpose_are_no_rollout_under_way(
    partition: int, updated: int, found: list[Json], state: str
) -> None:
    config = stateful(release=V2, partition=partition)
    seen = status(config, a_set(partition=partition, updated=updated), found)
    assert seen.state == state
    if state == "paused":
        assert seen.reason == "pods below number 1 stay on the release before (partition)"
        assert set(seen.colors["release"].serving) == {"1-0-0-b1", "1-1-0-b1"}


def test_a_release_that_only_came_half_way_is_told_by_what_serves() -> None:
    seen = status(stateful(release=V2), a_set(updated=1), [*pods(None, V1, 1), *pods(None, V2, 1)])
    assert "1.1.0 build 1 comes with 1 of 2 pods" in seen.reason
    assert not seen.completed


@pytest.mark.parametrize(
    ("config", "gate"),
    [
        (stateful(), "rollout: one pod after the other, the last one first"),
        (
            stateful(partition=1),
            "rollout: one pod after the other, the last one first, down to number 1; those below stay on the release "
            "before",
        ),
        (
            stateful(replicas=1, termination_grace_seconds=60),
            "rollout: an outage: the one pod stops, at most 60 s, before the next starts, ready in 300 s",
        ),
    ],
)
def test_what_a_release_costs_is_in_the_plan(config: Json, gate: str) -> None:
    assert view(shop=config).services["shop"].gates == (Gate("rollout", gate),)


def step(**spec: Any) -> Step:
    kind = "kubernetes:apps/v1:StatefulSet"
    return Step("begins", "update", kind, URN, old={"spec": {"replicas": 2}}, new={"spec": {"replicas": 2, **spec}})


def test_the_plan_says_how_pods_are_replaced_and_their_number() -> None:
    one = view(shop=stateful(release=V2)).services["shop"]
    seen = status(stateful(release=V2), a_set(V1), pods(None, V1))
    assert (
        service_plan(one, seen, [step()]).to_json()["traffic"]
        == "follows the pods as they are replaced, one after the other"
    )
    assert order_of([step(replicas=3)]) == ["change StatefulSet shop: 2 -> 3 pods"]


def test_each_pod_has_its_time() -> None:
    config = stateful(replicas=3, progress_deadline_seconds=60, termination_grace_seconds=20)
    assert limit_seconds(step(), view(shop=config)) == 240
