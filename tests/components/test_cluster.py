"""The questions of the gates to the cluster, against an API server of the test: each request, and its answer read."""

import asyncio
from typing import Any

import pytest

from components.cluster.cluster import Cluster
from components.rules.facts import LiveService, Workload
from kubeaccess import Access as ClusterAccess
from tests.components.api_server import Api, ask, kubeconfig

POD = {
    "metadata": {"name": "a", "uid": "1", "labels": {"x": "y"}, "creationTimestamp": "2026-01-01T00:00:00Z"},
    "spec": {"containers": [{"name": "mesh", "image": "proxy:1"}, {"name": "app", "image": "shop:1"}]},
    "status": {
        "conditions": [{"type": "Ready", "status": "False"}],
        "containerStatuses": [
            {
                "restartCount": 3,
                "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                "lastState": {"terminated": {"exitCode": 2}},
            }
        ],
    },
}


def test_pods_are_read_with_the_reason_they_give(api: Api) -> None:
    api.answers = [(200, {"items": [POD]})]
    (pod,) = ask(ClusterAccess(kubeconfig(api)), "pods", {"x": "y", "a": "b"})
    assert (pod.name, pod.image, pod.ready, pod.restarts) == ("a", "shop:1", False, 3)
    assert pod.problem == "CrashLoopBackOff (last exit code 2)"
    assert api.asked == [("GET", "/api/v1/namespaces/ns/pods?labelSelector=a%3Db%2Cx%3Dy", None)]


def test_workloads_are_deployments_and_the_replica_sets_of_nobody(api: Api) -> None:
    spec = {"replicas": 2, "selector": {"matchLabels": {"x": "y"}}, "template": {"spec": {}}}
    paced = spec | {"progressDeadlineSeconds": 9, "template": {"spec": {"terminationGracePeriodSeconds": 5}}}
    owned = {"metadata": {"name": "a-1", "ownerReferences": [{"name": "a"}]}, "spec": spec}
    deployments = {"items": [{"metadata": {"name": "a"}, "spec": paced}]}
    api.answers = [(200, deployments), (200, {"items": [owned, {"metadata": {"name": "b"}, "spec": spec}]})]
    assert ask(ClusterAccess(kubeconfig(api)), "workloads", {"x": "y"}) == [
        Workload("deployments", "a", {"x": "y"}, 2, stop_seconds=5, patience_seconds=9),
        Workload("replicasets", "b", {"x": "y"}, 2, stop_seconds=30, patience_seconds=600),
    ]
    assert [path for _, path, _ in api.asked] == [
        "/apis/apps/v1/namespaces/ns/deployments?labelSelector=x%3Dy",
        "/apis/apps/v1/namespaces/ns/replicasets?labelSelector=x%3Dy",
    ]


def test_the_time_of_the_switch_is_when_the_selector_was_written(api: Api) -> None:
    fields: dict[str, Any] = {"f:spec": {"f:selector": {}}}
    owners = [
        {"manager": "a", "time": "2026-01-01T00:00:05Z", "fieldsV1": fields},
        {"manager": "b", "time": "2026-01-01T00:00:09Z", "fieldsV1": {"f:metadata": {}}},
    ]
    api.answers = [(200, {"metadata": {"managedFields": owners}, "spec": {"selector": {"x": "y"}}})]
    live = ask(ClusterAccess(kubeconfig(api)), "live_service", "shop")
    assert live.selector == {"x": "y"}
    assert live.switched_at.isoformat() == "2026-01-01T00:00:05+00:00"


def test_a_selector_is_written_under_a_manager_of_its_own_whose_time_no_note_moves(api: Api) -> None:
    now = LiveService({"x": "y"}, None, {}, "7")
    api.answers = [(200, {"metadata": {}}), (200, {"metadata": {}})]
    assert ask(ClusterAccess(kubeconfig(api)), "select", "shop", now, {"x": "z"}) is True
    assert ask(ClusterAccess(kubeconfig(api)), "annotate_service", "shop", "a", "b") is True
    assert [path for _, path, _ in api.asked] == [
        "/api/v1/namespaces/ns/services/shop?fieldManager=cutover-switch",
        "/api/v1/namespaces/ns/services/shop?fieldManager=cutover",
    ]


def test_an_empty_selector_finds_nothing_and_asks_nobody(api: Api) -> None:
    for question in ("pods", "replica_sets", "workloads"):
        assert ask(ClusterAccess(kubeconfig(api)), question, {}) == []
    assert api.asked == []


def test_pods_that_have_ended_are_none_and_no_items_are_no_pods(api: Api) -> None:
    ended = [{**POD, "status": {"phase": phase, "reason": "Evicted"}} for phase in ("Failed", "Succeeded")]
    starting = {**POD, "status": {"phase": "Pending", "containerStatuses": [{"name": "app", "restartCount": 0}]}}
    api.answers = [(200, {"items": [*ended, starting]}), (200, {"items": None})]
    (pod,) = ask(ClusterAccess(kubeconfig(api)), "pods", {"x": "y"})
    assert (pod.ready, pod.problem) == (False, "")
    assert ask(ClusterAccess(kubeconfig(api)), "pods", {"x": "y"}) == []


def test_a_pod_that_was_told_to_stop_counts_until_it_is_gone(api: Api) -> None:
    stopped = {"name": "a", "uid": "1", "creationTimestamp": "2026-01-01T00:00:00Z"}
    metadata = {**stopped, "deletionTimestamp": "2026-01-01T00:01:00Z"}
    api.answers = [(200, {"items": [{**POD, "metadata": metadata, "status": {"phase": "Succeeded"}}]})]
    (pod,) = ask(ClusterAccess(kubeconfig(api)), "pods", {"x": "y"})
    assert (pod.terminating, pod.ready) == (True, False)


def test_only_the_slices_that_follow_the_selector_are_asked_for(api: Api) -> None:
    ask(ClusterAccess(kubeconfig(api)), "endpoints", "shop")
    ((_, path, _),) = api.asked
    assert "endpointslice.kubernetes.io%2Fmanaged-by%3Dendpointslice-controller.k8s.io" in path
    assert "kubernetes.io%2Fservice-name%3Dshop" in path


def test_a_note_of_a_service_that_has_changed_is_not_set(api: Api) -> None:
    api.answers = [(409, {"message": "the object has been modified"}), (200, {"kind": "Service"})]
    at = ClusterAccess(kubeconfig(api))

    async def note() -> bool:
        return await Cluster(at, "ns").annotate_service("shop", "k", "v", version="7")

    assert [asyncio.run(note()), asyncio.run(note())] == [False, True]
    assert api.asked[0][2] == {"metadata": {"annotations": {"k": "v"}, "resourceVersion": "7"}}


SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "shop"}}
CAUSES = {"message": "no", "details": {"causes": [{"field": "spec.ports[0].port"}, {"message": "more"}]}}
STRICT = "dryRun=All&fieldValidation=Strict&fieldManager="


@pytest.mark.parametrize(
    ("manager", "method", "path"),
    [
        (None, "POST", f"services?{STRICT}cutover"),
        ("pulumi-kubernetes-1", "PATCH", f"services/shop?{STRICT}pulumi-kubernetes-1&force=true"),
    ],
)
def test_an_object_is_tried_and_never_kept(api: Api, manager: str | None, method: str, path: str) -> None:
    api.answers = [(422, CAUSES)]
    said = ask(ClusterAccess(kubeconfig(api)), "try_out", SERVICE, manager)
    assert (said.status, said.message, said.fields) == (422, "no", ("spec.ports[0].port", ""))
    assert api.asked == [(method, f"/api/v1/namespaces/ns/{path}", SERVICE)]


@pytest.mark.parametrize("answer", [(500, {"message": "failed to create typed patch object"}), (201, SERVICE)])
def test_a_trial_is_asked_for_once(api: Api, answer: tuple[int, Any]) -> None:
    api.answers = [answer]
    said = ask(ClusterAccess(kubeconfig(api)), "try_out", SERVICE, None)
    assert (said.status, said.message) == (answer[0], answer[1].get("message", ""))
    assert len(api.asked) == 1


def test_a_trial_without_an_answer_says_nothing(api: Api) -> None:
    nowhere = ClusterAccess(kubeconfig(api).replace(str(api.server_port), "1"))
    assert ask(nowhere, "try_out", SERVICE, None).status == 0
    assert ask(ClusterAccess("no kubeconfig"), "try_out", SERVICE, None).status == 0
    assert api.asked == []
