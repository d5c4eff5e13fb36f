"""What the API server's JSON says of why a release does not come up."""

from typing import Any

import pytest

from components.cluster.readings import read_existing, read_pod
from components.cluster.workload_readings import newest_set, read_workload
from components.rules.trouble import Trouble, trouble

Json = dict[str, Any]


def pod(**waiting: str) -> Json:
    meta = {"name": "shop-1", "uid": "u", "creationTimestamp": "2026-01-01T00:00:00Z"}
    status = {"containerStatuses": [{"name": "app", "state": {"waiting": waiting}}]}
    return {"metadata": meta, "spec": {"containers": [{"name": "app", "image": "shop:1"}]}, "status": status}


def workload(*conditions: Json) -> Json:
    template: Json = {"metadata": {}, "spec": {}}
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template, "replicas": 2}
    return {"metadata": {"name": "shop"}, "spec": spec, "status": {"conditions": list(conditions)}}


@pytest.mark.parametrize(
    ("reason", "message", "final"),
    [
        ("InvalidImageName", "couldn't parse image name", True),
        ("ErrImageNeverPull", "not present with pull policy of Never", True),
        (
            "ImagePullBackOff",
            "Back-off pulling: failed to resolve reference: unexpected status: 401 Unauthorized",
            True,
        ),
        ("ImagePullBackOff", 'Back-off pulling image "shop:1"', False),
        ("ErrImagePull", "failed to pull: manifest unknown", False),
        ("ErrImagePull", "dial tcp: lookup registry: no such host", False),
    ],
)
def test_what_the_kubelet_says_of_an_image(reason: str, message: str, final: bool) -> None:
    found = trouble([read_pod(pod(reason=reason, message=message))], [])
    assert found == Trouble(f"shop-1: {reason}: {message}", final)


@pytest.mark.parametrize(("ready", "problem"), [("True", ""), ("False", "runs, but its readiness probe fails")])
def test_only_what_is_not_ready_is_said_to_be_wrong(ready: str, problem: str) -> None:
    found = pod()
    found["status"] = {
        "conditions": [{"type": "Ready", "status": ready}],
        "containerStatuses": [{"name": "app", "state": {"running": {}}}],
    }
    assert read_pod(found).problem == problem


@pytest.mark.parametrize("reason", ["ContainerCreating", "CrashLoopBackOff", "CreateContainerConfigError"])
def test_what_is_no_matter_of_the_image(reason: str) -> None:
    assert trouble([read_pod(pod(reason=reason))], []) is None


@pytest.mark.parametrize(
    ("message", "final"),
    [
        ('pods "x" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true', True),
        ('admission webhook "deny.example" denied the request: no', True),
        ('pods "x" is forbidden: minimum cpu usage per Container is 1, but request is 10m', True),
        ('pods "x" is forbidden: exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2', False),
        ('failed calling webhook "deny.example": connect: connection refused', False),
    ],
)
def test_what_an_admission_says_of_the_pods(message: str, final: bool) -> None:
    condition = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message}
    failing, well = workload(condition), workload({**condition, "status": "False"})
    assert trouble([], [read_workload("replicasets", failing, failing)]) == Trouble(f"FailedCreate: {message}", final)
    assert trouble([], [read_workload("replicasets", well, well)]) is None


def test_a_failure_of_the_template_before_is_none_of_a_deployment_that_was_mended() -> None:
    """A Deployment tells the failures of its old ReplicaSets as well, and told them of the release that mended it."""
    condition = {
        "type": "ReplicaFailure",
        "status": "True",
        "reason": "FailedCreate",
        "message": "violates PodSecurity",
    }

    def revised(item: Json, revision: str, owner: str = "") -> Json:
        item["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": revision}
        item["metadata"] |= {"ownerReferences": [{"name": owner}]} if owner else {}
        return item

    deployment = revised(workload(condition), "2")
    old, new = revised(workload(condition), "1", "shop"), revised(workload(), "2", "shop")
    assert newest_set(deployment, [old, new]) is new
    assert not read_workload("deployments", deployment, newest_set(deployment, [old, new])).refused
    assert read_workload("deployments", revised(deployment, "1"), newest_set(deployment, [old])).refused
    deployment["metadata"]["generation"] = 3  # which the controller has not seen yet
    assert newest_set(deployment, [old, new]) is None


def test_whose_an_address_is_tells_its_manager() -> None:
    def wrote(manager: str, field: str) -> Json:
        return {"manager": manager, "fieldsV1": {"f:spec": {field: {}}}}

    def service(*managers: Json) -> Json:
        return {"metadata": {"name": "shop", "managedFields": list(managers)}, "spec": {"clusterIP": "10.0.0.7"}}

    provider, ours = "pulumi-kubernetes-1a2b", wrote("cutover", "f:selector")
    for found, written in (
        (service(), ""),
        (service(wrote(provider, "f:ports"), ours), ""),
        (service(wrote("kubectl", "f:clusterIP")), ""),
        (service(ours, wrote(provider, "f:clusterIP")), "10.0.0.7"),
    ):
        read = read_existing("Service", found)
        assert (read.cluster_ip, read.written_ip) == ("10.0.0.7", written)
    assert read_existing("Job", service(wrote(provider, "f:clusterIP"))).written_ip == ""
