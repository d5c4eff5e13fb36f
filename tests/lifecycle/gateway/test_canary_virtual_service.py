"""A canary in a VirtualService that others made, through the real gateway: nothing else of it is touched, none lost."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from prober import Prober
from sandbox.gateway import NAME, NAMESPACE, Address
from tests.lifecycle import services, views
from tests.lifecycle.command import cutover, kubectl
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.load import ANSWER_SECONDS
from tests.lifecycle.services import V1, V2
from tests.lifecycle.stack import Stack
from tests.unit.cutover.servers import Reply, Request, serve

pytestmark = [pytest.mark.cluster, pytest.mark.traffic, pytest.mark.wide]  # istiod takes 8 minutes to build
Json = dict[str, Any]
PLURAL = "virtualservices"
RATE_PER_SECOND = 60.0
QUICK = ("--bake", "2s", "--interval", "0.5s", "--yes")


def made_by_others(namespace: Namespace) -> Json:
    """With routes, retries, headers and a match of theirs; one color by its short name, and one by its whole one."""
    blue = {"host": "shop-blue", "port": {"number": 80}}
    green = {"host": f"shop-green.{namespace.name}.svc.cluster.local", "port": {"number": 80}}
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": {"name": "public", "labels": {"team": "edge"}},
        "spec": {
            "gateways": [f"{NAMESPACE}/{NAME}"],
            "hosts": [f"{namespace.name}.example"],
            "http": [
                {
                    "name": "static",
                    "match": [{"uri": {"prefix": "/static"}}],
                    "route": [{"destination": {"host": "cdn"}, "weight": 3}, {"destination": {"host": "old"}}],
                },
                {
                    "name": "main",
                    "retries": {"attempts": 1, "perTryTimeout": "9s"},
                    "headers": {"response": {"set": {"x-by": "others"}}},
                    "timeout": "20s",
                    "route": [
                        {"destination": {"host": "archive"}, "weight": 0},
                        {"destination": green},
                        {"destination": blue, "weight": 100, "headers": {"request": {"set": {"x-color": "blue"}}}},
                    ],
                },
            ],
        },
    }


def weights(namespace: Namespace) -> tuple[int, int]:
    """Of blue and green."""
    _, green, blue = namespace.get(PLURAL, "public")["spec"]["http"][1]["route"]
    return blue.get("weight", 0), green.get("weight", 0)


def written_by(namespace: Namespace, blue: int, green: int, manager: str = "gitops") -> None:
    """Have somebody else set the weights."""
    spec = copy.deepcopy(namespace.get(PLURAL, "public")["spec"])
    for entry, weight in zip(spec["http"][1]["route"][1:], (green, blue), strict=True):
        entry["weight"] = weight
    namespace.patch(PLURAL, "public", {"spec": spec}, manager=manager)


@pytest.fixture
def shop(stack: Stack, namespace: Namespace, gateway: Address) -> Json:
    """A service behind it, all of it on blue."""
    namespace.create_object(PLURAL, made_by_others(namespace))
    route = {"virtual_service": "public", "rule": "main", "address": f"{gateway.istio}/version"}
    made = services.blue_green(route=route, drain_seconds=0, recycle=False)
    stack.services["shop"] = made
    stack.must_up()
    return made


@pytest.fixture
def prober(shop: Json, namespace: Namespace, gateway: Address) -> Iterator[Prober]:
    """Traffic that is all blue's."""
    host = f"{namespace.name}.example"
    with Prober(gateway.istio, host=host, rate_per_second=RATE_PER_SECOND, timeout_seconds=ANSWER_SECONDS) as running:
        eventually("answers of blue", lambda: running.progress.versions.get(V1, 0) > RATE_PER_SECOND)
        yield running


def more(prober: Prober) -> dict[str, int]:
    """Two seconds of further answers, by version."""
    before, wanted = dict(prober.progress.versions), prober.progress.requests + 2 * RATE_PER_SECOND
    eventually("more answers", lambda: prober.progress.requests > wanted)
    after = prober.progress.versions
    return {one: after.get(one, 0) - before.get(one, 0) for one in (V1, V2)}


def test_steps_up_and_down_the_cutover_and_the_way_back_lose_nothing_and_touch_nothing_else(
    stack: Stack, namespace: Namespace, shop: Json, prober: Prober
) -> None:
    before = namespace.get(PLURAL, "public")
    for weight in (10, 50, 0, 50):
        shop["canary"] = {"weight": weight}
        outcome = stack.must_up()
        assert outcome.changes == {"update": 1, "same": 9}, outcome.said
        assert "answers: shop-blue" in outcome.said
        assert weights(namespace) == (100 - weight, weight)
        assert (more(prober)[V2] > 0) == (weight > 0)
        if not weight:
            assert stack.must_up().changes == {"same": 10}
    for active, other in (("green", "blue"), ("blue", "green")):  # the cutover, and the rollback
        shop.pop("canary", None)
        shop["active"] = active
        outcome = stack.must_up()
        assert f"answers: shop-{active}" in outcome.said
        assert views.live_color(namespace) == active
        seen = more(prober)
        assert seen[{"blue": V1, "green": V2}[other]] == 0
    assert prober.stop().failures == []
    after = namespace.get(PLURAL, "public")
    after["spec"]["http"][1]["route"][1].pop("weight")  # 0: it had none
    assert after["spec"] == before["spec"]
    assert after["metadata"]["labels"] == before["metadata"]["labels"]
    assert "manager: cutover" in kubectl(stack, "get virtualservice public -o yaml --show-managed-fields")
    assert stack.destroy().code == 0
    assert weights(namespace) == (100, 0)


def test_a_second_writer_is_taken_back_and_one_that_is_gone_is_missed(
    stack: Stack, namespace: Namespace, shop: Json
) -> None:
    shop["canary"] = {"weight": 10}
    stack.must_up()
    status = cutover(stack, "status", "--json").json()["stacks"][0]["services"]["shop"]
    assert (status["state"], status["drift"]) == ("paused", [])
    assert status["route"]["shares"] == {"blue": 90, "green": 10}
    written_by(namespace, 30, 70)
    told = cutover(stack, "status")
    assert "✖ blue 30 %, green 70 %" in told.out, told
    outcome = stack.must_up()
    assert "public has shop-blue 30, shop-green 70, which is not of this stack's making" in outcome.said
    assert weights(namespace) == (90, 10)
    namespace.delete_object(PLURAL, "public")
    shop["canary"] = {"weight": 20}
    stack.announce()
    refused = stack.run("preview")
    assert refused.code != 0
    assert "there is no such VirtualService" in refused.said
    assert "there is no VirtualService public" in cutover(stack, "status").out


@pytest.mark.alone  # the proxy takes no other change of VirtualServices meanwhile
def test_weights_that_envoy_refuses_are_told_and_set_right_and_lose_nothing(
    stack: Stack, namespace: Namespace, shop: Json, prober: Prober
) -> None:
    shop["canary"] = {"weight": 50}
    stack.must_up()
    for bad in ((0, 0), (101, -1)):
        written_by(namespace, *bad)
        assert min(more(prober).values()) > 0, "Envoy keeps what it had"
        assert "no weight for either color" in cutover(stack, "status").out
        assert "not of this stack's making" in stack.must_up().said
        assert weights(namespace) == (50, 50)
    assert prober.stop().failures == []


@pytest.mark.usefixtures("shop")
def test_a_walk_goes_back_at_a_bad_measurement_and_through_at_good_ones(stack: Stack, namespace: Namespace) -> None:
    stack.watcher.judges = False  # the stack's file is the driver's from here on
    before = stack.file.read_text()
    planned = cutover(stack, "plan", "--promote", "shop")
    assert "green gets 100 % (now 0 %) of the route public" in planned.out, planned

    def answer(_: Request) -> Reply:
        """Users of the canary are not served well."""
        return Reply(500 if weights(namespace)[1] else 200)

    with serve(answers=answer) as users:
        probe = ("--probe-url", users.url, "--failure-limit", "1")
        bad = cutover(stack, "promote", "shop", "--steps", "20,100", *QUICK, *probe)
    assert bad.code == 1, bad
    assert "route public: blue 100 %, green 0 %" in bad.out
    assert (weights(namespace), stack.file.read_text()) == ((100, 0), before)
    done = cutover(stack, "promote", "shop", "--steps", "20,100", *QUICK, "--again")
    assert done.code == 0, done
    assert (weights(namespace), views.live_color(namespace)) == ((0, 100), "green")
    back = cutover(stack, "rollback", "shop", "--yes")
    assert back.code == 0, back
    assert (weights(namespace), views.live_color(namespace)) == ((100, 0), "blue")


@pytest.mark.parametrize("end", ["", ".svc"])
def test_a_host_that_istio_takes_as_it_stands_leads_nowhere_and_is_refused(
    stack: Stack, namespace: Namespace, gateway: Address, shop: Json, end: str
) -> None:
    spec = namespace.get(PLURAL, "public")["spec"]
    host = f"shop-blue.{namespace.name}{end}"
    spec["http"] = [{"name": "main", "route": [{"destination": {"host": host, "port": {"number": 80}}}]}]
    namespace.patch(PLURAL, "public", {"spec": spec})
    with Prober(gateway.istio, host=f"{namespace.name}.example", rate_per_second=RATE_PER_SECOND) as probing:
        eventually("only failures", lambda: probing.progress.failed > RATE_PER_SECOND)
        assert {one.detail for one in probing.stop().failures[-10:]} == {"503"}
    shop["canary"] = {"weight": 10}
    stack.announce()
    refused = stack.run("preview")
    assert refused.code != 0
    assert f"sends to the host {host}, which Istio takes as it stands" in refused.said
