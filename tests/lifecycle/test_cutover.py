"""The life of a service: first deployment, second color, cutover, nothing to do, rollback, end."""

import json

import pytest
from pulumi import automation as auto

from tests.lifecycle import services, views
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.services import V1, V2, V3, release
from tests.lifecycle.stack import Stack
from tests.lifecycle.varieties import workloads

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
KINDS = ("initContainers", "containers")
# A sidecar and a native one, of a release: with a rollback the shape goes and comes back.
OTHER = {
    "image": f"{services.REPOSITORY}:{V1}",
    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
}
BESIDE = {
    "spec": {
        "initContainers": [{"name": "native", "args": ["--port=9797"], "restartPolicy": "Always", **OTHER}],
        "containers": [{"name": "beside", "args": ["--port=9696"], **OTHER}],
    }
}


def shapes(namespace: Namespace) -> dict[str, list[list[str]]]:
    """Color -> the names of the containers of its pods, each shape once."""
    found = {}
    for color in ("blue", "green"):
        specs = [pod["spec"] for pod in views.pods(namespace, color=color)]
        named = [[one["name"] for kind in KINDS for one in spec.get(kind, [])] for spec in specs]
        found[color] = [names for place, names in enumerate(named) if names not in named[:place]]
    return found


@workloads("deployment")
def test_a_life_with_the_cli(stack: Stack, namespace: Namespace, workload: str) -> None:
    shop = stack.services["shop"] = services.blue_green(workload, green=None)
    assert stack.must_up().changes == {"create": 6}  # the stack, the component, a workload, its budget, two Services
    assert views.live_color(namespace) == "blue"
    before = views.version(namespace)

    shop["green"] = release(V2, pod=BESIDE)
    stack.must_up()
    assert views.version(namespace) == before
    assert views.images(views.pods(namespace, color="green")) == {V2}
    assert shapes(namespace) == {"blue": [["app"]], "green": [["native", "app", "beside"]]}

    stack.run("config", "set", "--path", "cutover:services.shop.active", "green")
    shop["active"] = "green"
    assert stack.preview().changes == {"update": 1, "same": 8}
    assert stack.must_up().changes == {"update": 1, "same": 8}
    assert views.live_color(namespace) == "green"
    assert stack.must_up().changes == {"same": 9}
    outputs = json.loads(stack.run("stack", "output", "--json").said.partition("{")[2].join(("{", "")))
    assert outputs["shop"] == {
        "active": "green",
        "address": f"http://shop.{namespace.name}.svc:80",
        "previewAddress": f"http://shop-blue.{namespace.name}.svc:80",
        "releases": {"blue": "1-0-0-b1", "green": "1-1-0-b1"},
    }

    before = views.version(namespace)
    shop["blue"] = release(V3)
    stack.must_up()
    assert views.version(namespace) == before
    eventually("the old idle pods to go", lambda: views.images(views.pods(namespace, color="blue")) == {V3})

    shop["active"] = "blue"
    stack.must_up()
    shop["active"] = "green"
    assert stack.must_up().changes == {"update": 1, "same": 8}
    assert views.live_color(namespace) == "green"
    assert shapes(namespace) == {"blue": [["app"]], "green": [["native", "app", "beside"]]}
    assert views.made_unselected(stack.watcher.events()) == []

    assert stack.destroy().code == 0
    views.wait_until_empty(namespace)
    assert stack.resources() == []


def test_a_life_with_the_automation_api(stack: Stack, namespace: Namespace) -> None:
    shop = stack.services["shop"] = services.blue_green("replica-set")
    stack.announce()
    handle = stack.automation()
    assert handle.preview().change_summary == {auto.OpType.CREATE: 9}
    created = handle.up(message="first")
    assert created.summary.resource_changes == {"create": 9}
    assert created.outputs["shop"].value["active"] == "blue"

    handle.set_config("cutover:services.shop.active", auto.ConfigValue("green"), path=True)
    shop["active"] = "green"
    stack.announce()
    ops: list[tuple[str, str]] = []

    def note(event: auto.EngineEvent) -> None:
        if event.res_outputs_event and event.res_outputs_event.metadata.op != auto.OpType.SAME:
            metadata = event.res_outputs_event.metadata
            ops.append((metadata.op.value, metadata.urn.rpartition("::")[2]))

    flipped = handle.up(message="to green", on_event=note)
    assert flipped.summary.resource_changes == {"update": 1, "same": 8}
    assert ops == [("update", "shop")]
    assert views.live_color(namespace) == "green"
    assert handle.outputs()["shop"].value["active"] == "green"

    shop["active"], shop["blue"] = "blue", services.release("1.2.0", 3)  # one that never served
    shop["smoke"] = {**services.IMPATIENT, "expect_body": "never said"}
    stack.announce()
    with pytest.raises(auto.CommandError, match="failed its smoke check"):
        handle.up(message="back, refused")
    assert views.live_color(namespace) == "green"
    assert [update.result for update in handle.history()] == ["failed", "succeeded", "succeeded"]

    stack.watcher.plan({})
    handle.destroy()
    views.wait_until_empty(namespace)


def test_two_colors_at_once_and_the_releases_of_the_pods_answer(stack: Stack, namespace: Namespace) -> None:
    stack.services["shop"] = services.blue_green(expose_both=True)
    stack.must_up()
    assert namespace.names("services") == ["shop", "shop-all", "shop-blue", "shop-green"]
    for pod in views.pods(namespace):
        said = json.loads(namespace.ask_pod(pod["metadata"]["name"], "version"))
        assert views.images([pod]) == {said["version"]}
    assert views.images(views.pods(namespace)) == {V1, V2}
    assert stack.must_up().changes == {"same": 10}
