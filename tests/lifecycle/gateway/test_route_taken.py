"""A route that serves is taken over and given back, through the real gateway, and no request is lost by it."""

import pytest

from sandbox.gateway import Address
from tests.lifecycle import existing, services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.existing import NAME, SELECTOR
from tests.lifecycle.gateway.routes import HttpRoute, Route, VirtualService
from tests.lifecycle.gateway.test_canary_virtual_service import RATE_PER_SECOND, more
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.services import V1, V2, release
from tests.lifecycle.stack import Stack
from tests.lifecycle.test_adopt import shop as adopted

pytestmark = [pytest.mark.cluster, pytest.mark.traffic, pytest.mark.wide]  # istiod takes 8 minutes to build


@pytest.mark.parametrize(("kind", "key"), [(HttpRoute, "http_route"), (VirtualService, "virtual_service")])
def test_from_the_live_service_to_the_colors_and_back(
    stack: Stack, namespace: Namespace, gateway: Address, kind: type[Route], key: str
) -> None:
    shop = stack.services["shop"] = services.blue_green(drain_seconds=2)
    stack.must_up()
    route = kind(namespace, gateway)
    route.create({"shop": 1})
    with route.prober(rate_per_second=RATE_PER_SECOND) as prober:
        eventually("answers of blue", lambda: prober.progress.versions.get(V1, 0) > RATE_PER_SECOND)
        taken = cutover(stack, "route", "shop", f"--{key.replace('_', '-')}", "app", "--yes")
        assert taken.code == 0, taken
        assert more(prober)[V2] == 0
        shop["route"] = {key: "app", "address": f"{route.url}/version"}
        for weight in (0, 50, 0):
            shop["canary"] = {"weight": weight}
            stack.must_up()
            assert (more(prober)[V2] > 0) == (weight > 0)
        del shop["canary"]
        shop["active"] = "green"
        stack.must_up()
        assert more(prober)[V1] == 0
        given = cutover(stack, "route", "shop", "--back", "--yes")
        assert given.code == 0, given
        del shop["route"]
        stack.must_up()
        shop["active"] = "blue"  # a cutover of the live Service, which the route sends to again
        stack.must_up()
        assert views.live_color(namespace) == "blue"
        eventually("answers of blue alone", lambda: more(prober)[V2] == 0)
        result = prober.stop()
    assert result.failures == []
    print(f"{result.requests} requests, {len(result.failures)} failed")


def test_what_kubectl_made_is_adopted_and_then_its_route(stack: Stack, namespace: Namespace, gateway: Address) -> None:
    existing.make(namespace)
    route = HttpRoute(namespace, gateway)
    route.create({NAME: 1})
    shop = stack.services[NAME] = adopted(SELECTOR)
    stack.must_up()
    shop["active"] = "green"
    stack.must_up()
    shop["blue"] = release(V1, 2)
    stack.must_up()  # and the Deployment that kubectl made is gone
    with route.prober(rate_per_second=RATE_PER_SECOND) as prober:
        taken = cutover(stack, "route", NAME, "--http-route", "app", "--yes")
        assert taken.code == 0, taken
        shop["route"] = {"http_route": "app", "address": f"{route.url}/version"}
        for weight in (50, 0):
            shop["canary"] = {"weight": weight}
            stack.must_up()
            assert (more(prober)[V1] > 0) == (weight > 0)
        del shop["canary"]
        shop["active"] = "blue"
        stack.must_up()
        assert more(prober)[V2] == 0
        assert stack.must_up().changes.keys() == {"same"}
        result = prober.stop()
    assert result.failures == []
