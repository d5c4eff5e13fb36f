"""Workloads as people write them, really run: taken over from manifests, deployed, released, cut over, back, destroyed.

Images are stand-ins, and so is all that a pod refers to (tests/lifecycle/shapes). `make shapes FOLDER=…` runs those of
a folder; what the sandbox's one node cannot give is skipped with its reason.
"""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from components.takeover.workloads import Workload
from sandbox.cluster import Cluster
from sandbox.standin import VERSIONS, archive
from tests.lifecycle import views
from tests.lifecycle.command import cutover
from tests.lifecycle.judge import application
from tests.lifecycle.kube import Kubernetes, Namespace, eventually
from tests.lifecycle.shapes.files import found
from tests.lifecycle.shapes.obstacles import obstacle
from tests.lifecycle.shapes.serving import broken
from tests.lifecycle.shapes.standins import IMAGE, with_standins
from tests.lifecycle.shapes.surroundings import surroundings
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic, pytest.mark.wide]
Json = dict[str, Any]
_numbers = itertools.count(1)
BEFORE, AFTER = (f"{IMAGE}:{version}" for version in VERSIONS)
GONE = ("deployments", "statefulsets", "services", "horizontalpodautoscalers", "poddisruptionbudgets", "pods")


@pytest.fixture(scope="session")
def standins(cluster: Kubernetes) -> None:
    """The images, in the sandbox's node."""
    if os.environ.get("CUTOVER_CONTEXT"):
        pytest.skip("the stand-ins are given to the sandbox's node; those of another cluster are out of reach")
    Cluster().load_images(archive(print))


@pytest.fixture
def namespace(admin: httpx2.Client) -> Iterator[Namespace]:
    """A namespace that admits pods of every kind: what a shape has of rights is not ours to change."""
    made = Namespace.create(admin, f"shape-{os.getpid()}-{next(_numbers)}", "privileged")
    yield made
    made.delete()


@pytest.fixture
def volumes(admin: httpx2.Client, namespace: Namespace, tmp_path: Path) -> Iterator[str]:
    """A storage class with folders of the sandbox's node for its volumes: there is no provisioner."""
    name, path = namespace.name, "/api/v1/persistentvolumes"
    for number in range(6):
        (tmp_path / f"volume-{number}").mkdir()
        (tmp_path / f"volume-{number}").chmod(0o777)
        spec = {
            "capacity": {"storage": "8Mi"},
            "accessModes": ["ReadWriteOnce", "ReadWriteMany", "ReadOnlyMany"],
            "storageClassName": name,
            "persistentVolumeReclaimPolicy": "Retain",
            "hostPath": {"path": str(tmp_path / f"volume-{number}"), "type": "Directory"},
        }
        body = {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": f"{name}-{number}"}, "spec": spec}
        admin.post(path, json=body).raise_for_status()
    yield name
    for number in range(6):
        admin.delete(f"{path}/{name}-{number}")


@pytest.mark.parametrize("one", [pytest.param(one, id=name) for name, one in found()])
@pytest.mark.usefixtures("standins")
def test_a_life_of_a_workload(one: Workload, stack: Stack, namespace: Namespace, volumes: str, tmp_path: Path) -> None:
    if reason := obstacle(one):
        pytest.skip(reason)
    objects = with_standins(one, VERSIONS[0], volumes)
    for kind, item in surroundings(objects[0]["spec"]["template"], volumes):
        namespace.create_object(kind, item)
    name = adopted(stack, objects, tmp_path)
    stack.must_up()
    runs(stack, namespace, name, BEFORE)
    service = stack.services[name]
    if service["strategy"] == "blue-green":
        service["green"] = {**service["blue"], **release(2)}
        stack.must_up()
        runs(stack, namespace, name, BEFORE)
        for color, image in (("green", AFTER), ("blue", BEFORE)):
            service["active"] = color
            stack.must_up()
            assert views.live_color(namespace, name) == color
            runs(stack, namespace, name, image)
    else:
        for number, image in ((2, AFTER), (1, BEFORE)):
            service["release"] |= release(number)
            stack.must_up()
            runs(stack, namespace, name, image)
        assert list(broken(stack.watcher.events(), name, {BEFORE, AFTER}, fewest(service))) == []
    assert stack.destroy().code == 0
    eventually("the end of what was made", lambda: not any(namespace.names(kind) for kind in GONE))


def adopted(stack: Stack, objects: list[Json], folder: Path) -> str:
    """The name of the service that the manifests became in the stack's file, with waits of a test's length."""
    file = folder / "manifests.yaml"
    file.write_text(yaml.safe_dump_all(objects))
    stack.save()
    recreates = (objects[0]["spec"].get("strategy") or {}).get("type") == "Recreate"
    strategy = "rolling" if recreates else "blue-green"
    said = cutover(stack, "adopt", "-f", str(file), "--strategy", strategy, "--yes")
    assert said.code == 0, f"{said.out}{said.err}"
    stack.services = yaml.safe_load(stack.file.read_text())["config"]["cutover:services"]
    ((name, service),) = stack.services.items()
    if service.get("drain_seconds", 5) > 1 and service.get("termination_grace_seconds", 30) > 1:
        service["drain_seconds"] = 1
    if service["strategy"] == "blue-green":
        service["gate_timeout_seconds"] = 120
    service["min_ready_seconds"] = min(service.get("min_ready_seconds", 1), 1)
    if service.get("workload") != "stateful-set":
        service["progress_deadline_seconds"] = 120
    return str(name)


def release(number: int) -> Json:
    """What a release is called and runs."""
    version = VERSIONS[number - 1]
    return {"version": version, "build": number, "image": f"{IMAGE}:{version}"}


def runs(stack: Stack, namespace: Namespace, name: str, image: str) -> None:
    """As many pods as are wanted are ready, and those that serve run the image."""
    service = stack.services[name]
    color = service.get("active")
    ready = views.ready_pods(namespace, name, color)
    assert {application(pod)["image"] for pod in ready} == {image}
    assert len(ready) >= (1 if "autoscaler" in service else service["replicas"])


def fewest(service: Json) -> int:
    """How many addresses a rolling service keeps: none where its only pod, or its pods in turn, stop first."""
    if service.get("workload") == "stateful-set":
        return int(service["replicas"]) - 1
    if service.get("update") == "recreate" or service.get("max_unavailable", 0) != 0 or "autoscaler" in service:
        return 0
    return int(service["replicas"])
