"""A canary by replicas, behind one selector of both colors: steps up and down, pods that die, the cutover, no request
lost.
"""

from pathlib import Path

import pytest

from contract.both_colors import BOTH
from tests.lifecycle import kills, views
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.load import DRAIN_SECONDS, load, lost
from tests.lifecycle.pod_canary import Window, assert_shares, watched
from tests.lifecycle.services import BROKEN, IMPATIENT, V2, V3, blue_green, release
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]


def shared(namespace: Namespace) -> bool:
    """Whether the live Service selects both colors."""
    selector = namespace.get("services", "shop")["spec"]["selector"]
    return bool(selector == {views.INSTANCE: "shop", **BOTH})


def greens(namespace: Namespace, color: str = "green") -> int:
    """The pods of a color."""
    return len(views.pods(namespace, color=color))


def unready(namespace: Namespace, *, ready: bool = False) -> None:
    """All pods of green get unready, or ready again."""
    for pod in views.pods(namespace, color="green"):
        namespace.ask_pod(pod["metadata"]["name"], f"readyz/{'enable' if ready else 'disable'}", method="POST")
    eventually("green to follow", lambda: bool(views.ready_pods(namespace, color="green")) == ready)


def test_a_share_is_pods_behind_one_selector_and_no_step_of_it_loses_a_request(
    stack: Stack, namespace: Namespace
) -> None:
    # this podinfo stops at once after its drain
    shop = stack.services["shop"] = blue_green(recycle=False, drain_seconds=DRAIN_SECONDS)
    stack.must_up()
    windows: dict[int, Window] = {}
    with load(namespace, "shop") as probers:
        shop["canary"] = {"weight": 10}
        first = stack.must_up()
        assert "green has 1 of 3 pods, 33.3 % of new connections" in first.said
        assert (shared(namespace), greens(namespace), greens(namespace, "blue")) == (True, 1, 2)
        windows[33] = watched()

        shop["canary"] = {"weight": 50}
        assert "green has 2 of 4 pods, 50 % of new connections" in stack.must_up().said
        windows[50] = watched()
        namespace.delete_object("pods", views.names(views.pods(namespace, color="green"))[0])
        eventually("a pod in its place", lambda: len(views.ready_pods(namespace, color="green")) == 2)
        assert stack.must_up().changes.keys() == {"same"}

        shop["canary"] = {"weight": 0}
        back = stack.must_up()
        assert "green gets no new connections" in back.said
        assert (shared(namespace), views.live_color(namespace)) == (False, "blue")
        windows[0] = watched()
        shop["canary"] = {"weight": 10}
        stack.must_up()
        del shop["canary"]
        shop["active"] = "green"
        stack.must_up()
        assert (views.live_color(namespace), greens(namespace)) == ("green", 2)
        result = probers["shop"].stop()
    assert lost(result) == []
    assert_shares(result, windows)
    assert stack.must_up().changes.keys() == {"same"}


@pytest.mark.wide
def test_who_may_have_a_share_and_what_ends_it(stack: Stack, namespace: Namespace) -> None:
    shop = stack.services["shop"] = blue_green(canary={"weight": 10}, recycle=True)
    stack.announce()
    assert "shop: green 1 of 3 pods, 33.3 % of new connections" in stack.run("preview").said
    stack.must_up()
    assert (shared(namespace), greens(namespace)) == (True, 1)
    first = views.uids(views.pods(namespace, color="green"))
    shop["canary"] = {"weight": 0}
    assert "draining green, 1 pod that served before the switch" in stack.must_up().said
    assert (shared(namespace), len(views.ready_pods(namespace, color="green"))) == (False, 2)
    assert not first & views.uids(views.pods(namespace, color="green"))
    assert set(stack.must_up().changes) == {"same"}

    shop["canary"] = {"weight": 10}
    stack.must_up()
    for image in (release(V3), release(V2, image="cutover.local/podinfo:1.2.0")):
        shop["green"] = image
        stack.announce()
        refused = stack.run("preview")
        assert refused.code != 0
        assert "remove `canary` of shop in the same edit" in refused.said, refused.said
        assert stack.up().code != 0
        assert views.images(views.pods(namespace, color="green")) == {V2}
    shop["green"] = release(V3)
    del shop["canary"]
    stack.must_up()
    assert (shared(namespace), views.images(views.ready_pods(namespace, color="green"))) == (False, {V3})


@pytest.mark.wide
def test_a_gate_refuses_the_first_share_and_each_growth(stack: Stack, namespace: Namespace) -> None:
    shop = stack.services["shop"] = blue_green(recycle=False, gate_timeout_seconds=3, green=release(BROKEN))
    shop["smoke"] = IMPATIENT
    stack.must_up()
    shop["canary"] = {"weight": 10}
    smoked = stack.up()
    assert (smoked.code != 0, shared(namespace)) == (True, False)
    assert views.REFUSED in namespace.get("services", "shop")["metadata"]["annotations"]
    del shop["canary"], shop["smoke"]
    shop["green"] = release(V2)
    stack.must_up()

    shop["canary"] = {"weight": 10}
    stack.must_up()
    unready(namespace)
    shop["canary"] = {"weight": 50}
    grows = stack.up()
    assert (grows.code != 0, greens(namespace), shared(namespace)) == (True, 1, True), grows.said
    unready(namespace, ready=True)
    shop["gate_timeout_seconds"] = 30
    stack.must_up()
    assert greens(namespace) == 2


@pytest.mark.wide
def test_a_release_and_its_share_in_one_edit_meet_no_pod_of_the_release_before(
    stack: Stack, namespace: Namespace
) -> None:
    shop = stack.services["shop"] = blue_green(recycle=False)
    stack.must_up()
    shop |= {"green": release(V3), "canary": {"weight": 10}}
    both = stack.must_up()
    assert "stopping it before both colors get traffic" in both.said
    assert (shared(namespace), views.images(views.pods(namespace, color="green"))) == (True, {V3})
    assert stack.must_up().changes.keys() == {"same"}


@pytest.mark.wide
@pytest.mark.parametrize("workload", ["deployment", "replica-set"])
def test_a_step_that_was_killed_is_carried_on_from_what_the_cluster_says(
    stack: Stack, namespace: Namespace, tmp_path: Path, workload: str
) -> None:
    shop = stack.services["shop"] = blue_green(workload, recycle=False)
    stack.must_up()
    shop["canary"] = {"weight": 10}
    killed, seen = kills.up_killed(stack, tmp_path / "first.jsonl", "group", lambda _: shared(namespace))
    assert killed, seen
    kills.up_again(stack)
    assert (shared(namespace), greens(namespace)) == (True, 1)
    shop["canary"] = {"weight": 50}
    killed, seen = kills.up_killed(stack, tmp_path / "up.jsonl", "group", lambda _: greens(namespace) == 2)
    assert killed, seen
    kills.up_again(stack)
    assert (shared(namespace), greens(namespace)) == (True, 2)
    assert stack.must_up().changes.keys() == {"same"}

    del shop["canary"]
    killed, seen = kills.up_killed(stack, tmp_path / "down.jsonl", "group", lambda _: not shared(namespace))
    assert killed, seen
    kills.up_again(stack)
    assert (shared(namespace), greens(namespace)) == (False, 2)
    shop["canary"] = {"weight": 10}
    begins = "resourcePreEvent create shop-canary"
    kills.up_killed(stack, tmp_path / "program.jsonl", "program", lambda found: begins in found)
    kills.up_again(stack)
    assert (shared(namespace), greens(namespace)) == (True, 1)

    del shop["canary"]
    shop["active"] = "green"
    killed, seen = kills.up_killed(stack, tmp_path / "over.jsonl", "group", lambda _: greens(namespace) == 2)
    assert killed, seen
    kills.up_again(stack)
    assert (views.live_color(namespace), greens(namespace)) == ("green", 2)
    assert stack.must_up().changes.keys() == {"same"}


@pytest.mark.wide
def test_canaries_in_a_row_under_load_whose_pods_die_at_each_step(stack: Stack, namespace: Namespace) -> None:
    """Up, back, up, over to the other color, and again from there; what had a share is recycled on the way back."""
    # podinfo that stops as others do
    shop = stack.services["shop"] = blue_green(recycle=True, env={}, drain_seconds=DRAIN_SECONDS)
    stack.must_up()
    with load(namespace, "shop") as probers:
        for idle in ("green", "blue"):
            for weight, pods in ((10, 1), (50, 2), (10, 1), (0, 2), (50, 2)):
                shop["canary"] = {"weight": weight}
                stack.must_up()
                assert (shared(namespace), greens(namespace, idle)) == (weight > 0, pods)
                if weight:
                    namespace.delete_object("pods", views.names(views.pods(namespace, color=idle))[0])
                    ready = pods
                    eventually("a pod in its place", lambda: len(views.ready_pods(namespace, color=idle)) == ready)  # noqa: B023
                    stack.must_up()
            del shop["canary"]
            shop["active"] = idle
            stack.must_up()
            assert views.live_color(namespace) == idle
        result = probers["shop"].stop()
    assert lost(result) == []
    assert stack.must_up().changes.keys() == {"same"}


@pytest.mark.wide
def test_what_hands_and_a_refresh_did_is_put_right(stack: Stack, namespace: Namespace) -> None:
    shop = stack.services["shop"] = blue_green(canary={"weight": 10}, recycle=False)
    stack.must_up()
    refreshed = stack.must_up("--refresh")
    assert (shared(namespace), greens(namespace)) == (True, 1), refreshed.said
    assert stack.must_up().changes.keys() == {"same"}

    (deployment,) = [one for one in namespace.items("deployments") if "green" in one["metadata"]["name"]]
    stack.watcher.judges = False  # hands do what the config does not say
    namespace.patch("deployments", deployment["metadata"]["name"], {"spec": {"replicas": 2}})
    eventually("two pods", lambda: greens(namespace) == 2)
    assert "somebody scaled it; scaling it back" in stack.must_up().said
    eventually("one pod", lambda: greens(namespace) == 1)

    namespace.patch("services", "shop", {"spec": {"selector": {"cutover.dev/color": "green"}}})
    moved = stack.must_up()
    assert "which is not of this stack's making" in moved.said
    assert (shared(namespace), "settling it" in moved.said) == (True, True)

    namespace.delete_object("services", "shop")
    assert stack.up().code != 0
    stack.must_up("--refresh")
    stack.must_up()
    assert shared(namespace)
    assert stack.must_up().changes.keys() == {"same"}

    shop |= {
        "active": "green",
        "canary": {"weight": 10},
    }  # green takes the traffic, and blue keeps a share, in one edit
    over = stack.must_up()
    assert "blue has 1 of 3 pods, 33.3 % of new connections" in over.said
    assert (shared(namespace), greens(namespace), greens(namespace, "blue")) == (True, 2, 1)
    assert stack.must_up().changes.keys() == {"same"}
    assert stack.destroy().code == 0
