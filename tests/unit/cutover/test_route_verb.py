"""`cutover route`: the file first, one write of the route, and nothing where an end is not as it has to be."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from contract.weights import shares
from cutover.doctor.findings import bad, good
from cutover.errors import ClusterUnreachable, DriverError, GateRefused, UsageError
from cutover.observe.connection import Refused
from cutover.operations.command.run import Run
from cutover.operations.route import route as module
from cutover.options import Options
from cutover.output.report import Report
from tests.unit.cutover.objects import blue_green
from tests.unit.cutover.test_observe_routes import route
from tests.unit.cutover.test_route_now import Routed

Json = dict[str, Any]
COLORS = ["shop-blue", "shop-green"]
PUBLIC = {"http_route": "public"}


class Behind(Routed):
    """The cluster of a service that users reach by a route. `serving`: Service -> its ready pods; `fails`: what a write
    ends with.
    """

    def __init__(self, *rules: Json, **more: Any) -> None:
        super().__init__(route(*rules or ({"backendRefs": [{"name": "shop", "port": 80}]},)), **more)
        pods = ["shop-blue-5", "shop-blue-6"]
        self.serving = {"shop": pods, "shop-blue": pods, "shop-green": []}
        self.port = 80
        self.fails: Exception | None = None
        self.file_at_write = ""
        self.path = Path()

    def items(self, path: str, asked: Any = None) -> list[Json]:
        if not path.endswith("/endpointslices"):
            return super().items(path)
        name = asked["labelSelector"].rpartition("=")[2]
        endpoints = [{"targetRef": {"name": pod}, "conditions": {"ready": True}} for pod in self.serving[name]]
        return [{"metadata": {}, "endpoints": endpoints}]

    def json(self, method: str, path: str, **more: Any) -> Json:
        if "/services/" in path:
            if path.rpartition("/")[2] not in self.serving:
                raise Refused("HTTP 404", "", 404)
            return {"spec": {"ports": [{"port": self.port}]}}
        if method == "PATCH":
            self.file_at_write = self.path.read_text()
            if self.fails:
                raise self.fails
        return super().json(method, path, **more)

    @property
    def now(self) -> list[str]:
        """What the first rule sends to."""
        return [one["name"] for one in self.route["spec"]["rules"][0]["backendRefs"]]


Asked = Callable[..., tuple[Any, Json]]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Runs the verb; its result, and the service in the file afterwards."""
    monkeypatch.setattr(module, "needed_python", lambda _: Path("python"))
    monkeypatch.setattr(module, "check_config", lambda *_: good("config", ""))
    monkeypatch.setattr(module, "access_of", lambda _: None)
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    file = tmp_path / "Pulumi.dev.yaml"

    def ask(
        api: Behind, name: str | None = "shop", *, back: bool = False, settings: Json | None = None, **asked: Any
    ) -> tuple[Any, Json]:
        @contextmanager
        def opened(_: object) -> Iterator[Behind]:
            yield api

        monkeypatch.setattr(module, "Api", opened)
        services = {"shop": blue_green(**settings or {})}
        file.write_text(yaml.safe_dump({"config": {"cutover:namespace": "shop", "cutover:services": services}}))
        api.path = file
        run = Run("route", file, Options(changes=True, yes=True), Report(stream=io.StringIO()))
        return module.route(run, name, asked, back=back), left()

    def left() -> Json:
        found: Json = yaml.safe_load(file.read_text())["config"]["cutover:services"]["shop"]
        return found

    ask.left = left  # type: ignore[attr-defined]
    return ask


def test_the_file_has_the_route_before_it_names_the_colors(ask: Asked) -> None:
    api = Behind()
    result, shop = ask(api, http_route="public")
    assert shop["route"] == PUBLIC
    assert "http_route: public" in api.file_at_write
    assert shares(api.route, COLORS, None) == [("0", {"shop-blue": 100, "shop-green": 0})]
    assert result.lines == (
        "shop: rule 0 of HTTPRoute public sends to shop-blue 100, shop-green 0 in place of shop, and Pulumi.dev.yaml "
        "has the route",
        "next: cutover up",
    )
    (write,) = api.writes
    assert write["body"][0] == {"op": "test", "path": "/metadata/generation", "value": 4}
    again, _ = ask(api, settings={"route": PUBLIC})
    assert (again.changed, len(api.writes)) == (False, 1)


def test_the_way_back_writes_the_route_before_the_file_loses_it(ask: Asked) -> None:
    api = Behind()
    ask(api, http_route="public")
    result, shop = ask(api, None, back=True, settings={"route": PUBLIC, "canary": {"weight": 0}})
    assert (api.now, "route" in shop, "canary" in shop) == (["shop"], False, False)
    assert "http_route: public" in api.file_at_write
    assert "sends to shop in place of shop-blue, and Pulumi.dev.yaml has no route" in result.lines[0]


def test_what_a_run_that_ended_left_is_carried_on(ask: Asked) -> None:
    api = Behind()
    _, shop = ask(api, None, settings={"route": PUBLIC})  # the file had it, and the route did not
    assert (api.now, shop["route"]) == (COLORS, PUBLIC)
    result, shop = ask(Behind(), back=True, settings={"route": PUBLIC})  # the route had it, and the file did not
    assert "route" not in shop
    assert "stays as it is" in result.lines[0]


def test_somebody_who_writes_it_once_is_followed_and_one_who_always_does_is_told(ask: Asked) -> None:
    api = Behind(others=1)
    ask(api, http_route="public")
    assert (api.now, len(api.writes)) == (COLORS, 2)
    api = Behind(others=9)
    with pytest.raises(DriverError, match="was not changed, in 3 tries") as failed:
        ask(api, http_route="public")
    assert "`kubectl get httproute public -n shop -o yaml --show-managed-fields`" in failed.value.fix
    assert api.now == ["shop"]


@pytest.mark.parametrize(
    ("error", "kept"), [(Refused("HTTP 403", "", 403), False), (ClusterUnreachable("no answer", ""), True)]
)
def test_the_file_keeps_it_only_where_nothing_tells_whether_the_route_was_written(
    ask: Asked, error: Exception, kept: bool
) -> None:
    api = Behind()
    api.fails = error
    with pytest.raises(ClusterUnreachable):
        ask(api, http_route="public")
    assert ("route" in ask.left()) == kept  # type: ignore[attr-defined]


def test_what_the_program_refuses_is_taken_out_of_the_file_again(ask: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "check_config", lambda *_: bad("config", "autoscale is set", ""))
    api = Behind()
    with pytest.raises(UsageError, match=r"Pulumi.dev.yaml is as it was\nautoscale is set"):
        ask(api, http_route="public")
    assert (api.now, "route" in ask.left()) == (["shop"], False)  # type: ignore[attr-defined]


def test_both_ends_have_to_send_to_the_same_pods(ask: Asked) -> None:
    api = Behind()
    api.serving["shop-blue"] = ["shop-blue-5"]
    with pytest.raises(GateRefused, match=r"do not send to the same pods .*shop-blue: shop-blue-5\)"):
        ask(api, http_route="public")
    api.serving |= {"shop": [], "shop-blue": []}
    with pytest.raises(GateRefused, match="shop: none; shop-blue: none"):
        ask(api, http_route="public")
    with pytest.raises(GateRefused, match="green active, and blue is live"):
        ask(Behind(), http_route="public", settings={"active": "green"})


def test_both_colors_have_their_service_and_it_the_port(ask: Asked) -> None:
    api = Behind()
    del api.serving["shop-green"]
    with pytest.raises(GateRefused, match="there is no Service shop-green") as refused:
        ask(api, http_route="public")
    assert "`cutover release shop`" in refused.value.fix
    api = Behind()
    api.port = 8080
    with pytest.raises(GateRefused, match="the route sends to port 80, which the Service shop has not"):
        ask(api, http_route="public")
    assert (api.now, api.writes) == (["shop"], [])


@pytest.mark.parametrize(
    ("settings", "asked", "says"),
    [
        ({}, {}, "no route is given"),
        ({}, {"http_route": "a", "grpc_route": "b"}, "http_route and grpc_route are given"),
        ({}, {"http_route": "private"}, "there is no HTTPRoute private in shop"),
        ({"route": PUBLIC}, {"http_route": "b"}, "has HTTPRoute public as its route in the file"),
        ({"route": {"parents": [{"name": "gw"}]}}, {"http_route": "b"}, "has a route of its own"),
        ({"route": PUBLIC, "canary": {"weight": 5}}, {"back": True}, "green has a share of the route"),
    ],
)
def test_a_command_that_cannot_be_meant_is_refused(ask: Asked, settings: Json, asked: Json, says: str) -> None:
    api = Behind()
    with pytest.raises(UsageError, match=says):
        ask(api, settings=settings, **asked)
    assert api.writes == []


def test_a_name_is_needed_where_none_or_several_have_a_route(ask: Asked) -> None:
    with pytest.raises(UsageError, match="no service is named; blue/green ones of dev: shop"):
        ask(Behind(), None, http_route="public")


def test_a_route_that_does_not_send_to_it_is_told(ask: Asked) -> None:
    with pytest.raises(GateRefused, match="no rule of it sends to shop; it was not touched"):
        ask(Behind({"backendRefs": [{"name": "cdn", "port": 80}]}), http_route="public")
