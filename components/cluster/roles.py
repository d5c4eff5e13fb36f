"""Requests about metadata by role: who bears it, and the writes. Each write is of the very object that was read."""

from collections.abc import Mapping
from typing import Any

from components.cluster.namespace import Namespace
from components.cluster.readings import has_ended
from components.rules.roles import Bearer


async def pods(namespace: Namespace, selector: Mapping[str, str]) -> list[Bearer]:
    """The pods that the selector finds, those on their way out included."""
    found = await namespace.listed(namespace.core("pods"), selector)
    return [_bearer("pods", item, item["metadata"]) for item in found if not has_ended(item)]


async def replica_sets(namespace: Namespace, selector: Mapping[str, str]) -> list[Bearer]:
    """The ReplicaSets that the selector finds and that are no Deployment's: a Deployment answers a change of the
    template of one of its own with a rollout.
    """
    found = await namespace.listed(namespace.workload("replicasets"), selector)
    return [_replica_set(item) for item in found if not item["metadata"].get("ownerReferences")]


async def write(namespace: Namespace, bearer: Bearer, change: Mapping[str, Any]) -> None:
    """Merge a change into the metadata. One that is gone, or another of its name, is left alone."""
    own, metadata = {"uid": bearer.uid}, dict(change)
    if bearer.kind == "pods":
        path, body = namespace.core("pods", bearer.name), {"metadata": {**metadata, **own}}
    else:
        path = namespace.workload(bearer.kind, bearer.name)
        body = {"metadata": own, "spec": {"template": {"metadata": metadata}}}
    await namespace.patch(path, body, missing_ok=True)


def _replica_set(item: dict[str, Any]) -> Bearer:
    meta, status = item["metadata"], item.get("status") or {}
    seen = status.get("observedGeneration", 0) >= meta.get("generation", 0)
    return _bearer("replicasets", item, item["spec"]["template"]["metadata"], seen=seen)


def _bearer(kind: str, item: dict[str, Any], metadata: Mapping[str, Any], *, seen: bool = True) -> Bearer:
    return Bearer(kind, item["metadata"]["name"], item["metadata"]["uid"], metadata, seen)
