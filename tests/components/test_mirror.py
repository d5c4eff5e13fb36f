"""A canary that gets copies alone: the filter that makes them, the gates before, and what may not change then."""

from typing import Any

import pytest

from components import BlueGreenService, Canary, Route, RouteParent
from components.rules.errors import LiveReleaseEdit, NotReady, RouteUnfit
from components.rules.trial import Answer, refusal
from contract.gateway_route import mirror_filter
from tests.components import test_route_gates as gates
from tests.components.fakes import FakeCluster, Recorder, run_program
from tests.components.test_blue_green_service import BLUE, GREEN
from tests.components.test_route import VALUES
from tests.components.test_route_gates import Gate, public, run

Json = dict[str, Any]
OWN: Json = {"parents": [{"name": "gw"}]}


@pytest.fixture
def behind(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    """A cluster whose route is the service's own, all of it on blue."""
    made = gates.on_blue(monkeypatch)
    route = public(100, 0)
    route["spec"]["rules"] = [{"backendRefs": route["spec"]["rules"][1]["backendRefs"]}]
    made.routes = {"shop": route}
    return made


def mirroring(cluster: FakeCluster, percent: int) -> None:
    """The route as the engine has written it."""
    filters = [mirror_filter("shop-green", 80, percent)] if percent else []
    cluster.routes["shop"]["spec"]["rules"][0]["filters"] = filters


def gate_of(cluster: FakeCluster, lines: list[str], mirror: int) -> Gate:
    made = Gate(cluster, lines, 0, OWN, mirror=mirror)
    assert made.route.shared == (mirror > 0)
    return made


@pytest.mark.parametrize("mirror", [10, 100])
def test_copies_are_made_by_a_filter_once_the_idle_color_is_up(
    recorder: Recorder, cluster: FakeCluster, mirror: int
) -> None:
    route, canary = Route(parents=(RouteParent(name="gw"),)), Canary(weight=0, mirror=mirror)

    def make() -> Any:
        fields = {**VALUES, "route": route, "canary": canary}
        return BlueGreenService("shop", namespace="ns", cluster=cluster, blue=BLUE, green=GREEN, **fields).active

    run_program(make)
    order = [(one.type.rpartition(":")[2], one.name) for one in recorder.resources]
    assert order.index(("HTTPRoute", "shop")) > order.index(("Deployment", "shop-green-2-0-0-b7"))
    assert recorder.find("Deployment", "shop-green-2-0-0-b7")["spec"]["replicas"] == 3
    (rule,) = recorder.find("HTTPRoute", "shop")["spec"]["rules"]
    assert {one["name"]: one["weight"] for one in rule["backendRefs"]} == {"shop-blue": 100, "shop-green": 0}
    copies = {"backendRef": {"name": "shop-green", "port": 80}, **({"percent": 10} if mirror == 10 else {})}
    assert rule["filters"] == [{"type": "RequestMirror", "requestMirror": copies}]


def test_the_gate_of_a_cutover_comes_before_copies_and_none_before_their_end(
    behind: FakeCluster, said: list[str]
) -> None:
    refused = gate_of(behind, said, 10)
    refused.refuses = NotReady("shop-green: 1 of 2 pods ready", "", "")
    with pytest.raises(NotReady):
        run(refused.route.before())
    gate = gate_of(behind, said, 10)
    run(gate.route.before())
    mirroring(behind, 10)
    run(gate.route.after())
    assert (gate.admitted, gates.noted(behind)) == (1, "shop-blue 100, shop-green 0")
    ended = gate_of(behind, said, 0)
    run(ended.route.before())
    mirroring(behind, 0)
    run(ended.route.after())
    assert ended.admitted == 0


def test_a_gateway_api_that_would_copy_all_is_named(behind: FakeCluster, said: list[str]) -> None:
    gate = gate_of(behind, said, 10)
    run(gate.route.before())
    mirroring(behind, 100)  # what a cluster makes of it that does not know `percent`
    with pytest.raises(RouteUnfit, match=r"it copies 100 % of the requests, and 10 % are wanted") as unfit:
        run(gate.route.after())
    assert "`canary.mirror: 100`" in unfit.value.fix
    assert gates.noted(behind) is None


def test_the_key_is_named_in_a_preview_that_refuses_the_field() -> None:
    field = (
        "failed to create typed patch: .spec.rules[0].filters[0].requestMirror.percent: field not declared in schema"
    )
    manifest = {"kind": "HTTPRoute", "metadata": {"name": "shop"}}
    told = refusal("shop", manifest, Answer(500, field))
    assert told is not None
    assert "mend canary.mirror of shop" in told.fix
    other = refusal("shop", manifest, Answer(422, "spec.hostnames: Invalid", ("spec.hostnames[0]",)))
    assert other is not None
    assert "canary.mirror" not in other.fix


def test_a_color_that_gets_copies_is_given_no_other_release(behind: FakeCluster, said: list[str]) -> None:
    gate, other = gate_of(behind, said, 10).route, gates.planned("green", "3.0.0")
    run(gate.refuse_edit(other))
    mirroring(behind, 10)
    run(gate.refuse_edit(gates.GREEN))
    with pytest.raises(LiveReleaseEdit, match="green gets 10 % of the route shop as copies"):
        run(gate.refuse_edit(other))
