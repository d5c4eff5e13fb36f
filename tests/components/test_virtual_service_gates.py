"""The gates of a canary in a VirtualService that exists, against a cluster in memory: moved, seen, taken back."""

from collections import Counter
from typing import Any

import pytest

from components.rules.errors import LiveReleaseEdit, Moved, RouteUnfit, RouteUnseen
from components.traffic.answers import Answers
from contract.route_kinds import RouteRef
from tests.components.fakes import FakeCluster
from tests.components.test_route_gates import GREEN, Gate, noted, now, on_blue, planned, run

Json = dict[str, Any]
EXISTS: Json = {"virtual_service": "public", "rule": "main"}
ASKED: Json = {**EXISTS, "address": "http://shop.example.com/version", "answer": '"{version}"'}
WANTED = "shop-blue 90, shop-green 10"


def public(blue: int, green: int) -> Json:
    route = [
        {"destination": {"host": "shop-blue", "port": {"number": 80}}, "weight": blue},
        {"destination": {"host": "shop-green.ns.svc.cluster.local"}, "weight": green},
    ]
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": "public", "namespace": "ns", "generation": 1},
        "spec": {
            "hosts": ["shop.example.com"],
            "http": [
                {"name": "static", "route": [{"destination": {"host": "cdn"}}]},
                {"name": "main", "retries": {"attempts": 3}, "route": route},
            ],
        },
    }


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    """Both colors up, and all of the VirtualService on blue."""
    made = on_blue(monkeypatch)
    made.routes["public"] = public(100, 0)
    return made


def test_a_step_is_written_to_istio_s_object_and_nothing_else_of_it_changes(
    cluster: FakeCluster, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths: list[str] = []
    patch_route = cluster.patch_route

    async def noted_patch(route: RouteRef, operations: Any) -> bool:
        paths.append(route.path("ns"))
        return await patch_route(route, operations)

    monkeypatch.setattr(cluster, "patch_route", noted_patch)
    gate = Gate(cluster, said, 10, EXISTS)
    gate.step()
    assert (gate.admitted, now(cluster), noted(cluster)) == (1, [90, 10], WANTED)
    assert paths == ["/apis/networking.istio.io/v1/namespaces/ns/virtualservices/public"]
    assert cluster.routes["public"]["spec"] == public(90, 10)["spec"]
    assert any("as `route.address` is not set: not seen" in line for line in said)
    Gate(cluster, said, 0, EXISTS).step()
    assert cluster.routes["public"]["spec"] == public(100, 0)["spec"]


def test_a_share_is_proven_by_answers_asked_for_under_its_own_host(
    cluster: FakeCluster, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answered: dict[str, dict[str, int]] = {"now": {"shop-blue": 100}}

    async def count(_: Any, number: int, hosts: list[str]) -> Counter[str]:
        assert hosts == ["shop.example.com"]
        return Counter({name: number * share // 100 for name, share in answered["now"].items()})

    monkeypatch.setattr(Answers, "count", count)
    with pytest.raises(RouteUnseen, match="kubectl get virtualservice public -n ns -o yaml"):
        Gate(cluster, said, 50, ASKED).step()
    assert (now(cluster), noted(cluster)) == ([50, 50], None)
    answered["now"] = {"shop-blue": 50, "shop-green": 50}
    run(Gate(cluster, said, 50, ASKED).route.settle())
    assert noted(cluster) == "shop-blue 50, shop-green 50"


@pytest.mark.parametrize(
    ("blue", "green", "now_has"),
    [(30, 70, "shop-green 70"), (0, 0, "shop-blue 0, shop-green 0"), (101, -1, "shop-green -1")],
)
def test_a_second_writer_is_told_in_a_move_and_taken_back_later(
    cluster: FakeCluster, said: list[str], blue: int, green: int, now_has: str
) -> None:
    gate = Gate(cluster, said, 10, EXISTS)
    run(gate.route.before())
    cluster.routes["public"] = public(blue, green)
    with pytest.raises(Moved, match=now_has) as caught:
        run(gate.route.after())
    assert "have that one leave `http[].route` alone" in str(caught.value)
    assert cluster.routes["public"]["spec"] == public(blue, green)["spec"]
    run(gate.route.settle())
    assert now(cluster) == [90, 10]


@pytest.mark.parametrize("bad", [(0, 0), (101, -1)])
def test_while_the_gateways_keep_shares_that_nobody_sees_no_other_release_is_put_there(
    cluster: FakeCluster, said: list[str], bad: tuple[int, int]
) -> None:
    gate, other = Gate(cluster, said, 10, EXISTS).route, planned("green", "3.0.0")
    run(gate.refuse_edit(other))
    cluster.routes["public"] = public(*bad)
    run(gate.refuse_edit(GREEN))
    with pytest.raises(LiveReleaseEdit, match="which no gateway takes, and the config gives green another release"):
        run(gate.refuse_edit(other))
    back = Gate(cluster, said, 0, EXISTS).route  # the release that stands, and a run that sets the weights right
    run(back.settle())
    run(back.refuse_edit(other))


def test_what_no_gateway_would_follow_or_is_not_there_is_refused_before_anything_moves(
    cluster: FakeCluster, said: list[str]
) -> None:
    cluster.routes["public"]["spec"]["http"][0]["route"] = [{"destination": {"host": "cdn"}, "weight": -1}] * 2
    with pytest.raises(RouteUnfit, match="its route static gives cdn the weight -1, which no gateway takes"):
        Gate(cluster, said, 10, EXISTS).step()
    assert cluster.asked == []
    del cluster.routes["public"]
    with pytest.raises(RouteUnfit, match="there is no such VirtualService") as caught:
        Gate(cluster, said, 10, EXISTS).step()
    assert "`route.virtual_service`" in str(caught.value)
