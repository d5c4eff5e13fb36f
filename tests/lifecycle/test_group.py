"""A group of two services: both move or none, in order, and after a kill between the two the next `up` ends it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.lifecycle import kills, services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.judge import Wanted
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.services import BROKEN, IMPATIENT, REPOSITORY, SMOKE, V1, V2, V3, release
from tests.lifecycle.stack import Stack
from tests.lifecycle.varieties import workloads

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
# podinfo's /echo asks every backend and answers with all their answers: here one of the API, and itself
BACKENDS = ["--backend-url=$(API)/headers", "--backend-url=http://127.0.0.1:9898/headers"]


def _group(stack: Stack, workload: str = "deployment", **changes: Any) -> dict[str, Any]:
    """An API, and a web service that calls it: by address, as a cluster without DNS has no names."""
    api = stack.services["api"] = services.blue_green(workload, active=None, **changes)
    group = stack.groups["shop"] = {"active": "blue", "services": ["api"]}
    stack.must_up()
    web = stack.services["web"] = services.blue_green(workload, active=None, args=BACKENDS, **changes)
    for color in ("blue", "green"):
        address = stack.namespace.get("services", f"api-{color}")["spec"]["clusterIP"]
        web[color] = {**api[color], "env": {"API": f"http://{address}"}}
    group["services"] = ["api", "web"]
    return group


def _colors(namespace: Namespace) -> tuple[str, str]:
    return views.live_color(namespace, "api"), views.live_color(namespace, "web")


def _versions_behind(namespace: Namespace, pod: str) -> set[str]:
    answers = json.loads(namespace.ask_pod(pod, "echo", method="POST"))
    return {json.loads(answer)["X-Api-Version"][0] for answer in answers}


@workloads("replica-set")
def test_both_move_in_order_and_each_color_calls_its_own(stack: Stack, namespace: Namespace, workload: str) -> None:
    group = _group(stack, workload, standby_replicas=1)
    stack.must_up()
    for color, version in (("blue", "1.0.0"), ("green", "1.1.0")):
        for pod in views.ready_pods(namespace, "web", color):
            assert _versions_behind(namespace, pod["metadata"]["name"]) == {version}
    group["active"] = "green"
    assert stack.preview().changes["update"] == 6
    stack.must_up()
    assert _colors(namespace) == ("green", "green")
    moved = [
        event.name
        for event in sorted(stack.watcher.events(), key=lambda one: one.revision)
        if event.kind == "services" and event.name in {"api", "web"} and event.type == "MODIFIED"
        if event.object["spec"]["selector"]["cutover.dev/color"] == "green"
    ]
    assert moved.index("api") < moved.index("web")
    assert set(stack.must_up().changes) == {"same"}
    group |= {"active": "blue", "switch": "at-once"}
    stack.must_up()
    assert _colors(namespace) == ("blue", "blue")
    assert stack.destroy().code == 0
    views.wait_until_empty(namespace)


def test_the_refusal_of_one_moves_none(stack: Stack, namespace: Namespace) -> None:
    group = _group(stack, smoke=SMOKE)
    stack.must_up()
    before = (views.version(namespace, "api"), views.version(namespace, "web"))
    good = stack.services["web"]["green"]
    stack.services["web"] |= {"green": release(BROKEN), "smoke": IMPATIENT}
    group["active"] = "green"
    refused = stack.up()
    assert refused.code != 0
    assert "web-green: GET /version failed its smoke check" in refused.said
    assert "Traceback" not in refused.said
    assert (views.version(namespace, "api"), views.version(namespace, "web")) == before
    stack.services["web"] |= {"green": good, "smoke": SMOKE}
    stack.must_up()
    assert _colors(namespace) == ("green", "green")


def test_what_serves_stays_until_the_group_has_moved(stack: Stack, namespace: Namespace) -> None:
    """Its callers drain, and call it at the address of its color."""
    group = _group(stack)
    stack.must_up()
    before = (views.version(namespace, "api"), views.version(namespace, "web"))
    blue = stack.services["api"]["blue"]
    stack.services["api"]["blue"] = release(V3)
    group["active"] = "green"
    said = "api: green is to take the traffic from release 1-0-0-b1, and the same edit gives the color of that one"
    planned = stack.preview()
    assert planned.code != 0
    assert said in planned.said
    refused = stack.up()
    assert refused.code != 0
    assert said in refused.said
    assert "Traceback" not in refused.said
    assert (views.version(namespace, "api"), views.version(namespace, "web")) == before
    stack.services["api"]["blue"] = blue
    stack.must_up()
    stack.services["api"]["blue"] = release(V3)
    stack.must_up()
    assert _colors(namespace) == ("green", "green")


def test_killed_between_the_two_switches(stack: Stack, namespace: Namespace, tmp_path: Path) -> None:
    group = _group(stack)
    stack.must_up()
    for then in ("blue", "green"):  # turned back, then carried through
        group["active"] = "green"
        log = tmp_path / f"events-{then}.jsonl"
        kills.up_killed(stack, log, "group", lambda _: views.live_color(namespace, "api") == "green")
        if len(set(_colors(namespace))) == 2:  # the second switch may have been on its way
            for verb in ("rollback", "abort"):
                split = cutover(stack, verb, "shop", "--yes", "--json")
                assert split.code == 6, split
                assert "shop is split" in split.json()["message"]
                assert "`cutover up` takes all of it to green" in split.json()["fix"]
        group["active"] = then
        kills.up_again(stack)
        assert _colors(namespace) == (then, then)
        assert set(stack.must_up().changes) == {"same"}


def test_the_driver_moves_a_group_as_one(stack: Stack, namespace: Namespace) -> None:
    _group(stack)
    stack.must_up()
    stack.watcher.plan({name: Wanted("green", f"{REPOSITORY}:{V2}", 2) for name in ("api", "web")})
    planned = cutover(stack, "plan", "--promote", "web")
    assert planned.code == 0, planned
    assert "Service api" in planned.out
    assert "Service web" in planned.out
    promoted = cutover(stack, "promote", "web", "--yes")
    assert promoted.code == 0, promoted
    assert _colors(namespace) == ("green", "green")
    status = cutover(stack, "status", "--json")
    assert status.code == 0, status
    assert {one["group"] for one in status.json()["stacks"][0]["services"].values()} == {"shop"}
    again = cutover(stack, "promote", "shop", "--yes")
    assert again.code == 0, again
    assert "nothing to do" in again.out
    stack.watcher.plan({name: Wanted("blue", f"{REPOSITORY}:{V1}", 2) for name in ("api", "web")})
    back = cutover(stack, "rollback", "api", "--now", "--yes")
    assert back.code == 0, back
    assert _colors(namespace) == ("blue", "blue")


def test_a_service_joins_and_leaves_without_a_new_resource(stack: Stack, namespace: Namespace) -> None:
    stack.services["api"] = services.blue_green()
    stack.must_up()
    old = {name: namespace.get("services", name)["metadata"]["uid"] for name in namespace.names("services")}
    del stack.services["api"]["active"]
    stack.groups["shop"] = {"active": "blue", "services": ["api"]}
    assert stack.must_up().changes == {"create": 1, "same": 9}  # the group itself
    stack.groups.clear()
    stack.services["api"]["active"] = "blue"
    assert stack.must_up().changes == {"delete": 1, "same": 9}
    assert {name: namespace.get("services", name)["metadata"]["uid"] for name in namespace.names("services")} == old
    eventually("all pods", lambda: len(views.ready_pods(namespace, "api")) == 4)
