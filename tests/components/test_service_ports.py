"""A Service that stands never asks pods that serve for a port that they do not have: refused in a preview."""

from dataclasses import replace
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.cluster.readings import read_existing, read_pod
from components.rules import service_ports
from components.rules.facts import Pod
from components.rules.labels import object_labels
from components.rules.ownership import Existing
from contract.annotations import STACK
from tests.components.fakes import FakeCluster, Recorder, make_pod
from tests.components.service_programs import preview, rolling, two_colors

SELECTOR = {"app": "shop"}
OLD: frozenset[str | int] = frozenset(("http", 8080))
NEW: frozenset[str | int] = frozenset(("web", 8080))
NAMES = st.one_of(st.sampled_from(["http", "web", "grpc"]), st.integers(1, 65535))
PORTS = st.dictionaries(st.integers(1, 65535), NAMES, max_size=3)


def stands(targets: dict[int, str | int], selector: dict[str, str] = SELECTOR) -> Existing:
    labels = object_labels("shop", part_of="cutover", component="live")
    return Existing("Service", "shop", labels, {STACK: "cutover/test"}, selector, targets=targets)


def asks(targets: dict[int, str | int], selector: dict[str, str] = SELECTOR) -> dict[str, Any]:
    ports = [{"port": port, "targetPort": target} for port, target in targets.items()]
    return {"ports": ports, "selector": selector}


def serving(
    name: str = "shop-1", ports: frozenset[str | int] = OLD, labels: dict[str, str] = SELECTOR, **changes: Any
) -> Pod:
    return make_pod(name, labels, ports=ports, **changes)


@pytest.mark.parametrize("program", [two_colors, rolling])
def test_a_port_is_not_renamed_while_pods_serve_by_its_name(
    recorder: Recorder, cluster: FakeCluster, program: Any
) -> None:
    preview(recorder)
    program(cluster)
    selector = recorder.find("Service", "shop")["spec"]["selector"]
    cluster.objects, cluster.all_pods = [stands({80: "http"}, selector)], [serving(labels=selector)]
    program(cluster)
    with pytest.raises(pulumi.RunError) as refused:
        program(cluster, port_name="web")
    assert (
        "service/shop sends its port 80 to the port http of pods, the config makes that web, and shop-1 serve"
        in str(refused.value)
    )
    assert "ask for http again (`port_name`" in str(refused.value)
    assert str(refused.value).endswith("code: port.changed")


def test_it_is_where_the_pods_of_now_have_it_too() -> None:
    """As after an adoption: what was adopted was asked by a number."""
    found = stands({80: 8080})
    changes = service_ports.changed(asks({80: "http"}), found)
    assert changes == {80: (8080, "http")}
    assert service_ports.refusal(changes, found, [serving()]) is None


def test_it_is_where_the_service_moves_to_other_pods_by_the_same_write() -> None:
    """As the Service of a color whose adopted pods make way for a release."""
    assert service_ports.changed(asks({80: "http"}, {"app": "other"}), stands({80: 8080})) == {}


@given(asked=PORTS, live=PORTS, has=st.frozensets(NAMES), ready=st.booleans())
def test_only_what_would_lose_a_pod_that_serves_is_refused(
    asked: dict[int, str | int], live: dict[int, str | int], has: frozenset[str | int], ready: bool
) -> None:
    found = stands(live)
    changes = service_ports.changed(asks(asked), found)
    refused = service_ports.refusal(changes, found, [serving(ports=has, ready=ready)])
    loses = any(live[number] in has and asked[number] not in has for number in live.keys() & asked.keys())
    assert bool(refused) is (ready and loses)


def test_what_ends_or_is_not_ready_serves_nobody() -> None:
    found = stands({80: "http"})
    changes = service_ports.changed(asks({80: "web"}), found)
    assert service_ports.refusal(changes, found, [serving(terminating=True), serving(ready=False)]) is None
    assert service_ports.refusal(changes, found, [serving(), serving("shop-2", ports=NEW)]) is not None


def test_they_are_read_from_the_cluster() -> None:
    spec = {"ports": [{"port": 80, "targetPort": "http"}, {"port": 9090}]}
    found = read_existing("Service", {"metadata": {"name": "shop"}, "spec": spec})
    assert found.targets == {80: "http", 9090: 9090}
    assert read_existing("ConfigMap", {"metadata": {"name": "shop"}}).targets == {}
    containers = [{"name": "app", "image": "shop:1", "ports": [{"name": "http", "containerPort": 8080}]}]
    beside = [{"name": "proxy", "image": "proxy:1", "ports": [{"containerPort": 9000}]}]
    meta = {"name": "shop-1", "uid": "1", "creationTimestamp": "2026-01-01T00:00:00Z"}
    pod = read_pod({"metadata": meta, "spec": {"containers": containers, "initContainers": beside}})
    assert pod.ports == {"http", 8080, 9000}
    assert replace(pod, ready=True, terminating=False).ports == pod.ports
