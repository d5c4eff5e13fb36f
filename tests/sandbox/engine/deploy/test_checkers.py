"""The provider's rules of readiness, kind by kind, on objects as the API server shows them."""

from typing import Any

import pytest

from sandbox.engine.kube.awaits import daemons, deployment, service, simple, stateful
from sandbox.engine.kube.awaits.base import Checker, pod_reasons

Object = dict[str, Any]


class Cluster:
    """Answers lists and reads from a dict by kind."""

    def __init__(self, **objects: list[Object]):
        self.objects = objects

    def find_all(self, api_version: str, kind: str, namespace: str, **query: str) -> list[Object]:
        return self.objects.get(kind, [])

    def find(self, ref: Any) -> Object | None:
        return next((one for one in self.objects.get(ref.kind, []) if one["metadata"]["name"] == ref.name), None)


def judge(kind: type[Checker], live: Object, before: Object | None = None, **objects: list[Object]) -> tuple[bool, Any]:
    checker = kind(Cluster(**objects), live, before)  # type: ignore[arg-type]
    return checker.look(live).ready, checker.reasons(live)


def condition(type_: str, status: str = "True", **more: str) -> Object:
    return {"type": type_, "status": status, **more}


def workload(status: Object, spec: Object | None = None, **metadata: Any) -> Object:
    return {
        "metadata": {"name": "web", "namespace": "shop", "uid": "u1", "generation": 2, **metadata},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, **(spec or {})},
        "status": {"observedGeneration": 2, **status},
    }


def replica_set(ready: int, revision: str = "2") -> Object:
    owner = [{"uid": "u1"}]
    annotations = {"deployment.kubernetes.io/revision": revision}
    return {
        "metadata": {"name": "web-1", "uid": "r1", "ownerReferences": owner, "annotations": annotations},
        "spec": {"replicas": 2},
        "status": {"readyReplicas": ready},
    }


POD = {
    "metadata": {"name": "web-1-a", "namespace": "shop", "ownerReferences": [{"uid": "r1"}, {"uid": "u1"}]},
    "status": {
        "conditions": [condition("PodScheduled"), condition("Ready", "False", message="containers not ready")],
        "containerStatuses": [
            {"name": "c", "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}}
        ],
    },
}
ROLLED_OUT = [condition("Available"), condition("Progressing", reason="NewReplicaSetAvailable")]
EXCEEDED = [
    condition("Available"),
    condition("Progressing", "False", reason="ProgressDeadlineExceeded", message="has timed out progressing"),
]


@pytest.mark.parametrize(
    ("conditions", "ready_pods", "observed", "ready"),
    [
        (ROLLED_OUT, 2, 2, True),
        (ROLLED_OUT, 1, 2, False),
        (ROLLED_OUT, 2, 1, False),
        (EXCEEDED, 2, 2, False),
        ([condition("Available", "False"), ROLLED_OUT[1]], 2, 2, False),
    ],
)
def test_a_deployment_is_ready_when_its_newest_replica_set_is(
    conditions: list[Object], ready_pods: int, observed: int, ready: bool
) -> None:
    template: Object = {"template": {"spec": {}}}
    annotations = {"deployment.kubernetes.io/revision": "2"}
    live = workload({"conditions": conditions, "observedGeneration": observed}, template, annotations=annotations)
    found = [replica_set(ready_pods), replica_set(2, "1")]
    assert judge(deployment.DeploymentChecker, live, ReplicaSet=found)[0] is ready


def test_a_late_deployment_names_its_deadline_its_pods_and_its_claims() -> None:
    volumes = [{"persistentVolumeClaim": {"claimName": "disk"}}]
    annotations = {"deployment.kubernetes.io/revision": "2"}
    live = workload({"conditions": EXCEEDED}, {"template": {"spec": {"volumes": volumes}}}, annotations=annotations)
    claim = {"metadata": {"name": "disk"}, "status": {"phase": "Pending"}}
    ready, told = judge(
        deployment.DeploymentChecker, live, ReplicaSet=[replica_set(2)], Pod=[POD], PersistentVolumeClaim=[claim]
    )
    assert not ready
    assert told == [
        "[ProgressDeadlineExceeded] has timed out progressing",
        "Failed to bind PersistentVolumeClaim(s): disk",
        "Minimum number of Pods to consider the application live was not attained",
        "[Pod shop/web-1-a]: containers not ready[ImagePullBackOff] no such image",
    ]


@pytest.mark.parametrize(
    ("status", "spec", "ready"),
    [
        ({"currentRevision": "a", "updateRevision": "a", "currentReplicas": 2}, {}, True),
        ({"currentRevision": "a", "updateRevision": "b", "currentReplicas": 2}, {}, False),
        ({"currentRevision": "a", "updateRevision": "a", "currentReplicas": 1}, {}, False),
        ({"currentRevision": "a", "updateRevision": "b"}, {"updateStrategy": {"type": "OnDelete"}}, True),
    ],
)
def test_a_stateful_set_is_ready_when_all_replicas_are_of_the_new_revision(
    status: Object, spec: Object, ready: bool
) -> None:
    live = workload({"replicas": 2, "readyReplicas": 2, **status}, spec)
    found, told = judge(stateful.StatefulSetChecker, live, Pod=[POD])
    assert found is ready
    assert "ImagePullBackOff" in told[-1]
    assert len(told) == (1 if ready else 2)


@pytest.mark.parametrize(("updated", "ready"), [(3, True), (2, False)])
def test_a_daemon_set_is_ready_when_every_node_has_the_new_pod(updated: int, ready: bool) -> None:
    counts = {"currentNumberScheduled": 3, "updatedNumberScheduled": updated, "numberAvailable": 3, "numberReady": 3}
    live = workload({"desiredNumberScheduled": 3, **counts})
    assert judge(daemons.DaemonSetChecker, live, Pod=[])[0] is ready


@pytest.mark.parametrize(
    ("spec", "endpoints", "settled", "ready"),
    [
        ({"selector": {"app": "x"}}, [True], True, True),
        ({"selector": {"app": "x"}}, [True], False, False),
        ({"selector": {"app": "x"}}, [True, False], True, False),
        ({"selector": {"app": "x"}}, [], True, True),
        ({"selector": {"app": "x"}, "clusterIP": "None"}, [False], False, True),
        ({"type": "ExternalName", "selector": {"app": "x"}}, [], False, True),
        ({}, [], False, True),
        ({"type": "LoadBalancer", "selector": {"app": "x"}}, [True], True, False),
    ],
)
def test_a_service_is_ready_when_its_endpoints_have_settled_and_none_is_unready(
    monkeypatch: pytest.MonkeyPatch, spec: Object, endpoints: list[bool], settled: bool, ready: bool
) -> None:
    monkeypatch.setattr(service, "SETTLE_SECONDS", 0 if settled else 10)
    found = [{"addresses": [f"10.0.0.{i}"], "conditions": {"ready": one}} for i, one in enumerate(endpoints)]
    live = {"metadata": {"name": "web", "namespace": "shop"}, "spec": spec}
    assert judge(service.ServiceChecker, live, EndpointSlice=[{"endpoints": found}])[0] is ready


@pytest.mark.parametrize(
    ("kind", "live", "ready"),
    [
        (simple.PodChecker, {"status": {"conditions": [condition("Ready")]}}, True),
        (simple.PodChecker, {"status": {"phase": "Succeeded"}}, True),
        (simple.PodChecker, {"status": {"phase": "Running"}}, False),
        (simple.VolumeChecker, {"status": {"phase": "Available"}}, True),
        (simple.ClaimChecker, {"spec": {}, "status": {"phase": "Bound"}}, True),
        (simple.ClaimChecker, {"spec": {"storageClassName": "late"}, "status": {"phase": "Pending"}}, True),
        (simple.ClaimChecker, {"spec": {"storageClassName": "now"}, "status": {"phase": "Pending"}}, False),
        (simple.ReplicasChecker, {"spec": {"replicas": 2}, "status": {"readyReplicas": 1}}, False),
        (simple.IngressChecker, {"status": {"loadBalancer": {"ingress": [{"ip": "10.0.0.1"}]}}}, True),
        (simple.IngressChecker, {"status": {}}, False),
    ],
)
def test_kinds_that_are_judged_by_their_own_status(kind: type[Checker], live: Object, ready: bool) -> None:
    classes = [
        {"metadata": {"name": "late"}, "volumeBindingMode": "WaitForFirstConsumer"},
        {"metadata": {"name": "now"}, "volumeBindingMode": "Immediate"},
    ]
    live = {"metadata": {"name": "x", "namespace": "shop"}, **live}
    assert judge(kind, live, StorageClass=classes)[0] is ready


def test_pods_say_what_keeps_them() -> None:
    unscheduled = {
        "metadata": {"name": "a"},
        "status": {"conditions": [condition("PodScheduled", "False", message="0/1 nodes are available")]},
    }
    crashed = {
        "metadata": {"name": "b"},
        "status": {
            "containerStatuses": [
                {
                    "name": "c",
                    "state": {"terminated": {"reason": "Error", "exitCode": 3}},
                    "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137, "finishedAt": "now"}},
                }
            ]
        },
    }
    fine = {"metadata": {"name": "c"}, "status": {"conditions": [condition("Ready")]}}
    assert pod_reasons([unscheduled, crashed, fine]) == [
        "0/1 nodes are available",
        '[Pod b]: container "c" completed with exit code 3; container "c" terminated at now (OOMKilled: exit code 137)',
    ]


@pytest.mark.parametrize(
    "state",
    [
        {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}},
        {"running": {"startedAt": "now"}},
        {"terminated": {"reason": "Error", "exitCode": 1}},
    ],
)
def test_a_crash_is_told_at_any_moment_of_its_loop(state: Object) -> None:
    ended = {"reason": "Error", "exitCode": 1, "finishedAt": "now"}
    status = {"containerStatuses": [{"name": "c", "state": state, "lastState": {"terminated": ended}}]}
    (reason,) = pod_reasons([{"metadata": {"name": "p"}, "status": status}])
    assert "exit code 1" in reason
