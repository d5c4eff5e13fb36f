"""Why a pod is not ready, in the cluster's own words."""

from typing import Any

import pytest

from cutover.observe.pods import read_pod
from tests.unit.cutover.objects import NOW, pod

Json = dict[str, Any]


def container(state: Json, **more: Any) -> Json:
    return {"state": state, "restartCount": 2, **more}


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ({}, "starting"),
        ({"containerStatuses": [container({"waiting": {"reason": "ContainerCreating"}})]}, "starting"),
        ({"containerStatuses": [container({"waiting": {"reason": "ImagePullBackOff"}})]}, "ImagePullBackOff"),
        (
            {
                "containerStatuses": [
                    container({"waiting": {"reason": "CrashLoopBackOff"}}, lastState={"terminated": {"exitCode": 137}})
                ]
            },
            "CrashLoopBackOff (last exit code 137)",
        ),
        (
            {"containerStatuses": [container({"terminated": {"reason": "OOMKilled", "exitCode": 137}})]},
            "OOMKilled (exit code 137)",
        ),
        (
            {"initContainerStatuses": [container({"waiting": {"reason": "ErrImagePull"}})]},
            "ErrImagePull",
        ),
        (
            {
                "containerStatuses": [
                    container({"running": {}}, lastState={"terminated": {"reason": "Error", "exitCode": 1}})
                ]
            },
            "restarted after Error (exit code 1)",
        ),
        ({"containerStatuses": [container({"running": {}})]}, "runs, its readiness probe does not pass"),
        ({"reason": "Evicted"}, "Evicted"),
        (
            {
                "conditions": [
                    {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "no node"}
                ]
            },
            "Unschedulable: no node",
        ),
    ],
)
def test_the_most_telling_reason_is_given(status: Json, reason: str) -> None:
    read = read_pod(pod(ready=False, **status), NOW)
    assert (read.ready, read.reason) == (False, reason)


def test_a_pod_on_its_way_out_is_not_ready() -> None:
    leaving = pod()
    leaving["metadata"]["deletionTimestamp"] = "2026-01-01T12:00:00Z"
    read = read_pod(leaving, NOW)
    assert (read.ready, read.reason) == (False, "Terminating")


def test_a_ready_pod_has_no_reason_but_an_age_and_restarts() -> None:
    read = read_pod(pod(minutes=2, containerStatuses=[container({"running": {}})]), NOW)
    assert (read.ready, read.reason, read.age_seconds, read.restarts) == (True, "", 120.0, 2)
