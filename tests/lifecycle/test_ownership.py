"""What is there already and is not this stack's, on the real engine: refused, in a preview too, and left as it is."""

import re
import shlex
import shutil
from pathlib import Path

from sandbox.pulumi import Engine
from tests.lifecycle import existing
from tests.lifecycle.command import cutover
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
    stack.services = {"web": rolling(), "web2": blue_green(green=None)}  # as it is advised: one more, then without it
    stack.must_up()
    assert namespace.get("services", "web")["metadata"]["uid"] == live["metadata"]["uid"]
    del stack.services["web"]
    stack.must_up()
    assert "web" not in namespace.names("services")
    assert "web2" in namespace.names("services")


def test_what_serves_ends_only_where_that_is_said(stack: Stack, namespace: Namespace) -> None:
    stack.services = {"web": blue_green(green=None), "worker": rolling()}
    stack.must_up()
    del stack.services["web"]
    stack.announce()
    ends = "web: it is in the config no more, so this run ends it: its Service, which sends to blue 1-0-0-b1 (2 pods"
    assert ends in stack.run("preview").said
    plan = cutover(stack, "plan", "--json").json()
    said = "web is in the config no more: `up` deletes it, and it serves blue 1.0.0 build 1 with 2 pods"
    assert plan["ending"] == [said]
    refused = cutover(stack, "up", "--yes", "--json")
    assert refused.code == 3, refused.err
    flag = "cutover up --stack test --allow-removal web"
    assert flag in refused.json()["fix"]
    assert "web" in namespace.names("services")
    ended = cutover(stack, *flag.split()[1:], "--yes")
    assert ended.code == 0, ended.err
    assert "web" not in namespace.names("services")


def test_the_driver_s_destroy_leaves_what_carries_another_stack_s_identity(stack: Stack, namespace: Namespace) -> None:
    stack.services = {"worker": rolling()}
    stack.must_up()
    made = namespace.get("services", "worker")["metadata"]["uid"]
    namespace.patch("services", "worker", {"metadata": {"annotations": {STACK: "rival/test"}}})
    refused = cutover(stack, "destroy", "--yes", "--json")
    assert refused.code == 3, refused.err
    assert "service/worker carries the identity of the stack rival/test" in refused.json()["message"]
    assert namespace.names("deployments") == ["worker"]
    (leave,) = re.findall(r"`(pulumi state delete [^`]*)`", refused.json()["fix"])
    assert stack.run(*shlex.split(leave)[1:4], shlex.split(leave)[-1]).code == 0
    done = cutover(stack, "destroy", "--yes")
    assert done.code == 0, done.err
    assert namespace.names("deployments") == []
    assert namespace.get("services", "worker")["metadata"]["uid"] == made


def test_a_stack_that_is_named_with_its_owner_is_this_stack(stack: Stack, namespace: Namespace) -> None:
    stack.services = {"web": rolling(), "worker": rolling()}
    stack.must_up()
    del stack.services["web"]
    stack.announce()
    named = "organization/cutover/test"
    refused = cutover(stack, "up", "--yes", "--json", named=named)
    assert refused.code == 3, refused.err
    assert "web is in the config no more" in refused.json()["message"]
    done = cutover(stack, "destroy", "--yes", named=named)
    assert done.code == 0, done.err
    assert namespace.names("deployments") == namespace.names("services") == []
