"""Autoscalers in the cluster: whose one is, what it scales, whether it is held back; deleted by its uid."""

from collections.abc import Mapping
from typing import Any

from components.cluster.connection import Connection
from components.cluster.namespace import Namespace
from components.rules.errors import ClusterRefused
from components.rules.facts import Autoscaler
from contract.annotations import STACK
from contract.paths import all_of

HPA = "autoscaling/v2", "HorizontalPodAutoscaler"
_LIMITED, _BY_US = "ScalingLimited", "ScaleDownLimit"  # the condition, and its reason where scaling down is held back


async def read(ns: Namespace, namespace: str, api_version: str, kind: str, name: str) -> Autoscaler | None:
    """An autoscaler as it is now; None when there is none, or no such kind. A ScaledObject scales by an autoscaler that
    KEDA makes: what that one would do counts, where it may be read.
    """
    found = await ns.get(f"{all_of(api_version, kind, namespace)}/{name}")
    if not found:
        return None
    meta, status = found["metadata"], found.get("status") or {}
    if made := status.get("hpaName"):
        try:
            status = (await ns.get(f"{all_of(*HPA, namespace)}/{made}") or {}).get("status") or {}
        except ClusterRefused:
            status = {}
    return Autoscaler(
        (api_version, kind),
        name,
        meta["uid"],
        found["spec"]["scaleTargetRef"]["name"],
        (meta.get("annotations") or {}).get(STACK),
        any(_holds_back(one) for one in status.get("conditions") or []),
    )


async def delete(api: Connection, namespace: str, one: Autoscaler) -> None:
    """Delete an autoscaler. One that is gone, or another of its name, is left alone."""
    path = f"{all_of(*one.kind, namespace)}/{one.name}"
    await api.json("DELETE", path, body={"preconditions": {"uid": one.uid}}, missing_ok=True)


def _holds_back(condition: Mapping[str, Any]) -> bool:
    return (condition.get("type"), condition.get("status"), condition.get("reason")) == (_LIMITED, "True", _BY_US)
