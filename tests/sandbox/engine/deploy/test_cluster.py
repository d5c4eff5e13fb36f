"""The engine on a real API server: field ownership, previews, awaits. Needs no kubelet."""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lifecycle.kube import Kubernetes, Namespace
from tests.sandbox.engine.deploy.bench import Bench

pytestmark = pytest.mark.cluster

PROGRAM = """
patient = pulumi.CustomTimeouts(create="90s", update="90s")
own = pulumi.CustomTimeouts(create=config.get("patience") or "90s", update="90s")
def inside(**more):
    return {"namespace": config.require("space"), **more}
live = make("Service", "live", metadata=inside(annotations={"pulumi.com/skipAwait": "true"}),
    spec={"selector": {"app": "shop", "color": config.get("color") or "blue"}, "ports": [{"port": 80}]})
make("ConfigMap", "settings", metadata=inside(), data={"k": "v"})
replicas = int(config.get("replicas") or 0)
labels = {"app": "shop"}
template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "nowhere.invalid/c:1"}]}}
make("Deployment", "web", ResourceOptions(custom_timeouts=own), api="apps/v1", metadata=inside(),
    spec={"replicas": replicas, "selector": {"matchLabels": labels}, "template": template})
make("ReplicaSet", "still", ResourceOptions(custom_timeouts=patient), api="apps/v1",
    metadata=inside(annotations={"pulumi.com/waitFor": "jsonpath={.status.replicas}=0"}),
    spec={"replicas": 0, "selector": {"matchLabels": {"app": "still"}},
          "template": {**template, "metadata": {"labels": {"app": "still"}}}})
"""


@pytest.fixture
def space(cluster: Kubernetes) -> Iterator[Namespace]:
    with cluster.connect() as http:
        made = Namespace.create(http, f"engine-test-{secrets.token_hex(3)}")
        yield made
        made.delete()


@pytest.fixture
def bench(cluster: Kubernetes, tmp_path: Path, space: Namespace) -> Bench:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(cluster.kubeconfig(space.name, space.token()))
    real = Bench(tmp_path, config={"kubernetes:kubeconfig": str(kubeconfig), "demo:space": space.name})
    real.program(PROGRAM)
    return real


def managers(space: Namespace) -> set[tuple[str, str]]:
    entries = space.get("services", "live")["metadata"]["managedFields"]
    return {(entry["manager"], entry["operation"]) for entry in entries}


def test_create_unchanged_preview_flip_and_destroy(bench: Bench, space: Namespace) -> None:
    made = bench.run()
    assert made.outcome.ok, made.said()
    assert made.outcome.changes == {"create": 5}
    assert managers(space) == {("pulumi-kubernetes", "Update")}
    assert bench.run().outcome.changes == {"same": 5}
    assert bench.run(kind="refresh").outcome.changes == {"same": 5}
    planned = bench.run(preview=True, config={"color": "green"})
    assert planned.outcome.changes == {"same": 4, "update": 1}
    flipped = bench.run(config={"color": "green"})
    assert flipped.outcome.changes == {"same": 4, "update": 1}
    assert managers(space) == {(flipped.row("live")["outputs"]["__fieldManager"], "Apply")}
    back = bench.run()
    assert back.outcome.changes == {"same": 4, "update": 1}
    gone = bench.run(kind="destroy")
    assert gone.outcome.ok, gone.said()
    assert gone.state.resources == []


def test_pods_that_cannot_start_are_named_when_the_time_is_up(bench: Bench) -> None:
    late = bench.run(config={"replicas": "1", "patience": "2s"})
    assert not late.outcome.ok
    assert "'web' timed out waiting to be Ready" in late.said("error")
    assert "Minimum number of live Pods was not attained" in late.said("error")
    assert late.row("web")["initErrors"]
    assert json.dumps(late.events)
    settled = bench.run()
    assert settled.outcome.ok, settled.said()


def test_a_hand_made_change_conflicts_by_name(bench: Bench, space: Namespace) -> None:
    bench.run()
    bench.run(config={"color": "green"})
    space.patch("services", "live", {"spec": {"selector": {"color": "red"}}}, manager="by-hand")
    refused = bench.run()
    assert 'conflict with "by-hand"' in refused.said("error")
    assert ".spec.selector" in refused.said("error")
