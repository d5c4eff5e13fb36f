"""A worker with two colors: nobody calls it, only the active color works, and there are always enough that do."""

import pytest

from tests.lifecycle import services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.kube import Namespace
from tests.lifecycle.services import UNREADY, V1, V2, release
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]


def working(namespace: Namespace) -> dict[str, int]:
    """How many pods of each color are ready."""
    return {color: len(views.ready_pods(namespace, color=color)) for color in ("blue", "green")}


def test_a_worker_is_released_refused_and_rolled_back(stack: Stack, namespace: Namespace) -> None:
    shop = stack.services["shop"] = services.blue_green(readiness={"path": "/readyz", "port": 9898})
    shop["port"] = None
    stack.must_up()
    live = namespace.get("services", "shop")["spec"]
    assert (live["clusterIP"], live.get("ports")) == ("None", None)
    assert working(namespace) == {"blue": 2, "green": 0}

    shop["active"] = "green"
    stack.must_up()
    assert views.live_color(namespace) == "green"
    assert working(namespace) == {"blue": 0, "green": 2}
    assert views.images(views.ready_pods(namespace)) == {V2}
    status = cutover(stack, "status", "--json").json()["stacks"][0]["services"]["shop"]
    assert (status["state"], status["liveColor"]) == ("healthy", "green"), status

    before = views.version(namespace)
    shop |= {"active": "blue", "blue": release(UNREADY), "progress_deadline_seconds": 5}
    assert stack.up().code == 1
    assert views.version(namespace) == before
    assert working(namespace)["green"] == 2
    shop |= {"active": "green", "blue": release(V1), "progress_deadline_seconds": 60}
    stack.must_up()

    at_once = cutover(stack, "rollback", "shop", "--now", "--yes")
    assert (at_once.code, "blue has no ready pod" in at_once.out) == (3, True), at_once
    shop["active"] = "blue"
    stack.must_up()
    assert working(namespace) == {"blue": 2, "green": 0}
    assert stack.must_up().changes.keys() == {"same"}
