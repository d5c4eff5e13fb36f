"""What this project makes of a canary behind the real gateway when the cluster is against it: how many requests fail,
what `status` and the next `up` say, and which command ends it (docs/canary.md, "When the cluster is against it").
"""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from prober import Prober
from sandbox.gateway import Address
from tests.lifecycle import services
from tests.lifecycle.command import cutover
from tests.lifecycle.gateway.routes import FAILED, by_own_route, expect, own_route
from tests.lifecycle.kube import Namespace
from tests.lifecycle.routes import weights
from tests.lifecycle.services import V1, V2
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic, pytest.mark.wide]  # istiod takes 8 minutes to build
RATE_PER_SECOND = 100.0
NOWHERE = {"spec": {"selector": {"nobody": "has-this"}}}
TENTH, LOST_TENTH = {V1: 0.9, V2: 0.1}, {V1: 0.9, FAILED: 0.1}
GIVEN = {"shop-blue": 90, "shop-green": 10}
DEGRADED = 1
Json = dict[str, Any]


@pytest.fixture
def shop(stack: Stack, namespace: Namespace, gateway: Address) -> Json:
    """A service with a route of its own, all of it on blue."""
    made = stack.services["shop"] = services.blue_green(route=own_route(namespace, gateway))
    stack.must_up()
    stack.watcher.judges = False  # Services are broken by hand here
    return made


@pytest.fixture
def prober(shop: Json, gateway: Address) -> Iterator[Prober]:
    """Traffic by that route."""
    with by_own_route(shop["route"], gateway, RATE_PER_SECOND) as running:
        yield running


@pytest.fixture
def tenth(stack: Stack, shop: Json, prober: Prober) -> Prober:
    """The same, once green has a tenth of it."""
    shop["canary"] = {"weight": 10}
    stack.must_up()
    expect(prober, TENTH)
    assert prober.progress.failed == 0
    return prober


def test_a_service_without_endpoints_gets_no_share(
    stack: Stack, namespace: Namespace, shop: Json, prober: Prober
) -> None:
    namespace.patch("services", "shop-green", NOWHERE)
    shop["canary"] = {"weight": 10}
    refused = stack.up()
    assert refused.code != 0
    assert "the Service shop-green is not ready to take a share: it has no ready endpoint" in refused.said
    assert "code: gate.not_ready" in refused.said
    assert weights(namespace, "shop") == {"shop-blue": 100, "shop-green": 0}
    assert prober.stop().failures == []


def test_a_service_that_loses_its_endpoints_fails_its_share_until_that_is_taken_back(
    stack: Stack, namespace: Namespace, tenth: Prober
) -> None:
    namespace.patch("services", "shop-green", NOWHERE)
    expect(tenth, LOST_TENTH)
    told = cutover(stack, "status")
    assert told.code == DEGRADED, told
    assert "✖ blue 90 %, green 10 %; shop-green has no ready endpoint" in told.out
    back = cutover(stack, "promote", "shop", "--weight", "0", "--yes")
    assert back.code == 0, back
    expect(tenth, {V1: 1.0})
    assert {one.detail for one in tenth.stop().failures} == {"503"}


def test_a_service_that_is_missing_fails_its_share_until_a_refresh(
    stack: Stack, namespace: Namespace, tenth: Prober
) -> None:
    namespace.delete_object("services", "shop-green")
    expect(tenth, LOST_TENTH)
    told = cutover(stack, "status")
    assert told.code == DEGRADED, told
    assert "finds no way to what it sends to (BackendNotFound" in told.out
    refused = stack.up()
    assert refused.code != 0
    assert "service/shop-green is not in the cluster any more" in refused.said
    assert "code: object.gone" in refused.said
    stack.must_up("--refresh")
    expect(tenth, TENTH)


def test_weights_that_are_all_nothing_fail_everybody_until_the_next_up(
    stack: Stack, namespace: Namespace, tenth: Prober
) -> None:
    _write(namespace, {"shop-blue": 0, "shop-green": 0})
    expect(tenth, {FAILED: 1.0})
    told = cutover(stack, "status")
    assert told.code == DEGRADED, told
    assert "somebody has set no weight for either color, and the config says blue 90 %, green 10 %" in told.out
    assert "which is not of this stack's making; the config wants" in stack.must_up().said
    assert weights(namespace, "shop") == GIVEN
    expect(tenth, TENTH)


def test_a_second_writer_is_told_and_taken_back(stack: Stack, namespace: Namespace, tenth: Prober) -> None:
    _write(namespace, {"shop-blue": 30, "shop-green": 70})
    expect(tenth, {V1: 0.3, V2: 0.7})
    told = cutover(stack, "status")
    assert told.code == DEGRADED, told
    assert "somebody has set blue 30 %, green 70 %, and the config says blue 90 %, green 10 %" in told.out
    assert "shop has shop-blue 30, shop-green 70, which is not of this stack's making" in stack.must_up().said
    assert weights(namespace, "shop") == GIVEN
    expect(tenth, TENTH)
    assert tenth.stop().failures == []


def test_a_bad_weight_reaches_no_route(stack: Stack, namespace: Namespace, shop: Json, prober: Prober) -> None:
    for weight in (-1, 101, 2.5):
        shop["canary"] = {"weight": weight}
        refused = stack.up()
        assert refused.code != 0
        assert "cutover:services.shop.canary.weight" in refused.said
        assert "code: config.invalid" in refused.said
    with pytest.raises(httpx2.HTTPStatusError, match="422"):
        _write(namespace, {"shop-blue": -1, "shop-green": 1})
    assert weights(namespace, "shop") == {"shop-blue": 100, "shop-green": 0}
    assert prober.stop().failures == []


def _write(namespace: Namespace, wanted: dict[str, int]) -> None:
    """Weights by another hand."""
    spec = namespace.get("httproutes", "shop")["spec"]
    for entry in spec["rules"][0]["backendRefs"]:
        entry["weight"] = wanted[entry["name"]]
    namespace.patch("httproutes", "shop", {"spec": spec}, manager="gitops")
