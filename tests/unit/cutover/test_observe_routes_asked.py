"""The routes that are asked for: each once, by its name and kind."""

from typing import Any, cast

from contract.route_kinds import GRPC, RouteRef
from cutover.errors import ClusterUnreachable
from cutover.observe.connection import Api, Refused
from cutover.observe.routes import Reading, read_routes
from tests.unit.cutover.objects import blue_green, view
from tests.unit.cutover.test_observe_routes import (
    PARENT,
    backends,
    route,
    shop,
)


class Answers:
    """An API server that has one route, and no right or no answer for others."""

    server = "https://c"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def json(self, method: str, path: str) -> Any:
        self.asked.append(f"{method} {path}")
        name = path.rpartition("/")[2]
        if name == "mine":
            return {"metadata": {"name": "mine\x1b[2J"}, "spec": {}}
        if name == "page":
            return {"kind": "Status"}
        if name == "lost":
            raise ClusterUnreachable("no good answer for 3 s", "check it")
        raise Refused("refused", "mend it", 404 if name == "none" else 403)


def test_each_route_is_asked_for_once_by_name_and_one_that_is_not_read_ends_nothing() -> None:
    routed = {name: blue_green(route={"http_route": name}) for name in ("none", "secret", "lost", "page", "../x")}
    own = {"parents": [PARENT]}
    stack = view(mine=blue_green(route=own), other=blue_green(route={"http_route": "mine"}), plain={}, **routed)
    api = Answers()
    found = {ref.name: reading for ref, reading in read_routes(cast("Api", api), stack).items()}
    assert sorted(api.asked) == [
        f"GET /apis/gateway.networking.k8s.io/v1/namespaces/shop/httproutes/{name}"
        for name in ("..%2Fx", "lost", "mine", "none", "page", "secret")
    ]
    assert found["mine"].body == {"metadata": {"name": "mine"}, "spec": {}}, (
        "what a terminal would take for a command is gone"
    )
    assert found["none"] == Reading(None, "there is no HTTPRoute none", gone=True)
    assert found["page"].why == "the API server https://c answered with no HTTPRoute"
    assert found["secret"] == Reading(None, "refused", "mend it")
    assert found["lost"] == Reading(None, "no good answer for 3 s", "check it")
    assert read_routes(cast("Api", api), view(shop=blue_green())) == {}


def test_a_grpc_route_is_asked_for_and_told_as_one() -> None:
    api = Answers()
    both = view(a=blue_green(route={"grpc_route": "none"}), b=blue_green(route={"http_route": "none"}))
    found = read_routes(cast("Api", api), both)
    gateways = "GET /apis/gateway.networking.k8s.io/v1/namespaces/shop/"
    assert sorted(api.asked) == [f"{gateways}grpcroutes/none", f"{gateways}httproutes/none"]
    assert found[RouteRef(GRPC, "none")].why == "there is no GRPCRoute none"
    gone = Reading(None, "there is no GRPCRoute public", gone=True)
    (difference,) = shop(gone, route={"grpc_route": "public"}).differences
    assert difference.settle == "make it, or name another as `route.grpc_route`"
    seen = shop(route(backends(90, 10)), route={"grpc_route": "public"}).route
    assert seen
    assert str(seen) == "blue 90 %, green 10 %"
