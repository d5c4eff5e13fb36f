"""Metadata by role on the real engine: it follows the traffic, and no pod restarts."""

from typing import Any

import pytest

from tests.lifecycle import services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.driver import expect
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.services import V2
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
SAME = {"same"}
NOTE = "cutover.dev/role"
METADATA: dict[str, Any] = {
    "active_metadata": {"labels": {"role": "active"}, "annotations": {"shop.example/pager": "on"}},
    "preview_metadata": {"labels": {"role": "preview"}},
}


def roles(namespace: Namespace, color: str) -> list[tuple[str, str]]:
    """The label and the annotation of each pod of a color."""
    found = [pod["metadata"] for pod in views.pods(namespace, "shop", color)]
    return [(one["labels"].get("role", ""), one.get("annotations", {}).get("shop.example/pager", "")) for one in found]


ACTIVE, PREVIEW, NONE = [("active", "on")] * 2, [("preview", "")] * 2, [("", "")] * 2


def test_it_follows_the_traffic_and_pods_are_born_with_it(stack: Stack, namespace: Namespace) -> None:
    shop = stack.services["shop"] = services.blue_green("replica-set", recycle=False, **METADATA)
    stack.must_up()
    assert (roles(namespace, "blue"), roles(namespace, "green")) == (ACTIVE, PREVIEW)
    before = views.uids(views.pods(namespace, "shop"))
    namespace.delete_object("pods", views.names(views.pods(namespace, "shop", "green"))[0])
    eventually("a new pod", lambda: len(views.ready_pods(namespace, "shop", "green")) == 2)
    assert roles(namespace, "green") == PREVIEW, "born with it"

    shop["active"] = "green"
    kept = views.uids(views.pods(namespace, "shop"))
    assert stack.must_up().changes["update"] == 1, "the live Service alone"
    assert (roles(namespace, "blue"), roles(namespace, "green")) == (PREVIEW, ACTIVE)
    assert views.uids(views.pods(namespace, "shop")) == kept, "no pod was restarted"
    assert len(kept & before) == 3

    pod = views.names(views.pods(namespace, "shop", "green"))[0]
    namespace.patch("pods", pod, {"metadata": {"labels": {"role": None}, "annotations": {NOTE: None}}})
    assert "active_metadata on 1 of 2 pods of green; `cutover up` gives it to the rest" in cutover(stack, "status").out
    assert cutover(stack, "up", "--yes").code == 0
    assert roles(namespace, "green") == ACTIVE

    for key in METADATA:
        del shop[key]
    assert set(stack.must_up("--refresh").changes) == SAME
    assert (roles(namespace, "blue"), roles(namespace, "green")) == (NONE, NONE)
    templates = [one["spec"]["template"]["metadata"] for one in namespace.items("replicasets")]
    assert [("role" in one["labels"], NOTE in one.get("annotations", {})) for one in templates] == [(False, False)] * 2
    assert "cutover.dev/roles" not in namespace.get("services", "shop")["metadata"]["annotations"]


@pytest.mark.wide
def test_pods_of_a_deployment_have_it_without_a_rollout(stack: Stack, namespace: Namespace) -> None:
    shop = stack.services["shop"] = services.blue_green(**METADATA)
    stack.must_up()
    assert (roles(namespace, "blue"), roles(namespace, "green")) == (ACTIVE, PREVIEW)
    shop["active"] = "green"
    green = views.uids(views.pods(namespace, "shop", "green"))
    stack.must_up()
    assert (roles(namespace, "blue"), roles(namespace, "green")) == (PREVIEW, ACTIVE), "recycled pods have it too"
    assert views.uids(views.pods(namespace, "shop", "green")) == green
    assert len(namespace.items("replicasets")) <= 3, "blue was recycled by its Deployment; no template of ours is new"
    namespace.delete_object("pods", views.names(views.pods(namespace, "shop", "blue"))[0])
    eventually("a new pod", lambda: len(views.ready_pods(namespace, "shop", "blue")) == 2)
    assert sorted(roles(namespace, "blue")) == [("", ""), ("preview", "")], "until the next run it has none"
    assert set(stack.must_up().changes) == SAME
    assert roles(namespace, "blue") == PREVIEW
    assert cutover(stack, "restart", "shop", "--yes").code == 0
    assert (roles(namespace, "blue"), roles(namespace, "green")) == (PREVIEW, ACTIVE)
    assert set(stack.must_up("--refresh").changes) == SAME


@pytest.mark.wide
def test_it_follows_labels_and_a_change_of_the_kind_of_workload(stack: Stack, namespace: Namespace) -> None:
    shop = stack.services["shop"] = services.blue_green(**METADATA)
    stack.must_up()
    shop |= {"workload": "replica-set", "cutover": "labels", "active": "green", "allow_in_place_updates": True}
    stack.must_up()
    assert (roles(namespace, "blue"), roles(namespace, "green")) == (PREVIEW, ACTIVE)
    shop["active"] = "blue"
    kept = views.uids(views.pods(namespace, "shop"))
    stack.must_up()
    assert (roles(namespace, "blue"), roles(namespace, "green")) == (ACTIVE, PREVIEW)
    assert views.uids(views.pods(namespace, "shop")) == kept
    expect(stack, "green", V2)
    assert cutover(stack, "rollback", "--now", "--yes").code == 0
    assert (roles(namespace, "blue"), roles(namespace, "green")) == (PREVIEW, ACTIVE)
    shop["active"] = "green"
    assert set(stack.must_up("--refresh").changes) == SAME
