"""Requests about workloads that are rolled in place: Deployments and StatefulSets."""

import asyncio
from collections.abc import Mapping
from typing import Any

from components.cluster.connection import Connection
from components.cluster.set_readings import FAILED, lacks_pods, read_set
from components.cluster.workload_readings import read_rollout
from components.rules.errors import ClusterRefused
from components.rules.facts import Rollout, Workload
from contract.ownership import FIELD_MANAGER

SET_PATIENCE_SECONDS = 600.0  # a StatefulSet has no deadline of its own: Kubernetes' of a Deployment


async def read(api: Connection, path: str) -> Rollout | None:
    """The rollout of the workload at that path; None when there is none."""
    found = await api.json("GET", path, missing_ok=True)
    return read_rollout(found) if found else None


async def replace_template(api: Connection, path: str, template: Mapping[str, Any], version: str) -> int | None:
    """Give it this pod template while it is of that `version`. See `Cluster.replace_template`."""
    body = [
        {"op": "test", "path": "/metadata/resourceVersion", "value": version},
        {"op": "replace", "path": "/spec/template", "value": dict(template)},
    ]
    params = {"fieldManager": FIELD_MANAGER}
    try:
        made = await api.json(
            "PATCH", path, params=params, body=body, content_type="application/json-patch+json", missing_ok=True
        )
    except ClusterRefused:
        now = await read(api, path)
        if now and now.version == version:
            raise
        return None
    return int(made["metadata"]["generation"]) if made else None


async def sets(api: Connection, namespace: str, items: list[dict[str, Any]]) -> list[Workload]:
    """StatefulSets as records; of those that lack pods the events tell why."""
    every = await asyncio.gather(*(_events(api, namespace, one) for one in items))
    return [read_set(one, events, SET_PATIENCE_SECONDS) for one, events in zip(items, every, strict=True)]


async def _events(api: Connection, namespace: str, item: dict[str, Any]) -> list[dict[str, Any]]:
    if not lacks_pods(item):
        return []
    about = f"involvedObject.kind=StatefulSet,involvedObject.name={item['metadata']['name']},reason={FAILED}"
    found = await api.json("GET", f"/api/v1/namespaces/{namespace}/events", params={"fieldSelector": about})
    return list(found.get("items") or [])
