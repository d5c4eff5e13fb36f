"""A canary by weight in a route that exists: up and down, refused, seen, taken back, cut over, ended."""

import copy
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.lifecycle import services, views
from tests.lifecycle.command import cutover, kubectl
from tests.lifecycle.kube import Namespace
from tests.lifecycle.routes import BACKENDS, EXISTING, Gateway, ensure_kind, weights
from tests.lifecycle.services import UNREADY, V3, release
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
ROUTED = "cutover.dev/routed"
Json = dict[str, Any]


@pytest.fixture
def gateway(admin: httpx2.Client, namespace: Namespace) -> Iterator[Gateway]:
    """A route that others made, and what follows it."""
    ensure_kind(admin)
    namespace.create_object("httproutes", EXISTING)
    made = Gateway(namespace, "public")
    yield made
    made.stop()


@pytest.fixture
def shop(stack: Stack, gateway: Gateway) -> Json:
    """A service behind that route, all of it on blue."""
    made = services.blue_green(route={"http_route": "public", **gateway.settings})
    stack.services["shop"] = made
    stack.must_up()
    return made


def routed(namespace: Namespace) -> str | None:
    """The shares that were seen last."""
    noted: str | None = namespace.get("services", "shop")["metadata"]["annotations"].get(ROUTED)
    return noted


def test_each_step_is_one_resource_and_nothing_else_of_the_route_is_touched(
    stack: Stack, namespace: Namespace, shop: Json
) -> None:
    before = namespace.get("httproutes", "public")
    shop["canary"] = {"weight": 10}
    assert stack.preview().changes == {"update": 1, "same": 9}
    outcome = stack.must_up()
    assert outcome.changes == {"update": 1, "same": 9}
    assert "seen in 200 answers: shop-blue 1" in outcome.said
    assert weights(namespace) == {"shop-blue": 90, "shop-green": 10}
    assert (views.live_color(namespace), routed(namespace)) == ("blue", "shop-blue 90, shop-green 10")
    assert stack.must_up().changes == {"same": 10}

    shop["canary"] = {"weight": 0}
    assert stack.must_up().changes == {"update": 1, "same": 9}
    assert weights(namespace) == {"shop-blue": 100, "shop-green": 0}
    after = namespace.get("httproutes", "public")
    assert after["spec"] == before["spec"]
    assert after["metadata"].get("labels") == before["metadata"]["labels"]
    assert "weight: 100" in kubectl(stack, "get httproute public -o yaml")
    assert "manager: cutover" in kubectl(stack, "get httproute public -o yaml --show-managed-fields")
    managers = {one["manager"] for one in after["metadata"]["managedFields"]}
    assert "cutover" in managers
    assert not any("pulumi" in one for one in managers)


@pytest.mark.wide  # the walk ends with the same cutover
def test_the_end_of_a_canary_is_the_cutover_and_the_old_pods_stop_after_the_route_has_left_them(
    stack: Stack, namespace: Namespace, shop: Json
) -> None:
    shop["standby_replicas"] = 0
    shop["canary"] = {"weight": 50}
    stack.must_up()
    assert len(views.ready_pods(namespace, color="green")) == 2
    del shop["canary"]
    shop["active"] = "green"
    stack.must_up()
    assert weights(namespace) == {"shop-blue": 0, "shop-green": 100}
    assert views.live_color(namespace) == "green"
    assert views.pods(namespace, color="blue") == []
    assert stack.must_up().changes.keys() == {"same"}
    assert stack.destroy().code == 0
    assert weights(namespace) == {"shop-blue": 0, "shop-green": 100}


def test_a_release_that_is_not_ready_gets_no_weight_and_one_that_has_weight_is_not_replaced(
    stack: Stack, namespace: Namespace, shop: Json
) -> None:
    shop["green"] = release(UNREADY, 2)
    shop["canary"] = {"weight": 10}
    shop["progress_deadline_seconds"] = shop["gate_timeout_seconds"] = 5
    assert stack.up().code != 0
    assert weights(namespace) == {"shop-blue": 100, "shop-green": 0}
    shop["green"] = release(services.V2)
    shop["progress_deadline_seconds"] = shop["gate_timeout_seconds"] = 60
    stack.must_up()
    assert weights(namespace) == {"shop-blue": 90, "shop-green": 10}

    shop["green"] = release(V3)
    refused = stack.up()
    assert refused.code != 0
    assert "green gets 10 % of the route public, and the config gives green another release" in refused.said
    assert views.images(views.pods(namespace, color="green")) == {services.V2}
    del shop["canary"]
    stack.must_up()
    assert weights(namespace) == {"shop-blue": 100, "shop-green": 0}
    assert views.images(views.ready_pods(namespace, color="green")) >= {V3}


@pytest.mark.wide  # the gate alone: tests/components/test_route_gates.py
def test_a_move_that_no_answer_shows_fails_and_the_next_up_looks_again(
    stack: Stack, namespace: Namespace, shop: Json, gateway: Gateway
) -> None:
    gateway.stuck = {"shop-blue": 100}
    shop["canary"] = {"weight": 50}
    failed = stack.up()
    assert failed.code != 0
    assert "route.unseen" in failed.said
    assert "requests were answered by shop-blue 100" in failed.said
    assert (weights(namespace), routed(namespace)) == ({"shop-blue": 50, "shop-green": 50}, None)
    gateway.stuck = None
    assert "seen in" in stack.must_up().said
    assert routed(namespace) == "shop-blue 50, shop-green 50"


def test_what_somebody_else_set_is_told_and_taken_back(stack: Stack, namespace: Namespace, shop: Json) -> None:
    shop["canary"] = {"weight": 10}
    stack.must_up()
    spec = copy.deepcopy(namespace.get("httproutes", "public")["spec"])
    for entry in spec["rules"][1]["backendRefs"]:
        entry["weight"] = {"shop-blue": 30, "shop-green": 70}.get(entry["name"], entry["weight"])
    namespace.patch("httproutes", "public", {"spec": spec}, manager="gitops")
    outcome = stack.must_up()
    assert "public has shop-blue 30, shop-green 70, which is not of this stack's making" in outcome.said
    assert weights(namespace) == {"shop-blue": 90, "shop-green": 10}


def test_a_route_that_has_no_place_for_the_weights_is_refused_in_a_preview(
    stack: Stack, namespace: Namespace, shop: Json
) -> None:
    rules = namespace.get("httproutes", "public")["spec"]["rules"]
    rules[1]["backendRefs"] = [one for one in rules[1]["backendRefs"] if one["name"] != BACKENDS[1]]
    namespace.patch("httproutes", "public", {"spec": {"rules": rules}})
    shop["canary"] = {"weight": 10}
    stack.announce()
    refused = stack.run("preview")
    assert refused.code != 0
    assert "rule 1 names no backend shop-green, which is to get 10 %" in refused.said
    namespace.delete_object("httproutes", "public")
    assert "there is no such HTTPRoute" in stack.run("preview").said


@pytest.mark.wide  # the walk gives and takes them too
def test_the_driver_gives_a_weight_takes_it_back_and_cuts_over(
    stack: Stack, namespace: Namespace, shop: Json, gateway: Gateway
) -> None:
    stack.watcher.judges = False  # the stack's file is the driver's from here on
    given = cutover(stack, "promote", "shop", "--weight", "10", "--yes")
    assert given.code == 0, given.err
    assert weights(namespace) == {"shop-blue": 90, "shop-green": 10}
    told = cutover(stack, "status")
    assert told.code == 6, told.err
    assert "route   public  ◌ not known: Gateway edge/gateway has said nothing of it" in told.out
    gateway.accept()
    seen = cutover(stack, "status", "--json").json()["stacks"][0]["services"]["shop"]
    assert (seen["state"], seen["drift"], seen["route"]["shares"]) == ("paused", [], {"blue": 90, "green": 10})
    assert cutover(stack, "rollback", "shop", "--yes").code == 2
    back = cutover(stack, "promote", "shop", "--weight", "0", "--yes")
    assert back.code == 0, back.err
    assert weights(namespace) == {"shop-blue": 100, "shop-green": 0}
    assert "canary" not in stack.file.read_text()

    assert cutover(stack, "promote", "shop", "--weight", "50", "--yes").code == 0
    gateway.accept()
    planned = cutover(stack, "plan", "--promote", "shop").out
    assert "after the gates; green gets 100 % (now 50 %) of the route public" in planned
    assert "set the shares of route public: shop-blue 0, shop-green 100" in planned
    ended = cutover(stack, "promote", "shop", "--yes")
    assert ended.code == 0, ended.err
    assert weights(namespace) == {"shop-blue": 0, "shop-green": 100}
    assert views.live_color(namespace) == "green"
    assert "canary" not in stack.file.read_text()
