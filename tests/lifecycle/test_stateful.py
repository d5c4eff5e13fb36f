"""A rolling service of a StatefulSet: one pod after the other, a bad release taken back, nothing made anew."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.lifecycle import services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.load import DRAIN_SECONDS, load, load_goes_on, lost
from tests.lifecycle.services import CRASH, UNREADY, V1, V2, release
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]

CLAIM = {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "8Mi"}}}}


def stateful(**changes: Any) -> dict[str, Any]:
    return services.rolling(workload="stateful-set", **changes)


def test_a_release_of_a_stateful_set_and_a_bad_one_taken_back(stack: Stack, namespace: Namespace) -> None:
    store = stack.services["store"] = stateful(drain_seconds=DRAIN_SECONDS)
    stack.must_up()
    made = namespace.get("statefulsets", "store")
    assert views.names(views.ready_pods(namespace, "store")) == ["store-0", "store-1"]
    with load(namespace, "store") as probers:
        load_goes_on(probers)
        # The crash is said by the kubelet at once. The engine is interrupted: its state has nothing of that update.
        store["release"] = release(CRASH)
        stack.announce()
        process = stack.start("up", "--yes", "--skip-preview")
        eventually("the bad pod", lambda: CRASH in views.images(views.pods(namespace, "store")))
        os.killpg(process.pid, signal.SIGINT)
        process.communicate()
        store["release"] = release(V2)
        forward = stack.must_up()
        load_goes_on(probers)
        result = probers["store"].stop()
    assert lost(result) == []
    assert "store-1 is of another release than the wanted one and not ready" in forward.said
    assert views.images(views.ready_pods(namespace, "store")) == {V2}
    assert len(views.ready_pods(namespace, "store")) == 2

    store["volume_claims"] = {"data": CLAIM}
    refused = stack.up()  # without a preview
    assert refused.code != 0
    assert "code: set.changed" in refused.said
    assert "volume_claims.data is new, and the set stands without" in refused.said
    del store["volume_claims"]
    assert set(stack.must_up().changes) == {"same"}
    assert namespace.get("statefulsets", "store")["metadata"]["uid"] == made["metadata"]["uid"]
    assert stack.destroy().code == 0
    views.wait_until_empty(namespace)


@pytest.mark.wide
def test_what_somebody_did_to_a_set_is_put_back(stack: Stack, namespace: Namespace) -> None:
    """The engine sees nothing to do: what it knows is what the config wants."""
    stack.services["store"] = stateful()
    stack.must_up()
    namespace.patch("statefulsets", "store", _image(f"{services.REPOSITORY}:{UNREADY}"))
    eventually("the bad pod", lambda: UNREADY in views.images(views.pods(namespace, "store")))
    back = stack.must_up()
    assert "rolling it to 1-0-0-b1, as the config says" in back.said
    assert "store-1 is of another release than the wanted one and not ready: runs, but its readiness" in back.said
    assert views.images(views.pods(namespace, "store")) == {V1}
    assert set(stack.must_up().changes) == {"same"}

    namespace.patch("statefulsets", "store", {"spec": {"replicas": 1}}, part="scale")
    eventually("one pod", lambda: len(views.pods(namespace, "store")) == 1)
    assert "somebody scaled it; scaling it back" in stack.must_up().said
    assert len(views.ready_pods(namespace, "store")) == 2
    namespace.delete_object("statefulsets", "store")
    gone = stack.up()
    assert "statefulset/store is not in the cluster any more" in gone.said
    assert cutover(stack, "up", "--yes").code == 0
    assert len(views.ready_pods(namespace, "store")) == 2


@pytest.mark.wide
def test_why_a_set_gets_no_further_is_said_early(stack: Stack, namespace: Namespace) -> None:
    store = stack.services["store"] = stateful(progress_deadline_seconds=120, replicas=1)
    stack.must_up()
    # Its pods are refused by the namespace's standard, which a StatefulSet only learns when it makes one.
    store["pod"] = {"spec": {"hostNetwork": True}}
    store["release"] = release(V2)
    stack.announce()
    assert "an outage: the one pod stops" in cutover(stack, "plan").out
    began = time.monotonic()
    ended = cutover(stack, "up", "--yes")
    assert time.monotonic() - began < 60
    assert ended.code == 1, ended.err
    assert "violates PodSecurity" in ended.err + ended.out
    del store["pod"]
    stack.must_up()
    assert views.images(views.ready_pods(namespace, "store")) == {V2}
    store["release"] = release(V1)
    measured = stack.must_up()
    assert "no pod was ready for" in measured.said
    assert "(a StatefulSet of one pod)" in measured.said


@pytest.mark.wide
def test_each_pod_keeps_its_data_and_a_partition_holds_pods_back(
    stack: Stack, namespace: Namespace, volumes: str
) -> None:
    claim = {"spec": {**CLAIM["spec"], "storageClassName": volumes}}
    mounts = [{"name": "data", "mountPath": "/data"}]
    store = stack.services["store"] = stateful(
        volume_claims={"data": claim}, pod={"spec": {"containers": [{"name": "app", "volumeMounts": mounts}]}}
    )
    assert stack.preview().code == 0
    stack.must_up()
    key = json.loads(namespace.ask_pod("store-0", "store", method="POST"))["hash"]
    store |= {"release": release(V2), "partition": 1}
    stack.save()
    assert "down to number 1" in cutover(stack, "plan").out
    stack.must_up()
    assert _images_by_name(namespace) == {"store-0": V1, "store-1": V2}
    seen = _status(stack)
    assert (seen["state"], seen["reason"]) == ("paused", "pods below number 1 stay on the release before (partition)")
    assert set(stack.must_up().changes) == {"same"}
    store["partition"] = 0
    stack.must_up()
    assert _images_by_name(namespace) == {"store-0": V2, "store-1": V2}
    assert namespace.ask_pod("store-0", f"store/{key}") == ""
    assert "reading file failed" in namespace.ask_pod("store-1", f"store/{key}")
    assert _status(stack)["state"] == "healthy"
    store["volume_claims"] = {"data": {"spec": {**claim["spec"], "resources": {"requests": {"storage": "9Mi"}}}}}
    stack.save()
    refused = cutover(stack, "plan")
    assert refused.code != 0
    assert "volume_claims.data.spec.resources.requests.storage is '9Mi', and the set stands with '8Mi'" in refused.out
    store["volume_claims"] = {"data": claim}
    stack.save()
    assert stack.destroy().code == 0
    eventually("no pods", lambda: namespace.items("pods") == [])
    assert namespace.names("persistentvolumeclaims") == ["data-store-0", "data-store-1"]
    stack.must_up()
    assert namespace.ask_pod("store-0", f"store/{key}") == ""


@pytest.mark.wide
def test_the_driver_rolls_a_set_out_and_back(stack: Stack, namespace: Namespace) -> None:
    stack.services["store"] = stateful(progress_deadline_seconds=8)
    stack.must_up()
    image = f"{services.REPOSITORY}:{UNREADY}"
    words = ("release", "store", "--roll-out", "--build", "1", "--yes")
    stuck = cutover(stack, *words, "--version", "1.3.0", "--image", image)
    assert stuck.code != 0
    assert "store-1 was not ready for 8 s: runs, but its readiness probe fails" in stuck.out + stuck.err
    assert "Traceback" not in stuck.out + stuck.err
    assert _images_by_name(namespace) == {"store-0": V1}
    seen = cutover(stack, "status")
    assert seen.code != 0, seen.out
    assert "what the run left in the cluster, `cutover up` clears away" in stuck.out + stuck.err
    back = cutover(stack, "up", "--yes")
    assert back.code == 0, back.out + back.err
    assert _images_by_name(namespace) == {"store-0": V1, "store-1": V1}
    good = cutover(stack, *words, "--version", V2, "--image", f"{services.REPOSITORY}:{V2}")
    assert good.code == 0, good.out + good.err
    assert _images_by_name(namespace) == {"store-0": V2, "store-1": V2}
    assert cutover(stack, "status").code == 0


@pytest.mark.wide
def test_environments_with_a_set_each(stack: Stack, namespace: Namespace) -> None:
    builds = {
        name: {"services": {"store": stateful(release=release(tag), drain_seconds=DRAIN_SECONDS)}}
        for name, tag in (("coco-1", V1), ("coco-2", V2))
    }
    environments = stack.environments = {"active": "coco-1", "gate_timeout_seconds": 60, "builds": builds}
    stack.must_up()
    assert views.names(views.ready_pods(namespace, "store-coco-2")) == ["store-coco-2-0", "store-coco-2-1"]
    old = views.uids(views.pods(namespace, "store-coco-1"))
    with load(namespace, "store") as probers:
        environments["active"] = "coco-2"
        stack.must_up()
        load_goes_on(probers)
        assert lost(probers["store"].stop()) == []
    # Its connections were moved: the pods that the front left are fresh ones.
    assert not old & views.uids(views.pods(namespace, "store-coco-1"))
    assert cutover(stack, "status").code == 0
    del environments["builds"]["coco-1"]
    stack.must_up()
    eventually("the old set to go", lambda: views.pods(namespace, "store-coco-1") == [])
    assert set(stack.must_up().changes) == {"same"}
    assert stack.destroy().code == 0
    views.wait_until_empty(namespace)


@pytest.fixture
def volumes(admin: httpx2.Client, namespace: Namespace, tmp_path: Path) -> Iterator[str]:
    """A storage class with two volumes of the sandbox's node, made by hand: it has no provisioner."""
    if os.environ.get("CUTOVER_CONTEXT"):
        pytest.skip("volumes are folders of the sandbox's node")
    name, path = namespace.name, "/api/v1/persistentvolumes"
    for number in range(2):
        folder = tmp_path / f"volume-{number}"
        folder.mkdir()
        folder.chmod(0o777)  # the kubelet gives no such volume to the group of the pod
        spec = {
            "capacity": {"storage": "8Mi"},
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": name,
            "persistentVolumeReclaimPolicy": "Retain",
            "hostPath": {"path": str(folder), "type": "Directory"},
        }
        body = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": f"{name}-{number}"}, "spec": spec}
        admin.post(path, json=body).raise_for_status()
    yield name
    for number in range(2):
        admin.delete(f"{path}/{name}-{number}")


def _status(stack: Stack) -> dict[str, Any]:
    found: dict[str, Any] = cutover(stack, "status", "--json").json()["stacks"][0]["services"]["store"]
    return found


def _images_by_name(namespace: Namespace) -> dict[str, str]:
    return {pod["metadata"]["name"]: next(iter(views.images([pod]))) for pod in views.ready_pods(namespace, "store")}


def _image(image: str) -> list[dict[str, str]]:
    return [{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": image}]
