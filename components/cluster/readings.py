"""The API server's JSON of pods, endpoints and Services as the plain records that the gates judge."""

from datetime import datetime
from typing import Any

from components.rules import service_ports
from components.rules.facts import Endpoint, LiveService, Pod
from components.rules.ownership import Existing
from components.rules.words import last_words
from contract.annotations import DETACHED
from contract.labels import CONTAINER
from contract.ownership import ENGINE_MANAGER
from contract.serving import usual

_OWNERS = ("ReplicaSet", "StatefulSet")


def read_time(text: str) -> datetime:
    """A time of the API server."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def read_pod(item: dict[str, Any]) -> Pod:
    """One pod of the API server as a record."""
    meta, spec, status = item["metadata"], item["spec"], item.get("status") or {}
    conditions = {c["type"]: c for c in status.get("conditions") or []}
    containers = status.get("containerStatuses") or []
    ids = {c.get("name"): c.get("imageID", "") for c in containers}
    ready = conditions.get("Ready", {}).get("status") == "True"
    return Pod(
        name=meta["name"],
        uid=meta["uid"],
        labels=meta.get("labels") or {},
        image=application(meta, spec["containers"])["image"],
        ready=ready,
        terminating="deletionTimestamp" in meta,
        created=read_time(meta["creationTimestamp"]),
        problem="" if ready else _problem(conditions, containers),
        restarts=sum(c.get("restartCount", 0) for c in containers),
        image_id=ids.get(CONTAINER, ""),
        detached=DETACHED in (meta.get("annotations") or {}),
        waits_for=_waits_for(containers),
        owner=next((o["name"] for o in meta.get("ownerReferences") or [] if o.get("kind") in _OWNERS), ""),
        ip=status.get("podIP") or "",
        runs={c["name"]: (c["image"], ids.get(c["name"], "")) for c in spec["containers"]},
        ports=service_ports.offered(spec),
    )


def has_ended(item: dict[str, Any]) -> bool:
    """Whether a pod runs no more, never will again, and stays as a record of that: evicted, say.

    One that was told to stop has ended as well a moment before it is gone; who waits for its end waits until then.
    """
    ended = (item.get("status") or {}).get("phase") in ("Failed", "Succeeded")
    return ended and "deletionTimestamp" not in item["metadata"]


def application(meta: dict[str, Any], containers: list[dict[str, Any]]) -> dict[str, Any]:
    """The container of the application: ours by its name; in pods of others the one that kubectl would take."""
    own = next((container for container in containers if container["name"] == CONTAINER), None)
    return own or containers[usual(containers, meta.get("annotations"))]


def _problem(conditions: dict[str, Any], containers: list[dict[str, Any]]) -> str:
    """The most telling reason that the pod itself gives: a container's waiting reason, else the failed condition's."""
    for container in containers:
        waiting = (container.get("state") or {}).get("waiting") or {}
        last = container.get("lastState", {}).get("terminated") or {}
        if waiting.get("reason") and waiting["reason"] != "ContainerCreating":
            ended = f" (last exit code {last['exitCode']})" if "exitCode" in last else ""
            said = f": {waiting['message']}" if "Image" in waiting["reason"] and waiting.get("message") else ""
            return f"{waiting['reason']}{ended}{said}"
    scheduled = conditions.get("PodScheduled", {})
    if scheduled.get("status") == "False":
        return f"{scheduled.get('reason', 'Unschedulable')}: {scheduled.get('message', '')}".rstrip(": ")
    if containers and all("running" in (c.get("state") or {}) for c in containers):
        return "runs, but its readiness probe fails"
    return ""


def _waits_for(containers: list[dict[str, Any]]) -> str:
    """The first waiting reason of a container, in the kubelet's word; empty where all run."""
    reasons = ((container.get("state") or {}).get("waiting") or {} for container in containers)
    return next((str(waiting["reason"]) for waiting in reasons if waiting.get("reason")), "")


def read_endpoint(item: dict[str, Any]) -> Endpoint:
    """One address of an EndpointSlice as a record."""
    conditions = item.get("conditions") or {}
    return Endpoint(
        pod=(item.get("targetRef") or {}).get("name", item["addresses"][0]),
        ready=conditions.get("ready", True),  # absent means ready, says the API's own description
    )


def read_live_service(item: dict[str, Any]) -> LiveService:
    """The live Service as a record. Since when it selects what it does, its field ownership tells: the time of an
    owner's entry moves when that owner changes one of its fields.
    """
    owners = item["metadata"].get("managedFields") or []
    times = [
        read_time(o["time"]) for o in owners if "f:selector" in o.get("fieldsV1", {}).get("f:spec", {}) and "time" in o
    ]
    return LiveService(
        selector=item["spec"].get("selector") or {},
        switched_at=max(times, default=None),
        annotations=item["metadata"].get("annotations") or {},
        version=item["metadata"].get("resourceVersion", ""),
        created=read_time(made) if (made := item["metadata"].get("creationTimestamp")) else None,
    )


def read_existing(kind: str, item: dict[str, Any]) -> Existing:
    """An object as a record of whose it is."""
    meta = item["metadata"]
    spec = (item.get("spec") or {}) if kind == "Service" else {}
    address, made = spec.get("clusterIP") or "", spec.get("type") or ""
    return Existing(
        kind,
        meta["name"],
        meta.get("labels") or {},
        meta.get("annotations") or {},
        spec.get("selector") or {},
        address,
        address if _engine_wrote(meta, "clusterIP") else "",
        made,
        made if _engine_wrote(meta, "type") else "",
        _outside(made, spec, item),
        service_ports.targets(spec),
    )


def _outside(service_type: str, spec: dict[str, Any], item: dict[str, Any]) -> tuple[str, ...]:
    """Where clients outside of the cluster find a Service: its load balancer, or its ports on every node."""
    if service_type == "LoadBalancer":
        balancers = ((item.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
        return tuple(one.get("ip") or one.get("hostname") or "" for one in balancers)
    ports = (spec.get("ports") or []) if service_type == "NodePort" else []
    return tuple(str(port["nodePort"]) for port in ports if port.get("nodePort"))


def _engine_wrote(meta: dict[str, Any], field: str) -> bool:
    """Whether the engine's provider owns that field of the spec: then it was in what it applied last."""
    return any(
        one.get("manager", "").startswith(ENGINE_MANAGER) and f"f:{field}" in one.get("fieldsV1", {}).get("f:spec", {})
        for one in meta.get("managedFields") or []
    )


def read_last_words(item: dict[str, Any]) -> str:
    """How the application's container of a pod ended, or why it does not start; empty where neither is known."""
    status = item.get("status") or {}
    for container in status.get("containerStatuses") or []:
        if container["name"] != CONTAINER:
            continue
        ended, waits = container["state"].get("terminated") or {}, container["state"].get("waiting") or {}
        if ended.get("exitCode"):
            said = last_words(ended.get("message") or "")
            return f"exit code {ended['exitCode']}" + (f", {said!r}" if said else "")
        if waits.get("reason") not in (None, "ContainerCreating"):
            return f"{waits['reason']}: {waits.get('message', '')}".rstrip(": ")
    conditions = {c["type"]: c for c in status.get("conditions") or []}
    return _problem(conditions, [])
