"""A control plane that takes its time: the gateway follows each write of a route seconds late. A step still ends only
once answers show it, the pods that were left answer until then, and no user notices.
"""

from collections.abc import Iterator
from typing import Any, get_args

import httpx2
import pytest

from sandbox.gateway import NAMESPACE, Address
from tests.lifecycle import services, views
from tests.lifecycle.gateway.routes import by_own_route, expect_from_now_on, own_route, own_weights
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.services import V1, V2
from tests.lifecycle.stack import Stack
from traffic.cells import Router

# istiod takes 8 minutes to build; every route of the gateway follows late meanwhile
pytestmark = [pytest.mark.cluster, pytest.mark.traffic, pytest.mark.wide, pytest.mark.alone]
RATE_PER_SECOND = 60.0
LATE = "2s"  # of nothing new, before istiod tells the gateways what changed
Json = dict[str, Any]


@pytest.fixture
def _late(gateway: Address, admin: httpx2.Client) -> Iterator[None]:
    """istiod with that delay, and afterwards as it was."""
    assert gateway
    edge = Namespace(admin, NAMESPACE)
    container = edge.get("deployments", "istiod")["spec"]["template"]["spec"]["containers"][0]
    before: list[Json] = container["env"]
    _started_with(edge, [*before, {"name": "PILOT_DEBOUNCE_AFTER", "value": LATE}])
    yield
    _started_with(edge, before)


@pytest.mark.usefixtures("_late")
@pytest.mark.parametrize("router", get_args(Router))
def test_a_step_ends_once_answers_show_it(stack: Stack, namespace: Namespace, gateway: Address, router: Router) -> None:
    route = own_route(namespace, gateway, router)
    shop = stack.services["shop"] = services.blue_green(route=route, drain_seconds=0, recycle=False)
    stack.must_up()
    with by_own_route(route, gateway, RATE_PER_SECOND, router) as prober:
        for number, weight in enumerate((10, 50, 0, 50)):
            shop["canary"] = {"weight": weight}
            outcome = stack.must_up()
            assert "seen in" in outcome.said
            assert own_weights(namespace, router) == {"shop-blue": 100 - weight, "shop-green": weight}
            expect_from_now_on(prober, f"step {number}", {V1: 1 - weight / 100, V2: weight / 100})
        del shop["canary"]
        for active, serves in (("green", V2), ("blue", V1)):  # the cutover, and the rollback
            shop["active"] = active
            stack.must_up()
            assert views.live_color(namespace) == active
            expect_from_now_on(prober, active, {serves: 1.0})
        assert prober.stop().failures == []
    assert stack.must_up().changes.keys() == {"same"}


def _started_with(edge: Namespace, env: list[Json]) -> None:
    """Give istiod this environment, and wait until no other one runs."""
    at = "/spec/template/spec/containers/0/env"
    edge.patch("deployments", "istiod", [{"op": "replace", "path": at, "value": env}])

    def whole() -> bool:
        found = edge.get("deployments", "istiod")
        seen = found["status"].get("observedGeneration") == found["metadata"]["generation"]
        ready = found["status"].get("updatedReplicas") == found["status"].get("readyReplicas") == 1
        return bool(seen and ready and len(edge.items("pods", {"app": "istiod"})) == 1)

    eventually("one istiod with that environment", whole)
