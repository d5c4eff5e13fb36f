"""A canary by pod labels, with no gateway: steps up and down, a pod that dies, the cutover; no request lost."""

from pathlib import Path

import pytest

from tests.lifecycle import kills, views
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.load import DRAIN_SECONDS, load, lost
from tests.lifecycle.pod_canary import Window, assert_shares, attached, labels, watched
from tests.lifecycle.services import V2, V3, release
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]


def test_a_share_is_pods_and_no_step_of_it_loses_a_request(stack: Stack, namespace: Namespace) -> None:
    shop = stack.services["shop"] = labels(drain_seconds=DRAIN_SECONDS)
    stack.must_up()
    born = views.uids(views.pods(namespace))
    windows: dict[int, Window] = {}
    with load(namespace, "shop") as probers:
        shop["canary"] = {"weight": 10}
        first = stack.must_up()
        assert first.changes == {"create": 1, "same": 9}
        assert "green has 1 of 3 pods, 33.3 % of new connections" in first.said
        assert (len(attached(namespace)), len(attached(namespace, "blue"))) == (1, 2)
        assert views.born_attached(namespace) == {"blue"}
        windows[33] = watched()

        shop["canary"] = {"weight": 50}
        assert stack.preview().changes == {"update": 1, "same": 9}
        assert "green has 2 of 4 pods, 50 % of new connections" in stack.must_up().said
        windows[50] = watched()
        assert views.uids(views.pods(namespace)) == born
        (dies, stays) = attached(namespace)
        namespace.delete_object("pods", dies)
        eventually("a pod in its place", lambda: len(views.ready_pods(namespace, color="green")) == 2)
        assert attached(namespace) == [stays], "a pod that is born gets no traffic before a gate has seen it"
        again = stack.must_up()
        assert (set(again.changes), len(attached(namespace))) == ({"same"}, 2)
        assert "1 of 2 pods of green attached: settling it" in again.said

        shop["canary"] = {"weight": 0}
        back = stack.must_up()
        assert back.changes == {"update": 1, "same": 9}
        assert "green gets no new connections" in back.said
        windows[0] = watched()
        shop["canary"] = {"weight": 50}
        stack.must_up()
        kept = attached(namespace)
        del shop["canary"]
        shop["active"] = "green"
        assert stack.must_up().changes == {"update": 1, "delete": 1, "same": 8}
        assert views.attached(namespace) == views.born_attached(namespace) == {"green"}
        assert attached(namespace) == kept
        result = probers["shop"].stop()
    assert lost(result) == []
    assert_shares(result, windows)
    assert stack.must_up().changes.keys() == {"same"}


@pytest.mark.wide
def test_who_may_have_a_share_and_what_ends_it(stack: Stack, namespace: Namespace) -> None:
    shop = stack.services["shop"] = labels(canary={"weight": 10}, recycle=True)
    stack.announce()
    assert "shop: green 1 of 3 pods, 33.3 % of new connections" in stack.run("preview").said
    stack.must_up()
    (first,) = attached(namespace)
    assert len(attached(namespace, "blue")) == 2
    shop["canary"] = {"weight": 0}
    assert "draining green's pods that had a share (1)" in stack.must_up().said
    assert (attached(namespace), first in views.names(views.pods(namespace))) == ([], False)
    assert len(views.ready_pods(namespace, color="green")) == 2
    assert set(stack.must_up().changes) == {"same"}
    shop["canary"] = {"weight": 10}
    stack.must_up()
    shop["green"] = release(V3)
    stack.announce()
    refused = stack.run("preview")
    assert refused.code != 0
    assert "pods of green with release 1-1-0-b1-t" in refused.said
    assert stack.up().code != 0
    assert views.images(views.pods(namespace, color="green")) == {V2}
    del shop["canary"]
    stack.must_up()
    assert (attached(namespace), views.images(views.ready_pods(namespace, color="green"))) == ([], {V3})

    shop |= {"gate_timeout_seconds": 3, "canary": {"weight": 10}}
    namespace.make_unready(*views.names(views.pods(namespace, color="green")))
    eventually("green to be unready", lambda: not views.ready_pods(namespace, color="green"))
    not_ready = stack.up()
    assert (not_ready.code != 0, attached(namespace)) == (True, [])
    assert views.REFUSED in namespace.get("services", "shop")["metadata"]["annotations"]


@pytest.mark.wide
def test_a_step_that_was_killed_is_carried_on_from_what_the_pods_say(
    stack: Stack, namespace: Namespace, tmp_path: Path
) -> None:
    shop = stack.services["shop"] = labels()
    stack.must_up()
    shop["canary"] = {"weight": 50}
    killed, seen = kills.up_killed(stack, tmp_path / "up.jsonl", "group", lambda _: len(attached(namespace)) > 0)
    assert killed, seen
    kills.up_again(stack)
    assert (len(attached(namespace)), views.born_attached(namespace)) == (2, {"blue"})
    assert stack.must_up().changes.keys() == {"same"}
    del shop["canary"]
    killed, seen = kills.up_killed(stack, tmp_path / "down.jsonl", "group", lambda _: len(attached(namespace)) < 2)
    assert killed, seen
    kills.up_again(stack)
    assert attached(namespace) == []
    shop["canary"] = {"weight": 10}
    stack.must_up()
    shop["canary"] = {"weight": 50}
    begins = "resourcePreEvent update shop-canary"
    kills.up_killed(stack, tmp_path / "program.jsonl", "program", lambda found: begins in found)
    kills.up_again(stack)
    assert (len(attached(namespace)), views.attached(namespace)) == (2, {"blue", "green"})


@pytest.mark.wide
def test_canaries_in_a_row_under_load_whose_pods_die_at_each_step(stack: Stack, namespace: Namespace) -> None:
    """Up, back, up, over to the other color, and again from there; what had a share is recycled on the way back."""
    # podinfo that stops as most servers do
    shop = stack.services["shop"] = labels(recycle=True, env={}, drain_seconds=DRAIN_SECONDS)
    stack.must_up()
    with load(namespace, "shop") as probers:
        for idle in ("green", "blue"):
            for weight, pods in ((10, 1), (50, 2), (10, 1), (0, 0), (50, 2)):
                shop["canary"] = {"weight": weight}
                stack.must_up()
                assert len(attached(namespace, idle)) == pods
                if pods:
                    namespace.delete_object("pods", attached(namespace, idle)[0])
                    eventually("a pod in its place", lambda: len(views.ready_pods(namespace, color=idle)) == 2)  # noqa: B023
                    stack.must_up()
                    assert len(attached(namespace, idle)) == pods
            del shop["canary"]
            shop["active"] = idle
            stack.must_up()
            assert views.attached(namespace) == {idle}
        result = probers["shop"].stop()
    assert lost(result) == []
    assert stack.must_up().changes.keys() == {"same"}


@pytest.mark.wide
def test_a_cutover_from_a_share_that_was_killed_goes_on_or_back(
    stack: Stack, namespace: Namespace, tmp_path: Path
) -> None:
    shop = stack.services["shop"] = labels()
    stack.must_up()
    for then in ("blue", "green"):
        shop |= {"canary": {"weight": 10}, "active": "blue", "overlap_seconds": 0}
        stack.must_up()
        del shop["canary"]
        shop |= {"active": "green", "overlap_seconds": 60}
        killed, seen = kills.up_killed(
            stack, tmp_path / f"{then}.jsonl", "group", lambda _: views.born_attached(namespace) == {"blue", "green"}
        )
        assert killed, seen
        shop |= {"active": then, "overlap_seconds": 0}
        kills.up_again(stack)
        assert views.attached(namespace) == views.born_attached(namespace) == {then}
    assert set(stack.must_up().changes) == {"same"}

    shop["canary"] = {"weight": 10}  # of blue, which served before
    stack.must_up()
    shop["active"] = "blue"  # and in one edit it takes the traffic, and green keeps a share
    assert "green has 1 of 3 pods, 33.3 % of new connections" in stack.must_up().said
    assert (len(attached(namespace)), len(attached(namespace, "blue"))) == (1, 2)
    assert views.born_attached(namespace) == {"blue"}
    assert set(stack.must_up().changes) == {"same"}


@pytest.mark.wide
def test_a_share_ends_with_the_labels_and_comes_back_through_the_gates_alone(
    stack: Stack, namespace: Namespace
) -> None:
    shop = stack.services["shop"] = labels(canary={"weight": 10}, recycle=False, drain_seconds=DRAIN_SECONDS)
    stack.must_up()
    with load(namespace, "shop") as probers:
        del shop["canary"]
        shop["cutover"] = "selector"
        stack.must_up()
        assert views.live_color(namespace) == "blue"
        shop |= {"cutover": "labels", "canary": {"weight": 10}, "gate_timeout_seconds": 3}
        namespace.make_unready(*views.names(views.pods(namespace, color="green")))
        eventually("green to be unready", lambda: not views.ready_pods(namespace, color="green"))
        assert stack.up().code != 0
        assert views.attached(namespace) == {"blue"}
        for pod in views.pods(namespace, color="green"):
            namespace.ask_pod(pod["metadata"]["name"], "readyz/enable", method="POST")
        shop["gate_timeout_seconds"] = 30
        stack.must_up()
        assert len(attached(namespace)) == 1
        result = probers["shop"].stop()
    assert lost(result) == []
