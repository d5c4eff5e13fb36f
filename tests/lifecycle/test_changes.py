"""Changes of a running service that are no cutover: size, standby, strategy, configuration, kind of workload."""

import pytest

from tests.lifecycle import services, views
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.services import V3, release
from tests.lifecycle.stack import Stack
from tests.lifecycle.varieties import workloads

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
both_workloads = workloads("deployment")


def _sizes(namespace: Namespace) -> tuple[int, int]:
    return len(views.pods(namespace, color="blue")), len(views.pods(namespace, color="green"))


def _wait_for_sizes(namespace: Namespace, blue: int, green: int) -> None:
    eventually(f"{blue} blue and {green} green pods", lambda: _sizes(namespace) == (blue, green))


def _wait_until_gone(namespace: Namespace, old: set[str]) -> None:
    eventually("the old pods to go", lambda: not views.uids(views.pods(namespace)) & old)


@both_workloads
def test_size_and_strategy_start_no_pod_anew(stack: Stack, namespace: Namespace, workload: str) -> None:
    shop = stack.services["shop"] = services.blue_green(workload)
    stack.must_up()
    before = views.version(namespace)
    first = views.uids(views.pods(namespace))

    shop |= {"replicas": 3, "standby_replicas": 1}
    assert stack.must_up().changes == {"update": 2, "same": 6, "delete": 1}  # one pod needs no budget
    _wait_for_sizes(namespace, 3, 1)
    assert len(views.uids(views.pods(namespace)) & first) == 3

    shop |= {"min_ready_seconds": 1, "progress_deadline_seconds": 50}
    if workload == "deployment":
        shop |= {"max_surge": 1, "max_unavailable": 0, "revision_history_limit": 1}
    now = views.uids(views.pods(namespace))
    assert stack.must_up().changes == {"update": 2, "same": 6}
    assert views.uids(views.pods(namespace)) == now

    shop |= {"replicas": 1}
    stack.must_up()
    _wait_for_sizes(namespace, 1, 1)
    assert views.version(namespace) == before
    assert set(stack.must_up().changes) == {"same"}


@both_workloads
def test_a_standby_of_none_is_filled_before_the_switch(stack: Stack, namespace: Namespace, workload: str) -> None:
    shop = stack.services["shop"] = services.blue_green(workload, standby_replicas=0)
    stack.must_up()
    assert _sizes(namespace) == (2, 0)
    for active, sizes in (("green", (0, 2)), ("blue", (2, 0))):
        shop["active"] = active
        assert stack.must_up().changes["update"] == 3  # up, switch, down
        assert views.live_color(namespace) == active
        _wait_for_sizes(namespace, *sizes)
        assert set(stack.must_up().changes) == {"same"}


def test_without_recycling_the_old_pods_stay(stack: Stack, namespace: Namespace) -> None:
    shop = stack.services["shop"] = services.blue_green(recycle=False)
    stack.must_up()
    old = views.uids(views.pods(namespace, color="blue"))
    shop["active"] = "green"
    stack.must_up()
    assert views.uids(views.pods(namespace, color="blue")) == old
    assert set(stack.must_up().changes) == {"same"}


@both_workloads
def test_a_change_of_configuration_is_a_rollout(stack: Stack, namespace: Namespace, workload: str) -> None:
    shop = stack.services["shop"] = services.blue_green(workload, config={"PODINFO_UI_MESSAGE": "one"})
    stack.must_up()
    (first,) = [name for name in namespace.names("configmaps") if name.startswith("shop-blue")]
    assert namespace.get("configmaps", first)["immutable"] is True
    old = views.uids(views.pods(namespace))
    shop["config"] = {"PODINFO_UI_MESSAGE": "two"}
    stack.must_up()
    _wait_until_gone(namespace, old)
    (second,) = [name for name in namespace.names("configmaps") if name.startswith("shop-blue")]
    assert second != first
    for pod in views.ready_pods(namespace):
        assert '"two"' in namespace.ask_pod(pod["metadata"]["name"], "api/info")
    assert views.live_color(namespace) == "blue"
    assert set(stack.must_up().changes) == {"same"}


def test_deployments_become_replica_sets_and_back(stack: Stack, namespace: Namespace) -> None:
    shop = stack.services["shop"] = services.blue_green()
    stack.must_up()
    for workload, kind in (("replica-set", "deployments"), ("deployment", "replicasets")):
        old = views.uids(views.pods(namespace))
        shop["workload"] = workload
        stack.must_up()
        _wait_until_gone(namespace, old)
        if kind == "deployments":
            assert namespace.names(kind) == []
        assert views.live_color(namespace) == "blue"
        assert set(stack.must_up().changes) == {"same"}


@pytest.mark.wide  # the walks take an idle color away
def test_the_idle_color_is_removed_and_one_more_service_added(stack: Stack, namespace: Namespace) -> None:
    shop = stack.services["shop"] = services.blue_green()
    stack.must_up()
    before = views.version(namespace)
    del shop["green"]
    assert stack.must_up().changes == {"delete": 3, "same": 6}
    assert namespace.names("services") == ["shop", "shop-blue"]
    stack.services["till"] = services.blue_green("replica-set", green=None)
    assert stack.must_up().changes == {"create": 5, "same": 6}
    del stack.services["till"]
    assert stack.must_up().changes == {"delete": 5, "same": 6}
    shop |= {"green": release(V3), "active": "green"}  # release and cutover in one edit
    stack.must_up()
    assert views.live_color(namespace) == "green"
    assert views.version(namespace) != before
