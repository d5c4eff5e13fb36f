"""A route that exists: from the live Service to the colors, a canary, and back, each time by one write of it."""

import copy
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.lifecycle import services
from tests.lifecycle.command import cutover
from tests.lifecycle.kube import Namespace
from tests.lifecycle.routes import ALIEN, EXISTING, Gateway, ensure_kind, weights
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
Json = dict[str, Any]
SHOP = {"name": "shop", "port": 80, "weight": 100, "filters": [ALIEN]}


@pytest.fixture
def gateway(admin: httpx2.Client, namespace: Namespace) -> Iterator[Gateway]:
    """A route to the live Service, as others made it, and what follows it once it names the colors."""
    ensure_kind(admin)
    route = copy.deepcopy(EXISTING)
    route["spec"]["rules"][1]["backendRefs"][1:] = [SHOP]
    namespace.create_object("httproutes", route)
    made = Gateway(namespace, "public")
    yield made
    made.stop()


def test_a_route_to_the_live_service_is_taken_has_a_canary_and_is_given_back(
    stack: Stack, namespace: Namespace, gateway: Gateway
) -> None:
    shop = stack.services["shop"] = services.blue_green(drain_seconds=0)
    stack.must_up()
    before = namespace.get("httproutes", "public")["spec"]
    entry = before["rules"][1]["backendRefs"][1]  # with what the API server has added to it
    named = {"http_route": "public", **gateway.settings}
    shop["route"] = named
    refused = stack.preview()
    assert "no rule of it names shop-blue and shop-green" in refused.said
    assert "`cutover route`" in refused.said

    taken = cutover(stack, "route", "--yes", "--json")
    assert taken.code == 0, taken
    assert (taken.json()["changed"], taken.json()["rules"]) == (True, ["1"])
    after = namespace.get("httproutes", "public")["spec"]
    [archive, *colors] = after["rules"][1].pop("backendRefs")
    assert [archive] == before["rules"][1].pop("backendRefs")[:1]
    assert after == before
    shares = {"shop-blue": 100, "shop-green": 0}
    assert colors == [{**entry, "name": name, "weight": share} for name, share in shares.items()]
    assert cutover(stack, "route", "shop", "--yes").out.endswith("sends to shop-blue and shop-green already\n")
    shop["canary"] = {"weight": 10}
    assert "seen in" in stack.must_up().said
    assert weights(namespace) == {"shop-blue": 90, "shop-green": 10}

    early = cutover(stack, "route", "shop", "--back", "--yes")
    assert (early.code, "`cutover promote shop --weight 0`" in early.out + early.err) == (2, True), early
    assert cutover(stack, "promote", "shop", "--weight", "0", "--yes").code == 0
    given = cutover(stack, "route", "shop", "--back", "--yes")
    assert given.code == 0, given
    [archive, live] = namespace.get("httproutes", "public")["spec"]["rules"][1]["backendRefs"]
    assert live == entry
    assert "route:" not in stack.file.read_text()
    up = cutover(stack, "up", "--yes", "--json")
    assert up.json()["changes"].get("delete") == 1, up
    assert "shop-route" not in namespace.names("configmaps")
