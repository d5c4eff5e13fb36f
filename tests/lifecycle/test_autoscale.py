"""A blue/green service under an autoscaler: no dip at the hand-over, and no live count written over."""

import pytest

from tests.lifecycle import services, views
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.services import V3, release
from tests.lifecycle.stack import Stack
from tests.lifecycle.varieties import workloads

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
PLURAL = {"deployment": "deployments", "replica-set": "replicasets"}


@workloads("replica-set")
def test_the_new_color_starts_with_as_many_pods_as_serve(stack: Stack, namespace: Namespace, workload: str) -> None:
    shop = stack.services["shop"] = services.blue_green(
        workload,
        replicas=None,
        standby_replicas=1,
        autoscale={"min_replicas": 2, "max_replicas": 5},
        resources={"requests": {"cpu": "10m", "memory": "16Mi"}},
    )
    stack.must_up()
    assert set(stack.must_up().changes) == {"same"}

    def target() -> str:
        autoscaler = namespace.get("horizontalpodautoscalers", "shop")
        return str(autoscaler["spec"]["scaleTargetRef"]["name"])

    blue = target()
    assert blue.startswith("shop-blue-")
    namespace.patch(PLURAL[workload], blue, {"spec": {"replicas": 4}}, part="scale")
    eventually("four pods", lambda: len(views.ready_pods(namespace, color="blue")) == 4)
    assert set(stack.must_up().changes) == {"same"}
    assert len(views.ready_pods(namespace, color="blue")) == 4

    shop["active"] = "green"
    flipped = stack.must_up()
    assert "green starts with 4 pods, as 4 serve now" in flipped.said
    assert views.live_color(namespace) == "green"
    assert len(views.ready_pods(namespace, color="green")) == 4
    assert target().startswith("shop-green-")
    eventually("the standby", lambda: len(views.pods(namespace, color="blue")) == 1)
    assert set(stack.must_up().changes) == {"same"}

    shop |= {"active": "blue", "blue": release(V3)}
    stack.must_up()
    assert len(views.ready_pods(namespace, color="blue")) == 4
    assert stack.destroy().code == 0
    views.wait_until_empty(namespace)


@workloads("replica-set")
def test_an_empty_standby_is_filled_for_the_switch(stack: Stack, namespace: Namespace, workload: str) -> None:
    shop = stack.services["shop"] = services.blue_green(
        workload,
        replicas=None,
        standby_replicas=0,
        autoscale={"min_replicas": 2, "max_replicas": 5},
        resources={"requests": {"cpu": "10m", "memory": "16Mi"}},
    )
    stack.must_up()
    assert views.pods(namespace, color="green") == []
    shop["active"] = "green"
    stack.must_up()
    assert len(views.ready_pods(namespace, color="green")) == 2
    eventually("blue to go", lambda: views.pods(namespace, color="blue") == [])
    again = stack.must_up()
    assert set(again.changes) == {"same"}, again.said
