"""A canary of a group: the weights of all its routes together, behind all gates, back together, walked as one."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.lifecycle import kills, services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.kube import Namespace
from tests.lifecycle.routes import Gateway, ensure_kind, weights
from tests.lifecycle.services import BROKEN, IMPATIENT, SMOKE, release
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic, pytest.mark.wide]  # the gates and the order are in components
OWN = {"parents": [{"name": "gateway", "namespace": "edge"}]}
ROUTED = ("api", "web")
Json = dict[str, Any]


@pytest.fixture
def gateways(admin: httpx2.Client, namespace: Namespace) -> Iterator[dict[str, Gateway]]:
    """What follows the members' own routes."""
    ensure_kind(admin)
    with ExitStack() as ends:
        found = {name: Gateway(namespace, name, name) for name in ROUTED}
        for one in found.values():
            one.accepts = True
            ends.callback(one.stop)
        yield found


@pytest.fixture
def group(stack: Stack, gateways: dict[str, Gateway]) -> Json:
    """Two members that users reach, and one that these call, all on blue."""
    quick: Json = {"active": None, "standby_replicas": 1, "drain_seconds": 0, "recycle": False, "smoke": SMOKE}
    for name in ROUTED:
        stack.services[name] = services.blue_green(route={**OWN, **gateways[name].settings}, **quick)
    stack.services["cart"] = services.blue_green(**quick)
    made = stack.groups["all"] = {"active": "blue", "services": ["cart", "api", "web"]}
    stack.must_up()
    return made


def shares(namespace: Namespace) -> dict[str, int]:
    """Service -> the percentage of its green."""
    return {name: weights(namespace, name, service=name)[f"{name}-green"] for name in ROUTED}


def greens(namespace: Namespace) -> dict[str, int]:
    """Service -> the ready pods of its green."""
    return {name: len(views.ready_pods(namespace, name, "green")) for name in ("cart", *ROUTED)}


def test_all_weights_move_or_none_does(
    stack: Stack, namespace: Namespace, group: Json, gateways: dict[str, Gateway]
) -> None:
    good = stack.services["cart"]["green"]
    stack.services["cart"] |= {"green": release(BROKEN), "smoke": IMPATIENT}
    stack.must_up()
    group["canary"] = {"weight": 10}
    refused = stack.up()
    assert refused.code != 0
    assert "cart-green: GET /version failed its smoke check" in refused.said
    assert shares(namespace) == {"api": 0, "web": 0}, "the gate of one that is only called"

    del group["canary"]
    stack.services["cart"] |= {"green": good, "smoke": SMOKE}
    stack.must_up()
    group["canary"] = {"weight": 10}
    stack.must_up()
    assert shares(namespace) == {"api": 10, "web": 10}
    assert greens(namespace) == {"cart": 2, "api": 2, "web": 2}
    assert stack.must_up().changes.keys() == {"same"}

    stack.services["cart"]["green"] = release(services.V3)
    held = stack.up()
    assert held.code != 0
    assert "and the config gives cart-green another release" in held.said
    stack.services["cart"]["green"] = good

    gateways["web"].stuck = {"web-blue": 100}
    group["canary"] = {"weight": 50}
    failed = stack.up()
    assert failed.code != 0
    assert "route.unseen" in failed.said
    assert shares(namespace) == {"api": 10, "web": 10}, failed.said
    gateways["web"].stuck = None
    stack.must_up()
    assert shares(namespace) == {"api": 50, "web": 50}

    del group["canary"]
    stack.must_up()
    assert shares(namespace) == {"api": 0, "web": 0}
    assert greens(namespace) == {"cart": 1, "api": 1, "web": 1}
    assert stack.destroy().code == 0


def test_a_kill_between_two_weights_is_ended_by_the_next_up(
    stack: Stack, namespace: Namespace, group: Json, tmp_path: Path
) -> None:
    group["canary"] = {"weight": 50}
    kills.up_killed(stack, tmp_path / "events.jsonl", "group", lambda _: 50 in shares(namespace).values())
    kills.up_again(stack)
    assert shares(namespace) == {"api": 50, "web": 50}
    assert stack.must_up().changes.keys() == {"same"}


def test_the_driver_walks_a_group_to_its_cutover(stack: Stack, namespace: Namespace, group: Json) -> None:
    stack.watcher.judges = False  # the stack's file is the driver's from here on
    planned = cutover(stack, "promote", "web", "--weight", "10", "--yes")
    assert planned.code == 0, planned
    assert shares(namespace) == {"api": 10, "web": 10}
    told = cutover(stack, "status", "--json").json()["stacks"][0]["services"]
    assert {name: (one["state"], one["drift"]) for name, one in told.items()} == dict.fromkeys(
        ("cart", *ROUTED), ("paused", [])
    )
    assert cutover(stack, "rollback", "cart", "--yes").code == 2
    walked = cutover(stack, "promote", "all", "--steps", "50,100", "--bake", "1s", "--yes")
    assert walked.code == 0, walked
    assert shares(namespace) == {"api": 100, "web": 100}
    assert {views.live_color(namespace, name) for name in ("cart", *ROUTED)} == {"green"}
    assert "canary" not in stack.file.read_text()
