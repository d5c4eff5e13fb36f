"""Copies of requests for the idle color, in a route of the service's own, on the real engine and API server."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.lifecycle import services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.kube import Namespace
from tests.lifecycle.routes import Gateway, accepting_gateway, weights
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic, pytest.mark.wide]
OWN = {"parents": [{"name": "gateway", "namespace": "edge"}]}
Json = dict[str, Any]


@pytest.fixture
def gateway(admin: httpx2.Client, namespace: Namespace) -> Iterator[Gateway]:
    """What follows the service's own route, and says so."""
    with accepting_gateway(admin, namespace) as made:
        yield made


def filters(namespace: Namespace) -> Any:
    """Those of the route's rule."""
    return namespace.get("httproutes", "shop")["spec"]["rules"][0].get("filters")


def test_copies_begin_behind_the_gates_and_a_share_takes_their_place(
    stack: Stack, namespace: Namespace, gateway: Gateway
) -> None:
    shop = services.blue_green(route={**OWN, **gateway.settings}, standby_replicas=0, drain_seconds=0, recycle=False)
    stack.services["shop"] = shop
    stack.must_up()
    assert (filters(namespace), views.ready_pods(namespace, color="green")) == (None, [])

    shop["canary"] = {"weight": 0, "mirror": 20}
    outcome = stack.must_up()
    assert outcome.changes["update"] == 2, outcome.said  # the route, and the idle color's size
    (found,) = filters(namespace)
    assert (found["type"], found["requestMirror"]["percent"]) == ("RequestMirror", 20)
    assert found["requestMirror"]["backendRef"]["name"] == "shop-green"
    assert len(views.ready_pods(namespace, color="green")) == 2
    assert weights(namespace, "shop") == {"shop-blue": 100, "shop-green": 0}
    assert stack.must_up().changes.keys() == {"same"}

    shop["green"] = services.release(services.V3)
    refused = stack.up()
    assert refused.code != 0
    assert "green gets 20 % of the route shop as copies" in refused.said
    shop["green"] = services.release(services.V2)
    stack.must_up()

    stack.watcher.judges = False  # the stack's file is the driver's from here on
    told = cutover(stack, "status", "--json").json()["stacks"][0]["services"]["shop"]
    assert (told["route"]["mirror"], told["state"], told["drift"]) == (20, "paused", [])
    walked = cutover(stack, "promote", "shop", "--steps", "50,100", "--bake", "1s", "--yes")
    assert walked.code == 0, walked
    assert filters(namespace) is None
    assert weights(namespace, "shop") == {"shop-blue": 0, "shop-green": 100}
    assert "canary" not in stack.file.read_text()
