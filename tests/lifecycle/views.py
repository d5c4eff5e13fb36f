"""What the cluster says about a service of a stack under test."""

import json
from collections.abc import Iterable
from typing import Any

from tests.lifecycle.judge import COLOR, LIVE, REVISION, Event, why_not_ready
from tests.lifecycle.kube import Namespace, eventually

Json = dict[str, Any]
INSTANCE = "app.kubernetes.io/instance"
REFUSED = "cutover.dev/refused"
WORKLOADS = ("deployments", "replicasets")
MADE = (
    *WORKLOADS,
    "configmaps",
    "horizontalpodautoscalers",
    "jobs",
    "poddisruptionbudgets",
    "secrets",
    "services",
    "statefulsets",
    "pods",
)


def live_color(namespace: Namespace, service: str = "shop") -> str:
    """The color that the live Service selects; where it selects by label, the colors whose pods are attached."""
    selector = namespace.get("services", service)["spec"]["selector"]
    return str(selector[COLOR]) if COLOR in selector else "+".join(sorted(attached(namespace, service)))


def attached(namespace: Namespace, service: str = "shop") -> set[str]:
    """The colors of the pods that a live Service selects by label."""
    selector = namespace.get("services", service)["spec"]["selector"]
    assert selector == {INSTANCE: service, LIVE: "true"}
    found = [pod for pod in namespace.items("pods", selector) if "deletionTimestamp" not in pod["metadata"]]
    return {pod["metadata"]["labels"][COLOR] for pod in found}


def born_attached(namespace: Namespace, service: str = "shop") -> set[str]:
    """The colors whose ReplicaSets have that label in their pod template."""
    labels = [
        one["spec"]["template"]["metadata"]["labels"] for one in namespace.items("replicasets", {INSTANCE: service})
    ]
    return {one[COLOR] for one in labels if LIVE in one}


def version(namespace: Namespace, service: str = "shop") -> str:
    """Changes with every write to the live Service but the note that a release was refused: what it has, and when each
    writer other than the gates wrote what.
    """
    found = namespace.get("services", service)
    meta = found["metadata"]
    written = [one for one in meta["managedFields"] if one["manager"] != "cutover"]
    notes = {key: value for key, value in meta.get("annotations", {}).items() if key != REFUSED}
    return json.dumps([meta["uid"], meta["labels"], notes, written, found["spec"]], sort_keys=True)


def pods(namespace: Namespace, service: str = "shop", color: str | None = None) -> list[Json]:
    """The pods of a service, or of one color of it, without those on their way out."""
    labels = {INSTANCE: service} | ({COLOR: color} if color else {})
    return [pod for pod in namespace.items("pods", labels) if "deletionTimestamp" not in pod["metadata"]]


def ready_pods(namespace: Namespace, service: str = "shop", color: str | None = None) -> list[Json]:
    """Those of them that are ready."""
    return [pod for pod in pods(namespace, service, color) if not why_not_ready(pod)]


def uids(found: list[Json]) -> set[str]:
    """Their uids."""
    return {pod["metadata"]["uid"] for pod in found}


def images(found: list[Json]) -> set[str]:
    """The tags that they run."""
    return {pod["spec"]["containers"][0]["image"].rpartition(":")[2] for pod in found}


def names(found: list[Json]) -> list[str]:
    """Their names, sorted."""
    return sorted(pod["metadata"]["name"] for pod in found)


def revisions(namespace: Namespace, service: str = "shop", color: str | None = None) -> set[str]:
    """The revisions that the pods of a service, or of one color of it, are of."""
    return {pod["metadata"]["labels"][REVISION] for pod in pods(namespace, service, color)}


def made_unselected(events: Iterable[Event]) -> list[str]:
    """The pods that no own Service of a color selected when they were made."""
    own: dict[str, Json] = {}
    found = []
    for event in sorted(events, key=lambda one: one.revision):
        labels = event.object["metadata"].get("labels", {})
        if event.kind == "services":
            own[event.name] = event.object["spec"]["selector"]
        elif event.kind == "pods" and event.type == "ADDED":
            selector = own.get(f"{labels[INSTANCE]}-{labels[COLOR]}")
            if selector is None or not selector.items() <= labels.items():
                found.append(event.name)
    return found


def snapshot(namespace: Namespace) -> dict[str, Json]:
    """Every object that a stack could have made, without what the cluster itself writes to it."""
    return {
        f"{kind}/{item['metadata']['name']}": {
            "uid": item["metadata"]["uid"],
            "labels": item["metadata"].get("labels"),
            "annotations": item["metadata"].get("annotations"),
            "content": item.get("spec") or item.get("data"),
        }
        for kind in MADE
        for item in namespace.items(kind)
    }


def is_left() -> frozenset[str]:
    """What an empty namespace holds."""
    return frozenset({"configmaps/kube-root-ca.crt"})


def wait_until_empty(namespace: Namespace) -> None:
    """Wait until nothing that a stack makes is there any more; fails where something stays."""
    eventually(f"an empty namespace {namespace.name}", lambda: snapshot(namespace).keys() <= is_left())
