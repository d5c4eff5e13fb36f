"""A canary's share taken away past the engine: by a patch with preconditions, to a color that serves."""

from typing import Any

import pytest

from contract.weights import shares
from cutover.errors import DriverError, GateRefused
from cutover.observe.connection import Api, Refused
from cutover.operations.traffic.route_now import take_back
from tests.json_patch import patched
from tests.unit.cutover.objects import blue_green, view
from tests.unit.cutover.test_bake_blind import FakeApi
from tests.unit.cutover.test_observe_routes import backends, route

Json = dict[str, Any]
PATH = "/apis/{}/v1/namespaces/shop/{}/{}"


class Routed(FakeApi):
    """With one route; `others` write it that often right before ours."""

    plural = "httproutes"
    group = "gateway.networking.k8s.io"
    amend = Api.amend  # by this one's `json`

    def __init__(self, found: Json, name: str = "public", *, others: int = 0, **more: Any) -> None:
        super().__init__(**more)
        self.route, self.name, self.others = found, name, others
        self.writes: list[Json] = []

    def json(self, method: str, path: str, **more: Any) -> Json:
        if not path.endswith(f"/{self.plural}/{self.name}"):
            raise Refused(f"HTTP 404 {path}", "", 404)
        assert path == PATH.format(self.group, self.plural, self.name)
        if method == "PATCH":
            self.writes.append(more)
            if self.others:
                self.others -= 1
                self.route["metadata"]["generation"] += 1
            made = patched(self.route, more["body"])
            if made is None:
                raise Refused("HTTP 422", "", 422)
            self.route = made
        return self.route


def back(api: Routed, **settings: Any) -> bool:
    stack = view(shop=blue_green(**{"route": {"http_route": "public"}, "canary": {"weight": 25}} | settings))
    fake: Any = api
    with api:
        return take_back(fake, stack, stack.services["shop"])


def now(api: Routed, rule: int | None = None) -> list[Any]:
    return shares(api.route, ["shop-blue", "shop-green"], rule)


def test_so_it_is_in_a_grpc_route() -> None:
    api = Routed(route(backends(75, 25)))
    api.plural = "grpcroutes"
    assert back(api, route={"grpc_route": "public"})
    assert now(api) == [("0", {"shop-blue": 100, "shop-green": 0})]


def test_the_active_color_gets_the_whole_route_and_nothing_else_is_written() -> None:
    api = Routed(route({"backendRefs": [{"name": "cdn", "port": 80}]}, backends(75, 25, filters=["theirs"])))
    assert back(api)
    assert now(api) == [("1", {"shop-blue": 100, "shop-green": 0})]
    assert api.route["spec"]["rules"][0] == {"backendRefs": [{"name": "cdn", "port": 80}]}
    assert api.route["spec"]["rules"][1]["filters"] == ["theirs"]
    (write,) = api.writes
    assert (write["params"], write["content_type"]) == ({"fieldManager": "cutover"}, "application/json-patch+json")
    assert write["body"][0] == {"op": "test", "path": "/metadata/generation", "value": 4}
    assert not back(api), "it is as it is to be"
    assert len(api.writes) == 1


def test_of_a_route_of_its_own_the_first_rule_is_written() -> None:
    only_green = {"backendRefs": [{"name": "shop-green", "port": 80, "weight": 1}]}
    api = Routed(route(backends(75, 25), only_green), "shop")
    assert back(api, route={"parents": [{"name": "gw"}]})
    assert now(api, 0) == [("0", {"shop-blue": 100, "shop-green": 0})]
    assert api.route["spec"]["rules"][1] == only_green


def test_somebody_else_s_write_in_between_is_looked_at_anew_and_given_up_after_three() -> None:
    api = Routed(route(backends(75, 25)), others=2)
    assert back(api)
    assert len(api.writes) == 3
    api = Routed(route(backends(75, 25)), others=3)
    with pytest.raises(DriverError, match="changed 3 times while its weights were to be set"):
        back(api)
    assert now(api) == [("0", {"shop-blue": 75, "shop-green": 25})]


def test_users_are_not_sent_to_a_color_without_ready_pods() -> None:
    api = Routed(route(backends(75, 25)), ready=False)
    with pytest.raises(GateRefused, match="no pod of blue is ready to take the users back"):
        back(api)
    assert api.writes == []


def test_a_route_that_has_no_place_for_it_is_named() -> None:
    with pytest.raises(DriverError, match="the HTTPRoute public does not fit: no rule of it names shop-blue"):
        back(Routed(route({"backendRefs": [{"name": "cdn", "port": 80}]})))
    with pytest.raises(Refused):
        back(Routed(route(backends(75, 25)), "another"))
