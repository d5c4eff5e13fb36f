"""The driver and a canary by replicas: it gives a share, takes it back, walks the steps, cuts over, gives one up."""

import pytest

from cutover.observe import Api, access_of
from cutover.operations.traffic.both_now import narrow
from cutover.stackfile import read_view
from tests.lifecycle import services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.kube import Namespace
from tests.lifecycle.pod_canary import give_and_take_back, walk_to_half, walk_to_the_end
from tests.lifecycle.services import V3, blue_green, release
from tests.lifecycle.stack import Stack
from tests.lifecycle.test_replica_canary import greens, shared

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]


@pytest.mark.wide
def test_the_driver_gives_a_share_takes_it_back_cuts_over_and_gives_one_up(stack: Stack, namespace: Namespace) -> None:
    stack.services["shop"] = blue_green(recycle=False)
    stack.must_up()
    stack.watcher.judges = False  # the stack's file is the driver's from here on
    planned = cutover(stack, "plan", "--promote", "shop").out
    assert "traffic   switches blue 1-0-0-b1" in planned
    give_and_take_back(stack)
    assert not shared(namespace)
    never = cutover(stack, "rollback", "shop", "--now", "--yes")
    assert (never.code != 0, "never took the traffic" in never.out + never.err) == (True, True), never

    assert cutover(stack, "promote", "shop", "--weight", "50", "--yes").code == 0
    assert greens(namespace) == 2
    ended = cutover(stack, "promote", "shop", "--yes")
    assert ended.code == 0, ended.err
    assert (views.live_color(namespace), "canary" in stack.file.read_text()) == ("green", False)

    stack.services["shop"] |= {"active": "green", "blue": release(V3), "canary": {"weight": 10}}
    stack.must_up()
    assert greens(namespace, "blue") == 1
    given_up = cutover(stack, "abort", "shop", "--yes")
    assert given_up.code == 0, given_up.err
    assert (views.live_color(namespace), "canary" in stack.file.read_text()) == ("green", False)


@pytest.mark.wide
def test_the_driver_walks_the_steps_that_replicas_make(
    stack: Stack, namespace: Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.services["shop"] = blue_green(smoke=services.SMOKE, standby_replicas=1, recycle=False)
    stack.must_up()
    stack.watcher.judges = False  # the stack's file is the driver's from here on
    walk_to_half(stack)
    assert greens(namespace) == 2
    monkeypatch.setenv("KUBECONFIG", str(stack.kubeconfig))
    view = read_view(stack.file)
    with Api(access_of(view)) as api:
        assert narrow(api, view, view.services["shop"])
    assert (shared(namespace), views.live_color(namespace)) == (False, "blue")
    again = cutover(stack, "up", "--yes")  # by what the file says, once what was taken back is carried to its end
    assert (again.code, shared(namespace)) == (0, True), again
    walk_to_the_end(stack)
    assert views.live_color(namespace) == "green"
