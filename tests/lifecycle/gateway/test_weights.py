"""A route of either kind shares the traffic as its weights say, and follows them, and loses nothing on the way."""

import os
from pathlib import Path

import pytest

from prober import KIND_NAMES, URL_KINDS
from sandbox.cluster import Cluster
from sandbox.gateway import Address
from tests.lifecycle.gateway.routes import NEW, OLD, HttpRoute, Route, VirtualService, by_weight, expect, serve
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.services import V1, V2
from traffic.responder import image as responder

pytestmark = [pytest.mark.cluster, pytest.mark.traffic, pytest.mark.wide]  # istiod takes 8 minutes to build
# Not gRPC: a proxy packs the headers of HTTP/2, which the prober's client of it does not read (prober/http2.py).
PODINFO_KINDS = tuple(kind for kind in KIND_NAMES if kind not in URL_KINDS and not kind.startswith("grpc"))


@pytest.fixture(params=[HttpRoute, VirtualService])
def route(request: pytest.FixtureRequest, namespace: Namespace, gateway: Address) -> Route:
    """A route of each kind, between two releases."""
    kind: type[Route] = request.param
    return kind(namespace, gateway)


@pytest.fixture
def every_kind(namespace: Namespace, tmp_path: Path) -> None:
    """Releases that answer every kind of client: podinfo has no server-sent events."""
    if os.environ.get("CUTOVER_CONTEXT"):
        pytest.skip("only the sandbox's cluster is given images")
    Cluster().load_images(responder.archive((V1, V2), tmp_path / "responder.tar"))
    serve(namespace, OLD, NEW, repository=responder.REPOSITORY)


def test_traffic_is_shared_by_weight_and_follows_every_patch(namespace: Namespace, route: Route) -> None:
    serve(namespace, OLD, NEW)
    weights = {OLD: 90, NEW: 10}
    route.create(weights)
    with route.prober() as prober:
        expect(prober, by_weight(weights))
        for new in (50, 100, 0):
            weights = {OLD: 100 - new, NEW: new}
            route.weigh(weights)
            expect(prober, by_weight(weights))
        result = prober.stop()
    assert result.failures == []


def test_every_kind_of_client_is_answered(route: Route, every_kind: None) -> None:
    route.create({OLD: 50, NEW: 50})
    kinds = {"": PODINFO_KINDS, "/version": URL_KINDS}
    for path, names in kinds.items():
        with route.prober(path, kinds=names) as prober:
            eventually("answers", lambda: prober.progress.requests >= 600)
            result = prober.stop()
        assert result.failures == []
        assert {answer.kind for answer in result.answers} == set(names)
        assert {V1, V2} <= set(result.versions)
