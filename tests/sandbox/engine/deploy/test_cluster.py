"""The engine on a real API server: field ownership, previews, awaits. Needs no kubelet."""

import json
import os
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.engine.deploy.bench import Bench

ROOT = Path(__file__).parents[4]
KUBECONFIG = Path(os.environ.get("CUTOVER_SANDBOX_KUBECONFIG") or ROOT / ".sandbox/cluster/kubeconfig")
pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(not KUBECONFIG.exists(), reason="no sandbox cluster; bring it up with `make cluster`"),
]

PROGRAM = """
quick = pulumi.CustomTimeouts(create="2s", update="20s")
def inside(**more):
    return {"namespace": config.require("space"), **more}
live = make("Service", "live", metadata=inside(annotations={"pulumi.com/skipAwait": "true"}),
    spec={"selector": {"app": "shop", "color": config.get("color") or "blue"}, "ports": [{"port": 80}]})
make("ConfigMap", "settings", metadata=inside(), data={"k": "v"})
replicas = int(config.get("replicas") or 0)
labels = {"app": "shop"}
template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "nowhere.invalid/c:1"}]}}
make("Deployment", "web", ResourceOptions(custom_timeouts=quick), api="apps/v1", metadata=inside(),
    spec={"replicas": replicas, "selector": {"matchLabels": labels}, "template": template})
make("ReplicaSet", "still", ResourceOptions(custom_timeouts=quick), api="apps/v1",
    metadata=inside(annotations={"pulumi.com/waitFor": "jsonpath={.status.replicas}=0"}),
    spec={"replicas": 0, "selector": {"matchLabels": {"app": "still"}},
          "template": {**template, "metadata": {"labels": {"app": "still"}}}})
"""


@pytest.fixture
def space() -> str:
    return f"engine-test-{secrets.token_hex(3)}"


@pytest.fixture
def bench(tmp_path: Path, space: str) -> Iterator[Bench]:
    real = Bench(tmp_path, config={"kubernetes:kubeconfig": str(KUBECONFIG), "demo:space": space})
    real.program(PROGRAM)
    kubectl("create", "namespace", space)
    yield real
    kubectl("delete", "namespace", space, "--wait=false", "--ignore-not-found")


def kubectl(*words: str) -> None:
    subprocess.run(["kubectl", "--kubeconfig", str(KUBECONFIG), *words], check=True, capture_output=True)


def managers(bench: Bench, space: str) -> set[tuple[str, str]]:
    from sandbox.engine.kube.access import Access
    from sandbox.engine.kube.client import Client, Ref

    client = Client(Access(kubeconfig=str(KUBECONFIG)))
    live = client.get(Ref("v1", "Service", space, "live"))
    client.close()
    return {(entry["manager"], entry["operation"]) for entry in live["metadata"]["managedFields"]}


def test_create_unchanged_preview_flip_and_destroy(bench: Bench, space: str) -> None:
    made = bench.run()
    assert made.outcome.ok, made.said()
    assert made.outcome.changes == {"create": 5}
    assert managers(bench, space) == {("pulumi-kubernetes", "Update")}
    assert bench.run().outcome.changes == {"same": 5}
    assert bench.run(kind="refresh").outcome.changes == {"same": 5}
    planned = bench.run(preview=True, config={"color": "green"})
    assert planned.outcome.changes == {"same": 4, "update": 1}
    flipped = bench.run(config={"color": "green"})
    assert flipped.outcome.changes == {"same": 4, "update": 1}
    assert managers(bench, space) == {(flipped.row("live")["outputs"]["__fieldManager"], "Apply")}
    back = bench.run()
    assert back.outcome.changes == {"same": 4, "update": 1}
    gone = bench.run(kind="destroy")
    assert gone.outcome.ok, gone.said()
    assert gone.state.resources == []


def test_pods_that_cannot_start_are_named_when_the_time_is_up(bench: Bench) -> None:
    late = bench.run(config={"replicas": "1"})
    assert not late.outcome.ok
    assert "'web' timed out waiting to be Ready" in late.said("error")
    assert "Minimum number of live Pods was not attained" in late.said("error")
    assert late.row("web")["initErrors"]
    assert json.dumps(late.events)
    settled = bench.run()
    assert settled.outcome.ok, settled.said()


def test_a_hand_made_change_conflicts_by_name(bench: Bench, space: str) -> None:
    bench.run()
    bench.run(config={"color": "green"})
    change = '{"spec":{"selector":{"color":"red"}}}'
    kubectl("-n", space, "patch", "service", "live", "--field-manager=hand", "-p", change)
    refused = bench.run()
    assert 'conflict with "hand"' in refused.said("error")
    assert ".spec.selector" in refused.said("error")
