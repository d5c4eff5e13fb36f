"""What is there already and is not this stack's, on the real engine: refused, in a preview too, and left as it is."""

import shutil
from pathlib import Path

from sandbox.pulumi import Engine
from tests.lifecycle import existing
from tests.lifecycle.kube import Kubernetes, Namespace
from tests.lifecycle.services import blue_green, rolling
from tests.lifecycle.stack import Stack
from tests.lifecycle.watcher import Watcher

STACK = "cutover.dev/stack"


def test_a_service_made_with_kubectl_is_refused_and_left_as_it_is(stack: Stack, namespace: Namespace) -> None:
    existing.make(namespace)
    before = namespace.get("services", existing.NAME)["spec"]
    stack.services = {existing.NAME: blue_green()}
    for outcome in (stack.preview(), stack.up()):
        assert outcome.code != 0, outcome.said
        assert "service/web in" in outcome.said
        assert "carries no stack's identity, not that of cutover/test" in outcome.said
        assert "cutover adopt web" in outcome.said
    assert namespace.get("services", existing.NAME)["spec"] == before


def test_another_stack_in_the_namespace_is_refused_and_its_destroy_takes_nothing_of_the_first(
    stack: Stack, cluster: Kubernetes, engine: Engine, namespace: Namespace, watcher: Watcher, tmp_path: Path
) -> None:
    stack.services = {"web": blue_green(green=None)}
    stack.must_up()
    made = [one for kind in ("services", "deployments") for one in namespace.items(kind)]
    assert {one["metadata"]["annotations"][STACK] for one in made} == {"cutover/test"}
    other = Stack(engine, tmp_path / "other", namespace, watcher)
    other.create(cluster.kubeconfig(namespace.name, namespace.token()))
    text = (other.project / "Pulumi.yaml").read_text()
    (other.project / "Pulumi.yaml").write_text(text.replace("name: cutover", "name: rival"))
    shutil.rmtree(other.folder / "state")
    (other.folder / "state").mkdir()
    assert other.run("stack", "init", "test").code == 0
    other.services = {"web": blue_green(green=None)}
    for outcome in (other.preview(), other.run("up", "--yes", "--skip-preview")):
        assert outcome.code != 0, outcome.said
        assert "carries the identity of the stack cutover/test, not that of rival/test" in outcome.said
    assert other.run("destroy", "--yes", "--skip-preview").code == 0
    left = [one for kind in ("services", "deployments") for one in namespace.items(kind)]
    assert {one["metadata"]["uid"] for one in left} == {one["metadata"]["uid"] for one in made}


def test_a_change_of_strategy_is_refused_and_nothing_moves(stack: Stack, namespace: Namespace) -> None:
    stack.services = {"web": rolling()}
    stack.must_up()
    live = namespace.get("services", "web")
    stack.services = {"web": blue_green()}
    for outcome in (stack.preview(), stack.up()):
        assert outcome.code != 0, outcome.said
        assert "web is a rolling service in the cluster, and the config makes it a blue/green service" in outcome.said
    assert namespace.get("services", "web")["metadata"]["uid"] == live["metadata"]["uid"]
    assert namespace.names("deployments") == ["web"]
    stack.services = {"web": rolling()}
    stack.must_up()
