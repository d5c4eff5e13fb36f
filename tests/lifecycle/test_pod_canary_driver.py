"""The driver and a canary by pod labels: it gives pods a share, takes it back, walks its steps, and cuts over."""

import pytest

from cutover.observe import Api, access_of
from cutover.operations.traffic.pods_now import detach
from cutover.stackfile import read_view
from tests.lifecycle import services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.pod_canary import attached, give_and_take_back, labels, walk_to_half, walk_to_the_end
from tests.lifecycle.services import V3, release
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]


@pytest.mark.wide
def test_the_driver_gives_pods_a_share_takes_it_back_and_cuts_over(stack: Stack, namespace: Namespace) -> None:
    stack.services["shop"] = labels()
    stack.must_up()
    stack.watcher.judges = False  # the stack's file is the driver's from here on
    give_and_take_back(stack)
    assert attached(namespace) == []
    assert "canary" not in cutover(stack, "status").out

    assert cutover(stack, "promote", "shop", "--weight", "50", "--yes").code == 0
    dies = attached(namespace)[0]
    namespace.delete_object("pods", dies)
    eventually("a pod in its place", lambda: len(views.ready_pods(namespace, color="green")) == 2)
    lacks = cutover(stack, "status")
    assert (lacks.code, "; 1 of 2 attached" in lacks.out) == (6, True), lacks
    assert cutover(stack, "up", "--yes").code == 0
    assert cutover(stack, "status").code == 0
    planned = cutover(stack, "plan", "--promote", "shop").out
    assert "traffic   switches blue 1-0-0-b1-t" in planned
    ended = cutover(stack, "promote", "shop", "--yes")
    assert ended.code == 0, ended.err
    assert views.attached(namespace) == {"green"}
    assert "canary" not in stack.file.read_text()

    stack.services["shop"] |= {"active": "green", "blue": release(V3), "canary": {"weight": 10}}
    stack.must_up()
    given_up = cutover(stack, "abort", "shop", "--yes")
    assert given_up.code == 0, given_up.err
    assert (views.attached(namespace), "canary" in stack.file.read_text()) == ({"green"}, False)


@pytest.mark.wide
def test_the_driver_walks_the_steps_that_pods_make(
    stack: Stack, namespace: Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack.services["shop"] = labels(smoke=services.SMOKE)
    stack.must_up()
    stack.watcher.judges = False  # the stack's file is the driver's from here on
    walk_to_half(stack)
    assert len(attached(namespace)) == 2
    monkeypatch.setenv("KUBECONFIG", str(stack.kubeconfig))
    view = read_view(stack.file)
    with Api(access_of(view)) as api:
        assert detach(api, view, view.services["shop"])
    assert views.attached(namespace) == {"blue"}
    walk_to_the_end(stack)
    assert views.attached(namespace) == {"green"}
