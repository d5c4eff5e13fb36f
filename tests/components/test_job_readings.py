"""Jobs, Deployments and the ends of pods, from the API server's JSON."""

from typing import Any

import pytest

from components.cluster.readings import read_last_words
from components.cluster.workload_readings import read_job, read_rollout
from components.rules.facts import Rollout

Json = dict[str, Any]
META = {"name": "shop", "uid": "u", "annotations": {"a": "b"}}


def condition(kind: str, **more: str) -> Json:
    return {"type": kind, "status": "True", **more}


@pytest.mark.parametrize(
    ("suspended", "status", "state"),
    [
        (True, {}, "waiting"),
        (False, {}, "running"),
        (False, {"active": 1, "conditions": [condition("Suspended") | {"status": "False"}]}, "running"),
        (False, {"conditions": [condition("FailureTarget")]}, "running"),  # its pods may still be at work
        (False, {"conditions": [condition("FailureTarget"), condition("Failed")]}, "failed"),
        (False, {"conditions": [condition("SuccessCriteriaMet"), condition("Complete")]}, "done"),
        (True, {"conditions": [condition("Complete")]}, "done"),
    ],
)
def test_the_state_of_a_job(suspended: bool, status: Json, state: str) -> None:
    found = read_job({"metadata": META, "spec": {"suspend": suspended}, "status": status})
    assert (found.name, found.uid, found.state, found.annotations) == ("shop", "u", state, {"a": "b"})


def test_the_reason_of_a_failure_is_the_cluster_s() -> None:
    failed = condition("Failed", reason="DeadlineExceeded", message="Job was active longer than specified deadline")
    found = read_job({"metadata": META, "spec": {}, "status": {"conditions": [failed]}})
    assert found.reason == "DeadlineExceeded: Job was active longer than specified deadline"


def pod(state: Json, name: str = "app", **status: Any) -> Json:
    return {"status": {"containerStatuses": [{"name": "mesh", "state": {}}, {"name": name, "state": state}], **status}}


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (pod({"terminated": {"exitCode": 1, "message": "locked\nby 12"}}), "exit code 1, 'locked by 12'"),
        (pod({"terminated": {"exitCode": 137}}), "exit code 137"),
        (pod({"terminated": {"exitCode": 0}}), ""),
        (pod({"running": {}}), ""),
        (pod({"waiting": {"reason": "ContainerCreating"}}), ""),
        (pod({"waiting": {"reason": "ImagePullBackOff", "message": "no such tag"}}), "ImagePullBackOff: no such tag"),
        (pod({"waiting": {"reason": "ErrImagePull"}}, name="other"), ""),
        (
            {"status": {"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]}},
            "Unschedulable",
        ),
        ({}, ""),
    ],
)
def test_how_a_pod_of_a_job_ended(item: Json, said: str) -> None:
    assert read_last_words(item) == said


@pytest.mark.parametrize(
    ("status", "complete"),
    [
        ({"observedGeneration": 2, "updatedReplicas": 2, "availableReplicas": 2, "replicas": 2}, True),
        ({"observedGeneration": 1, "updatedReplicas": 2, "availableReplicas": 2, "replicas": 2}, False),
        ({"observedGeneration": 2, "updatedReplicas": 2, "availableReplicas": 2, "replicas": 3}, False),
        ({}, False),
    ],
)
def test_whether_a_rollout_is_complete(status: Json, complete: bool) -> None:
    template = {"metadata": {"labels": {"cutover.dev/revision": "1-0-0-b1"}}}
    item = {"metadata": {"generation": 2}, "spec": {"replicas": 2, "template": template}, "status": status}
    assert read_rollout(item) == Rollout("1-0-0-b1", complete, {}, template, generation=2)
