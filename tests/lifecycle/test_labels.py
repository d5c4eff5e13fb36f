"""A cutover by labels: the selector stays, pods come and go; what one run left undone, the next one settles."""

from pathlib import Path
from typing import Any

import pytest

from tests.lifecycle import kills, services, views
from tests.lifecycle.judge import LIVE
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.services import V2, V3, release
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]


def labels(**changes: Any) -> views.Json:
    return services.blue_green("replica-set", cutover="labels", **changes)


def _is_on(namespace: Namespace, color: str) -> None:
    assert views.attached(namespace) == views.born_attached(namespace) == {color}


def test_a_life_by_labels(stack: Stack, namespace: Namespace) -> None:
    shop = stack.services["shop"] = labels(expose_both=True)
    assert stack.must_up().changes == {"create": 10}
    _is_on(namespace, "blue")
    assert set(stack.must_up().changes) == {"same"}
    first = views.uids(views.pods(namespace))

    shop["active"] = "green"
    plan = stack.preview()
    assert plan.changes == {"update": 1, "same": 9}
    flipped = stack.must_up()
    assert flipped.changes == {"update": 1, "same": 9}
    assert "2 pods of blue that served before the switch go on" in flipped.said
    _is_on(namespace, "green")
    assert views.uids(views.pods(namespace)) == first, "the old pods stay as they are"
    assert set(stack.must_up().changes) == {"same"}
    both = namespace.get("services", "shop-all")["spec"]["selector"]
    assert {pod["metadata"]["uid"] for pod in namespace.items("pods", both)} == first

    shop |= {"replicas": 3}  # the engine changes the ReplicaSets that our label is in
    assert stack.must_up().changes["update"] == 2
    _is_on(namespace, "green")
    assert len(views.ready_pods(namespace, color="green")) == 3
    assert stack.run("refresh", "--yes", "--skip-preview").code == 0
    assert set(stack.must_up().changes) == {"same"}
    _is_on(namespace, "green")

    shop |= {"blue": release(V3), "active": "blue"}  # release and cutover in one edit
    stack.must_up()
    _is_on(namespace, "blue")
    assert views.images(views.pods(namespace, color="blue")) == {V3}
    assert stack.destroy().code == 0
    views.wait_until_empty(namespace)


def test_what_was_labeled_by_hand_is_settled(stack: Stack, namespace: Namespace) -> None:
    shop = stack.services["shop"] = labels()
    stack.must_up()
    stack.watcher.judges = False  # a bad moment is made on purpose
    blue, green = (views.names(views.pods(namespace, color=color)) for color in ("blue", "green"))
    namespace.patch("pods", green[0], {"metadata": {"labels": {LIVE: "true"}}})
    namespace.patch("pods", blue[0], {"metadata": {"labels": {LIVE: None}}})
    (old,) = [name for name in namespace.names("replicasets") if "-blue-" in name]
    namespace.patch("replicasets", old, {"spec": {"template": {"metadata": {"labels": {LIVE: None}}}}})
    settled = stack.must_up()
    assert set(settled.changes) == {"same"}
    assert "not attached to it: settling it" in settled.said
    _is_on(namespace, "blue")
    assert views.names(namespace.items("pods", {LIVE: "true"})) == blue

    namespace.patch("services", "shop", {"spec": {"selector": {LIVE: None, "cutover.dev/color": "green"}}})
    stack.must_up()
    _is_on(namespace, "blue")
    shop["green"] = release(V2, build=2)
    stack.must_up()
    _is_on(namespace, "blue")


def test_what_never_gets_ready_is_not_attached(stack: Stack, namespace: Namespace) -> None:
    shop = stack.services["shop"] = labels()
    stack.must_up()
    namespace.make_unready(*views.names(views.pods(namespace, color="green")))
    eventually("green to be unready", lambda: not views.ready_pods(namespace, color="green"))
    shop |= {"active": "green", "gate_timeout_seconds": 3}
    stack.watcher.plan({})
    assert "green" in stack.up().said
    _is_on(namespace, "blue")


def test_killed_while_both_are_attached(stack: Stack, namespace: Namespace, tmp_path: Path) -> None:
    """The next `up` goes on to the new color, or back to the old one, by what the pods say."""
    shop = stack.services["shop"] = labels(overlap_seconds=60)
    stack.must_up()
    for begun, then in (("green", "green"), ("blue", "green")):
        shop |= {"active": begun, "overlap_seconds": 60}
        killed, seen = kills.up_killed(
            stack, tmp_path / f"{begun}.jsonl", "group", lambda _: views.live_color(namespace) == "blue+green"
        )
        assert killed, seen
        shop |= {"active": then, "overlap_seconds": 0}
        kills.up_again(stack)
        _is_on(namespace, then)
    assert set(stack.must_up().changes) == {"same"}


def test_with_deployments_it_is_refused_with_the_reason(stack: Stack) -> None:
    stack.services["shop"] = services.blue_green(cutover="labels")
    refused = stack.preview()
    assert refused.code != 0
    assert "cutover is labels while workload is deployment" in refused.said
    assert "every cutover would restart the pods of both colors" in refused.said


@pytest.mark.wide  # as by the selector, in test_autoscale.py
def test_an_autoscaled_service_is_cut_over_by_labels(stack: Stack, namespace: Namespace) -> None:
    shop = stack.services["shop"] = labels(
        replicas=None,
        standby_replicas=1,
        autoscale={"min_replicas": 2, "max_replicas": 5},
        resources={"requests": {"cpu": "10m", "memory": "16Mi"}},
    )
    stack.must_up()
    (blue,) = [name for name in namespace.names("replicasets") if "-blue-" in name]
    namespace.patch("replicasets", blue, {"spec": {"replicas": 3}}, part="scale")
    eventually("three pods", lambda: len(views.ready_pods(namespace, color="blue")) == 3)
    assert len(namespace.items("pods", {LIVE: "true"})) == 3, "a pod that the autoscaler asks for is born attached"
    shop["active"] = "green"
    assert "green starts with 3 pods, as 3 serve now" in stack.must_up().said
    _is_on(namespace, "green")
    assert len(views.ready_pods(namespace, color="green")) == 3
    assert set(stack.must_up().changes) == {"same"}


@pytest.mark.wide  # by the selector in test_group.py, one service by labels above
def test_a_group_is_cut_over_by_labels(stack: Stack, namespace: Namespace) -> None:
    for name in ("api", "web"):
        member = labels(standby_replicas=1)
        del member["active"]
        stack.services[name] = member
    stack.groups["both"] = {"active": "blue", "services": ["api", "web"]}
    stack.must_up()
    assert [views.attached(namespace, name) for name in ("api", "web")] == [{"blue"}, {"blue"}]
    stack.groups["both"]["active"] = "green"
    stack.must_up()
    assert [views.attached(namespace, name) for name in ("api", "web")] == [{"green"}, {"green"}]
    assert set(stack.must_up().changes) == {"same"}
