"""What people do to a cluster past every tool: objects deleted, scaled, moved, edited."""

from collections.abc import Callable
from typing import Any

from tests.lifecycle import views
from tests.lifecycle.judge import COLOR, REVISION
from tests.lifecycle.kube import eventually
from tests.lifecycle.services import REPOSITORY
from tests.lifecycle.walk import Walk
from tests.lifecycle.walk_seen import APP, SHOP

Json = dict[str, Any]


def delete_live_service(walk: Walk) -> None:
    """`kubectl delete service`: nobody is reached until it is made again."""
    namespace = walk.stack.namespace

    def deed() -> None:
        namespace.delete_object("services", SHOP)
        walk.until_endpoints_follow(set())

    if walk.live:
        walk.by_hand("deleted the live Service", deed)
        walk.forgotten = True


def delete_idle(walk: Walk) -> None:
    """`kubectl delete` of the workload that does not serve."""
    if found := _idle_workload(walk):
        kind, body = found
        walk.by_hand("deleted the idle workload", lambda: _deleted(walk, kind, body["metadata"]["name"]))


def delete_rolling(walk: Walk) -> None:
    """`kubectl delete` of the rolling app's Deployment."""
    if walk.stack.namespace.find("deployments", APP):
        walk.by_hand("deleted the rolling workload", lambda: _deleted(walk, "deployments", APP))


def scale_idle(walk: Walk, replicas: int) -> None:
    """`kubectl scale` of the workload that does not serve."""
    if found := _idle_workload(walk):
        kind, body = found
        change = {"spec": {"replicas": replicas}}
        walk.by_hand(
            f"scaled the idle workload to {replicas}",
            lambda: walk.stack.namespace.patch(kind, body["metadata"]["name"], change),
        )


def scale_live(walk: Walk) -> None:
    """`kubectl scale` of the workload that serves, up."""
    live = walk.live
    if live and (found := _workload(walk, live)):
        kind, body = found
        change = {"spec": {"replicas": int(walk.shop["replicas"]) + 1}}
        walk.by_hand(
            "scaled the live workload up", lambda: walk.stack.namespace.patch(kind, body["metadata"]["name"], change)
        )


def edit_idle_image(walk: Walk, tag: str) -> None:
    """`kubectl set image` of the workload that does not serve."""
    if not (found := _idle_workload(walk)):
        return
    kind, body = found
    containers = body["spec"]["template"]["spec"]["containers"]
    if containers[0]["image"].endswith(f":{tag}"):
        return
    change = [{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": f"{REPOSITORY}:{tag}"}]
    walk.by_hand(
        f"set the idle image to {tag}", lambda: walk.stack.namespace.patch(kind, body["metadata"]["name"], change)
    )


def move_selector(walk: Walk) -> None:
    """`kubectl edit service`: the live Service sends to the other color. Only where that one can answer."""
    namespace, live = walk.stack.namespace, walk.live
    if live is None or live != walk.active or walk.variety == "labels":
        return
    ready = views.ready_pods(namespace, color=walk.idle)
    if not ready:
        return
    labels = ready[0]["metadata"]["labels"]

    def deed() -> None:
        moved = {COLOR: labels[COLOR], REVISION: labels[REVISION]}
        namespace.patch("services", SHOP, {"spec": {"selector": moved}})
        walk.until_endpoints_follow({f"{SHOP}-{labels[COLOR]}-"})

    walk.by_hand(f"moved the selector to {walk.idle}", deed)


HANDS: dict[str, Callable[[Walk], None]] = {
    "delete the live Service": delete_live_service,
    "delete the idle workload": delete_idle,
    "delete the rolling workload": delete_rolling,
    "scale the idle workload to 0": lambda walk: scale_idle(walk, 0),
    "scale the idle workload to 3": lambda walk: scale_idle(walk, 3),
    "scale the live workload up": scale_live,
    "edit the idle image": lambda walk: edit_idle_image(walk, "1.1.0"),
    "move the selector": move_selector,
}


def by_hand(walk: Walk, hand: str) -> None:
    """One of `HANDS`; where there is nothing for it to touch, the next one that finds something."""
    names = sorted(HANDS)
    at, done = names.index(hand), len(walk.log)
    for name in names[at:] + names[:at]:
        if len(walk.log) == done:
            HANDS[name](walk)


def _idle_workload(walk: Walk) -> tuple[str, Json] | None:
    """The workload of the color that neither serves nor shall."""
    return _workload(walk, walk.idle) if walk.live in (None, walk.active) else None


def _workload(walk: Walk, color: str) -> tuple[str, Json] | None:
    found = walk.workload(color)
    return ("deployments" if walk.variety == "deployment" else "replicasets", found) if found else None


def _deleted(walk: Walk, kind: str, name: str) -> None:
    walk.stack.namespace.delete_object(kind, name)
    eventually(f"{name} to go", lambda: walk.stack.namespace.find(kind, name) is None)
