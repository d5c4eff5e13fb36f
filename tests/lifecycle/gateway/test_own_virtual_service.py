"""A canary in a VirtualService of the service's own, by the real gateway: shares, conditions, copies, none lost."""

from typing import Any

import httpx2
import pytest

from prober import Prober
from sandbox.gateway import NAME, NAMESPACE, Address
from tests.lifecycle import services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.gateway.test_canary_virtual_service import RATE_PER_SECOND, more
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.load import ANSWER_SECONDS
from tests.lifecycle.services import V1, V2
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic, pytest.mark.wide]  # istiod takes 8 minutes to build
Json = dict[str, Any]
PLURAL = "virtualservices"
MATCH = [
    {"header": "X-Canary", "value": "always"},
    {"cookie": "group", "value": "beta.1"},
    {"query": "beta", "value": "1", "method": "GET"},
]
TOLD = ("X-Canary: always", "cookie group=beta.1", "GET, ?beta=1")


def test_a_canary_of_its_own_virtual_service_from_a_share_to_the_cutover_and_back(
    stack: Stack, namespace: Namespace, gateway: Address
) -> None:
    host = f"{namespace.name}.example"
    route = {"gateways": [f"{NAMESPACE}/{NAME}"], "hosts": [host], "address": f"{gateway.istio}/version"}
    shop = stack.services["shop"] = services.blue_green(route=route, drain_seconds=0, recycle=False)
    stack.must_up()
    with Prober(gateway.istio, host=host, rate_per_second=RATE_PER_SECOND, timeout_seconds=ANSWER_SECONDS) as prober:
        eventually("answers of blue", lambda: prober.progress.versions.get(V1, 0) > RATE_PER_SECOND)
        for weight, match in ((50, MATCH), (0, []), (10, MATCH)):
            shop["canary"] = {"weight": weight, "match": match}
            outcome = stack.must_up()
            assert outcome.changes.get("update") == 1, outcome.said
            told = [f"100 answers to {one}: shop-green 100" in outcome.said for one in TOLD]
            assert told == [bool(match)] * len(TOLD), outcome.said
            seen = more(prober)
            assert (seen[V2] > 0) == (weight > 0)
            assert stack.must_up().changes.keys() == {"same"}
        status = cutover(stack, "status", "--json").json()["stacks"][0]["services"]["shop"]
        assert (status["state"], status["drift"], status["route"]["matches"]) == ("paused", [], list(TOLD))
        shop["canary"] = {"weight": 0, "mirror": 20}
        stack.must_up()
        (main,) = namespace.get(PLURAL, "shop")["spec"]["http"]
        assert (main["mirror"]["host"], main["mirrorPercentage"]) == ("shop-green", {"value": 20})
        eventually("copies", lambda: _requests(namespace, "green") > RATE_PER_SECOND)
        assert more(prober)[V2] == 0, "a copy is no answer"
        del shop["canary"]
        for active, left in (("green", V1), ("blue", V2)):  # the cutover, and the rollback
            shop["active"] = active
            stack.must_up()
            assert views.live_color(namespace) == active
            assert more(prober)[left] == 0
        result = prober.stop()
    assert result.failures == []
    assert stack.must_up().changes.keys() == {"same"}
    spec = namespace.get(PLURAL, "shop")["spec"]
    for entry, weight in zip(spec["http"][0]["route"], (40, 60), strict=True):
        entry["weight"] = weight
    namespace.patch(PLURAL, "shop", {"spec": spec}, manager="gitops")
    assert "✖ blue 40 %, green 60 %" in cutover(stack, "status").out
    assert "shop has shop-blue 40, shop-green 60, which is not of this stack's making" in stack.must_up().said
    namespace.delete_object(PLURAL, "shop")
    assert "there is no VirtualService shop" in cutover(stack, "status").out
    stack.must_up("--refresh")
    assert namespace.names(PLURAL) == ["shop"]
    assert stack.destroy().code == 0
    assert namespace.names(PLURAL) == []


def test_a_path_takes_what_is_below_it_and_nothing_beside_it(
    stack: Stack, namespace: Namespace, gateway: Address
) -> None:
    host = f"{namespace.name}.example"
    route = {"gateways": [f"{NAMESPACE}/{NAME}"], "hosts": [host], "path": "/api"}
    stack.services["shop"] = services.blue_green(route=route, green=None)
    stack.must_up()

    def status(path: str) -> int:
        return httpx2.get(f"{gateway.istio}{path}", headers={"Host": host}, trust_env=False).status_code

    eventually("the route to lead somewhere", lambda: status("/api/info") == 200)
    assert status("/apis") == status("/") == 404


def _requests(namespace: Namespace, color: str) -> float:
    """How many the pods of a color have answered on the path that is probed."""
    return sum(
        float(line.rpartition(" ")[2])
        for pod in views.ready_pods(namespace, color=color)
        for line in namespace.ask_pod(pod["metadata"]["name"], "metrics").splitlines()
        if line.startswith("http_requests_total")
    )
