"""Two colors on the real engine: what an interrupted update or a hand left, the next plain `up` undoes."""

import os
import signal

import pytest

from tests.lifecycle import services, views
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.services import V1, V2, V3
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
BLUE, GREEN = "shop-blue-1-0-0-b1", "shop-green-1-1-0-b1"


def test_both_colors_are_again_what_the_config_says(stack: Stack, namespace: Namespace) -> None:
    shop = stack.services["shop"] = services.blue_green(allow_in_place_updates=True, min_ready_seconds=5)
    stack.must_up()
    shop["env"] = {"PODINFO_LEVEL": "info"}
    stack.announce()
    process = stack.start("up", "--yes", "--skip-preview")
    eventually("the update to begin", lambda: _level(namespace, BLUE) == "info")
    os.killpg(process.pid, signal.SIGINT)
    process.communicate()
    shop["env"] = {"PODINFO_LEVEL": "debug"}
    by_hand = [
        {"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": f"{services.REPOSITORY}:{V3}"}
    ]
    namespace.patch("deployments", GREEN, by_hand)
    outcome = stack.must_up()
    assert "as the config says" in outcome.said, outcome.said
    assert _level(namespace, BLUE) == "debug"
    found = views.pods(namespace)
    assert views.images(found) == {V1, V2}
    assert {_env(pod["spec"])["PODINFO_LEVEL"] for pod in found} == {"debug"}
    assert len(views.ready_pods(namespace, color="blue")) == len(views.ready_pods(namespace, color="green")) == 2
    last = stack.must_up()
    assert set(last.changes) == {"same"}
    assert "as the config says" not in last.said


def _env(spec: views.Json) -> dict[str, str]:
    container = next(one for one in spec["containers"] if one["name"] == "app")
    return {one["name"]: one.get("value", "") for one in container["env"]}


def _level(namespace: Namespace, deployment: str) -> str:
    return _env(namespace.get("deployments", deployment)["spec"]["template"]["spec"])["PODINFO_LEVEL"]
