"""A canary through the real gateway, on a route of the service's own: every step under load, and no request lost."""

import pytest

from prober import Prober
from sandbox.gateway import NAME, NAMESPACE, Address
from tests.lifecycle import services, views
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.load import ANSWER_SECONDS
from tests.lifecycle.services import V1, V2
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic, pytest.mark.wide]  # istiod takes 8 minutes to build
RATE_PER_SECOND = 60.0
ALWAYS = {
    "match": [
        {"header": "x-canary", "value": "always"},
        {"cookie": "group", "value": "beta.1"},
        {"query": "beta", "value": "1", "method": "GET"},
    ]
}
SEEN = [f"100 answers to {one}: shop-green 100" for one in ("x-canary: always", "cookie group=beta.1", "GET, ?beta=1")]


def test_a_canary_of_its_own_route_from_a_share_to_the_cutover(
    stack: Stack, namespace: Namespace, gateway: Address
) -> None:
    host = f"{namespace.name}.example"
    address = f"{gateway.gateway_api}/version"
    route = {"parents": [{"name": NAME, "namespace": NAMESPACE}], "hosts": [host], "address": address}
    shop = stack.services["shop"] = services.blue_green(route=route)
    stack.must_up()
    with Prober(
        gateway.gateway_api, host=host, rate_per_second=RATE_PER_SECOND, timeout_seconds=ANSWER_SECONDS
    ) as prober:
        eventually("answers of blue", lambda: prober.progress.versions.get(V1, 0) > RATE_PER_SECOND)
        assert V2 not in prober.progress.versions
        for weight in (50, 0, 50):
            shop["canary"] = {"weight": weight, **(ALWAYS if weight else {})}
            outcome = stack.must_up()
            assert outcome.changes.get("update") == 1, outcome.said
            assert "seen in" in outcome.said
            assert [one in outcome.said for one in SEEN] == [weight > 0] * len(SEEN)
            before = prober.progress.versions.get(V2, 0)
            _more(prober)
            assert (prober.progress.versions.get(V2, 0) > before) == (weight > 0)
        del shop["canary"]
        shop["active"] = "green"
        stack.must_up()
        assert views.live_color(namespace) == "green"
        old = prober.progress.versions[V1]
        _more(prober)
        assert prober.progress.versions[V1] == old
        result = prober.stop()
    assert result.failures == []
    assert stack.must_up().changes.keys() == {"same"}
    assert stack.destroy().code == 0
    assert namespace.names("httproutes") == []


def _more(prober: Prober) -> None:
    """Two seconds of further answers."""
    wanted = prober.progress.requests + 2 * RATE_PER_SECOND
    eventually("more answers", lambda: prober.progress.requests > wanted)
