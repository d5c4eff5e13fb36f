"""The driver on a service that is cut over by labels: what its plan, its status and its way back say and do."""

from typing import Any

import pytest

from prober import Prober, TargetRefusedError
from tests.lifecycle import services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.driver import expect
from tests.lifecycle.judge import LIVE
from tests.lifecycle.kube import Namespace
from tests.lifecycle.load import ANSWER_SECONDS
from tests.lifecycle.services import V1, V2
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]


def _shop(stack: Stack) -> Any:
    status = cutover(stack, "status", "--json").json()["stacks"][0]["services"]
    return status["shop"]


def test_the_driver_reads_and_moves_labels(stack: Stack, namespace: Namespace) -> None:
    stack.services["shop"] = services.blue_green("replica-set", cutover="labels")
    stack.announce()
    assert cutover(stack, "up", "--yes").code == 0
    first = _shop(stack)
    assert (first["liveColor"], first["state"], first["drift"]) == ("blue", "paused", [])
    planned = cutover(stack, "plan", "--promote", "shop")
    assert "traffic   switches blue 1-0-0-b1-t" in planned.out, planned

    expect(stack, "green", V2)
    assert cutover(stack, "promote", "--yes").code == 0
    green = _shop(stack)
    assert (green["liveColor"], green["state"]) == ("green", "healthy")
    assert green["colors"]["blue"]["role"] == "standby"

    stray = views.names(views.pods(namespace, color="blue"))[0]
    stack.watcher.plan({})
    namespace.patch("pods", stray, {"metadata": {"labels": {LIVE: "true"}}})
    split = _shop(stack)
    assert (split["liveColor"], split["state"]) == ("green", "progressing")
    assert "attached to the live Service" in split["drift"][0]["what"]
    expect(stack, "green", V2)
    assert cutover(stack, "up", "--yes").code == 0
    assert _shop(stack)["state"] == "healthy"

    address = namespace.get("services", "shop")["spec"]["clusterIP"]
    try:
        prober = Prober(f"http://{address}:80", rate_per_second=50, timeout_seconds=ANSWER_SECONDS)
    except TargetRefusedError:
        pytest.skip(f"Services of this cluster ({address}) are no targets of the prober")
    expect(stack, "blue", V1)
    with prober as live:
        back = cutover(stack, "rollback", "--now", "--yes", "--json")
        assert back.code == 0, back
        result = live.stop()
    assert result.failures == [], result.failures
    assert {answer.version for answer in result.answers} == {V1, V2}
    assert views.attached(namespace) == views.born_attached(namespace) == {"blue"}
    blue = _shop(stack)
    assert (blue["liveColor"], blue["state"]) == ("blue", "healthy")
    assert cutover(stack, "up", "--yes").out.endswith("nothing to do\n")
