"""`scale_down_after` on the real engine: what was left keeps its size until its time has come, and no run before it."""

import pytest

from tests.lifecycle import services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.driver import expect
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.services import V1
from tests.lifecycle.stack import Stack
from tests.lifecycle.varieties import workloads

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
SAME = {"same"}


def sizes(namespace: Namespace) -> tuple[int, int]:
    """The pods of blue and of green."""
    blue, green = (len(views.ready_pods(namespace, "shop", color)) for color in ("blue", "green"))
    return blue, green


@workloads("replica-set")
def test_the_color_that_was_left_keeps_its_size_until_its_time_has_come(
    stack: Stack, namespace: Namespace, workload: str
) -> None:
    shop = stack.services["shop"] = services.blue_green(workload, standby_replicas=1, scale_down_after="1h")
    stack.must_up()
    assert sizes(namespace) == (2, 1), "what never served has its standby"
    served = views.uids(views.pods(namespace, "shop", "blue"))
    shop["active"] = "green"
    assert "blue will be scaled down to 1 pod 1h after the switch" in _plan(stack)
    stack.must_up()
    eventually("both at full size", lambda: sizes(namespace) == (2, 2))
    eventually("the pods that were recycled to be gone", lambda: len(namespace.items("pods")) == 4)
    assert not served & views.uids(views.pods(namespace, "shop", "blue")), "no old connection stays"
    assert set(stack.must_up().changes) == SAME
    seen = cutover(stack, "status", "--json")
    (found,) = seen.json()["stacks"]
    assert (seen.code, found["services"]["shop"]["state"]) == (0, "healthy")
    told = found["services"]["shop"]["scaleDown"]
    assert (told["color"], told["from"], told["to"], told["due"]) == ("blue", 2, 1, False)
    for looked in (_plan(stack), cutover(stack, "status").out, cutover(stack, "tidy", "--yes").out):
        assert "blue will be scaled down from 2 to 1 pod after" in looked

    expect(stack, "blue", V1)
    assert cutover(stack, "rollback", "--now", "--yes").code == 0
    assert (views.live_color(namespace), sizes(namespace)) == ("blue", (2, 2))
    shop |= {"active": "green", "scale_down_after": "1s"}
    _until_due(stack)
    refused = cutover(stack, "tidy", "--yes")
    assert (refused.code, "other changes than the scale-down" in refused.out) == (3, True), refused
    shop["active"] = "blue"
    stack.save()
    assert "green is to be scaled down from 2 to 1 pod since" in cutover(stack, "status").out
    assert ": 2 -> 1 pod" in _plan(stack)
    tidied = cutover(stack, "tidy", "--yes", "--json")
    assert (tidied.code, tidied.json()["scaledDown"]) == (0, {"shop": "green"}), tidied
    eventually("the standby", lambda: sizes(namespace) == (2, 1))
    again = cutover(stack, "tidy", "--yes")
    assert (again.code, "nothing to do" in again.out) == (0, True)
    shop["scale_down_after"] = "1h"
    assert set(stack.must_up().changes) == SAME, "nothing is scaled up for it"


@pytest.mark.wide
def test_with_labels_the_time_is_that_of_the_detachment(stack: Stack, namespace: Namespace) -> None:
    shop = stack.services["shop"] = services.blue_green(
        "replica-set", cutover="labels", standby_replicas=0, scale_down_after="1h"
    )
    stack.must_up()
    shop["active"] = "green"
    stack.must_up()
    assert sizes(namespace) == (2, 2)
    assert set(stack.must_up().changes) == SAME
    assert "blue will be scaled down from 2 to 0 pods after" in cutover(stack, "status").out
    shop["scale_down_after"] = "1s"
    _until_due(stack)
    assert cutover(stack, "tidy", "--yes").code == 0
    eventually("the standby", lambda: views.pods(namespace, "shop", "blue") == [])
    assert set(stack.must_up().changes) == SAME


@pytest.mark.wide
def test_under_an_autoscaler_the_color_keeps_as_many_as_served(stack: Stack, namespace: Namespace) -> None:
    shop = stack.services["shop"] = services.blue_green(
        replicas=None,
        scale_down_after="1h",
        autoscale={"min_replicas": 2, "max_replicas": 5},
        resources={"requests": {"cpu": "10m", "memory": "16Mi"}},
    )
    stack.must_up()
    (blue,) = [name for name in namespace.names("deployments") if name.startswith("shop-blue")]
    namespace.patch("deployments", blue, {"spec": {"replicas": 3}}, part="scale")
    eventually("three pods", lambda: sizes(namespace) == (3, 2))
    shop["active"] = "green"
    stack.must_up()
    eventually("both at full size", lambda: sizes(namespace) == (3, 3))
    assert set(stack.must_up().changes) == SAME
    shop["scale_down_after"] = "1s"
    _until_due(stack)
    assert cutover(stack, "tidy", "--yes").code == 0
    eventually("the standby", lambda: sizes(namespace) == (2, 3))
    assert set(stack.must_up().changes) == SAME


def _plan(stack: Stack) -> str:
    stack.save()
    return cutover(stack, "plan").out


def _until_due(stack: Stack) -> None:
    """Save the configuration, and wait until the time of what was left has come."""
    stack.save()

    def due() -> bool:
        (found,) = cutover(stack, "status", "--json").json()["stacks"]
        return bool((found["services"]["shop"]["scaleDown"] or {}).get("due"))

    eventually("its time", due)
