"""The runner of shapes: what it puts in the place of images and of what is missing, what it leaves out and judges."""

import copy
from typing import Any

import pytest

from components.takeover.workloads import Workload
from tests.lifecycle.judge import Event
from tests.lifecycle.shapes.files import OWN, found
from tests.lifecycle.shapes.obstacles import obstacle
from tests.lifecycle.shapes.serving import broken
from tests.lifecycle.shapes.standins import with_standins
from tests.lifecycle.shapes.surroundings import surroundings

Json = dict[str, Any]
SHAPES = dict(found())


def test_every_shape_of_ours_can_run_here() -> None:
    assert len(SHAPES) == len(list(OWN.glob("*.yaml")))
    assert [obstacle(one) for one in SHAPES.values()] == [None] * len(SHAPES)


def containers(item: Json) -> list[Json]:
    pod = item["spec"]["template"]["spec"]
    return [*pod["containers"], *pod.get("initContainers", [])]


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_a_stand_in_serves_each_port_once_and_the_original_stays(name: str) -> None:
    one = SHAPES[name]
    before = copy.deepcopy(one)
    item, *_ = with_standins(one, "1.0.0", "class")
    assert one == before
    assert {container["image"] for container in containers(item)} == {"cutover.local/standin:1.0.0"}
    served = [
        port for container in containers(item) for each in container.get("env", []) if each["name"] == "STANDIN"
        for port in each["value"].split()
    ]  # fmt: skip
    assert len(served) == len(set(served))
    declared = {
        str(port["containerPort"]) for container in containers(item) for port in container.get("ports", [])
        if port.get("protocol", "TCP") == "TCP"
    }  # fmt: skip
    assert declared <= set(served)


def test_a_port_that_only_the_service_names_is_served() -> None:
    (cache,) = containers(with_standins(SHAPES["exec-cache"], "1.0.0", "class")[0])
    assert cache["env"] == [{"name": "STANDIN", "value": "6379"}]
    assert cache["readinessProbe"]["exec"]["command"] == ["/standin", "exit"]


def test_what_a_pod_refers_to_is_made_with_its_keys() -> None:
    template = SHAPES["projected-vault"].item["spec"]["template"]
    made = {(kind, item["metadata"]["name"]): item for kind, item in surroundings(template, "class")}
    assert made.keys() == {
        ("serviceaccounts", "vault"), ("configmaps", "vault-settings"), ("configmaps", "vault-files"),
        ("secrets", "vault-keys"), ("secrets", "vault-tls"),
    }  # fmt: skip
    assert made["configmaps", "vault-files"]["data"] == {"banner.txt": ""}
    assert made["secrets", "vault-tls"]["stringData"] == {"tls.crt": ""}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"hostNetwork": True}, "hostNetwork"),
        ({"nodeSelector": {"disk": "ssd"}}, "nodeSelector"),
        ({"volumes": [{"name": "a", "hostPath": {"path": "/"}}]}, "hostPath"),
        ({"containers": [{"name": "a", "resources": {"limits": {"nvidia.com/gpu": 1}}}]}, "nvidia.com/gpu"),
        ({"containers": [{"name": "a", "ports": [{"containerPort": 80, "hostPort": 80}]}]}, "hostPort"),
    ],
)
def test_what_is_of_the_node_is_left_out(changes: Json, says: str) -> None:
    spec = {"containers": [{"name": "a"}], **changes}
    one = Workload({"kind": "Deployment", "metadata": {"name": "a"}, "spec": {"template": {"spec": spec}}}, [])
    assert says in str(obstacle(one))


def pod(uid: str, image: str, *, ready: bool) -> Json:
    conditions = [{"type": "Ready", "status": str(ready)}]
    return {
        "metadata": {"uid": uid, "name": uid},
        "spec": {"containers": [{"name": "app", "image": image}]},
        "status": {"conditions": conditions},
    }


def piece(*uids: str) -> Json:
    endpoints = [{"targetRef": {"uid": uid}, "conditions": {"ready": True}} for uid in uids]
    return {"metadata": {"name": "s", "labels": {"kubernetes.io/service-name": "shop"}}, "endpoints": endpoints}


def test_addresses_of_pods_that_never_were_ready_or_are_strange_or_too_few_are_seen() -> None:
    events = [
        Event(1, "ADDED", "pods", pod("a", "old", ready=True)),
        Event(2, "ADDED", "pods", pod("b", "new", ready=False)),
        Event(3, "ADDED", "pods", pod("c", "other", ready=True)),
        Event(4, "ADDED", "endpointslices", piece("a")),
        Event(5, "MODIFIED", "endpointslices", piece("a", "b")),
        Event(6, "MODIFIED", "endpointslices", piece("a", "c")),
        Event(7, "MODIFIED", "endpointslices", piece()),
    ]
    said = list(broken(events, "shop", {"old", "new"}, 1))
    assert ["never was ready" in said[0], "with other" in said[1], "0 ready endpoints of 1" in said[2]] == [True] * 3
    assert len(said) == 3
    assert list(broken(events[:4], "shop", {"old", "new"}, 1)) == []
