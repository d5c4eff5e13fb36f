"""Moving a live Service through the API server, at once, and without the engine. For when seconds count.

What the engine finds afterwards is what it was going to make: the `up` that follows has the edit of the file, sees the
selector as it wants it, and carries the cutover to its end (`cutover.dev/completed` is taken off here for that).
"""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cutover.errors import GateRefused
from cutover.observe.names import COLOR, COMPLETED, COMPONENT, INSTANCE, REVISION
from cutover.stackfile import ServiceView, StackView, other

if TYPE_CHECKING:
    from cutover.observe.connection import Api

FIELD_MANAGER = "cutover"

Json = dict[str, Any]


@dataclass(frozen=True)
class Switch:
    """A live Service that was moved, or need not be (`moved` is False): from and to, as color and revision."""

    service: str
    before: str
    color: str
    revision: str
    ready: int
    moved: bool


def switch_now(api: "Api", view: StackView, service: ServiceView, color: str | None) -> Switch:
    """Move the live Service of one service to a color (None: the one that is not live). Raises GateRefused.

    Never to a color without ready pods of the revision that its own Service selects, which is the release that the
    last `up` brought there. Fewer than the config's replicas are taken: this is for when the live release is worse.
    """
    base = f"/api/v1/namespaces/{view.namespace}"
    labels = {"labelSelector": f"{INSTANCE}={service.name}"}
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(api.json, "GET", f"{base}/{kind}", params=labels) for kind in ("services", "pods")]
        services, pods = (future.result()["items"] for future in asked)
    live = _one(services, service.name, "live", None)
    before = live["spec"]["selector"].get(COLOR)
    target = color or other(before)
    revision = _one(services, service.name, "preview", target)["spec"]["selector"].get(REVISION, "")
    ready = sum(_ready(pod) and _is(pod, target, revision) for pod in pods)
    if live["spec"]["selector"].get(REVISION) == revision and before == target:
        return Switch(service.name, before, target, revision, ready, moved=False)
    if ready < max(1, math.ceil(min(service.replicas, service.standby_replicas or 1) / 2)):
        raise GateRefused(
            f"{service.name}: {target} has {ready} ready pods of {revision or 'any release'}\n"
            "Refused before the switch: traffic stays where it was.",
            f"without --now, `up` first brings {target} up: `cutover rollback {service.name}`",
        )
    api.json(
        "PATCH",
        f"{base}/services/{live['metadata']['name']}",
        params={"fieldManager": FIELD_MANAGER},
        body={
            "metadata": {
                "annotations": {COMPLETED: None},
                "resourceVersion": live["metadata"]["resourceVersion"],  # nobody else moved it meanwhile
            },
            "spec": {"selector": {COLOR: target, REVISION: revision}},
        },
        content_type="application/merge-patch+json",
    )
    return Switch(service.name, str(before), target, revision, ready, moved=True)


def _one(services: list[Json], name: str, component: str, color: str | None) -> Json:
    for item in services:
        labels = item["metadata"].get("labels") or {}
        if labels.get(COMPONENT) == component and (color is None or labels.get(COLOR) == color):
            return item
    what = "live Service" if color is None else f"Service of {color}"
    raise GateRefused(
        f"{name}: there is no {what} in the cluster\nRefused before the switch: traffic stays where it was.",
        "`cutover status` shows what there is, `cutover up` makes what is missing",
    )


def _is(pod: Json, color: str, revision: str) -> bool:
    labels = pod["metadata"].get("labels") or {}
    return labels.get(COLOR) == color and labels.get(REVISION) == revision


def _ready(pod: Json) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or []
    return "deletionTimestamp" not in pod["metadata"] and any(
        condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions
    )
