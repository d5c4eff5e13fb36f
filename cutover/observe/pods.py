"""One pod of the API server as a record, with the most telling reason why it is not ready."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from contract.images import plain_id
from contract.labels import ATTACHED, CONTAINER, LIVE, REVISION, VERSION
from contract.roles import role_noted
from cutover.observe.records import TERMINATING, PodStatus

Json = dict[str, Any]


def read_pod(item: Json, now: datetime) -> PodStatus:
    """The pod as it was at `now`."""
    meta, status = item["metadata"], item.get("status") or {}
    labels = meta.get("labels") or {}
    conditions = {c["type"]: c for c in status.get("conditions") or []}
    terminating, ready = "deletionTimestamp" in meta, is_ready(item)
    return PodStatus(
        name=meta["name"],
        ready=ready,
        reason="" if ready else TERMINATING if terminating else _reason(status, conditions),
        restarts=sum(container.get("restartCount", 0) for container in _containers(status)),
        age_seconds=max(0.0, (now - read_time(meta["creationTimestamp"])).total_seconds()),
        revision=labels.get(REVISION, ""),
        attached=labels.get(LIVE) == ATTACHED and not terminating,
        image=_of_app((item.get("spec") or {}).get("containers"), "image"),
        image_id=plain_id(_of_app(status.get("containerStatuses"), "imageID")),
        version=labels.get(VERSION, ""),
        unready_seconds=0.0 if ready or terminating else _since(conditions.get("Ready", {}), now),
        created=read_time(meta["creationTimestamp"]),
        role=role_noted(meta),
    )


def is_ready(item: Json) -> bool:
    """Whether a pod is ready for requests and not on its way out."""
    conditions = (item.get("status") or {}).get("conditions") or []
    ready = any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)
    return ready and "deletionTimestamp" not in item["metadata"]


def over(item: Json) -> bool:
    """Whether a pod has ended for good (an evicted one has): it serves nothing and is waited for by nobody."""
    return (item.get("status") or {}).get("phase") in ("Failed", "Succeeded")


def _since(condition: Json, now: datetime) -> float:
    at = condition.get("lastTransitionTime")
    return max(0.0, (now - read_time(at)).total_seconds()) if at else 0.0


def read_time(text: str) -> datetime:
    """A time of the API server."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


def _of_app(containers: list[Json] | None, key: str) -> str:
    return next((str(each.get(key, "")) for each in containers or [] if each.get("name") == CONTAINER), "")


def _containers(status: Json) -> Iterator[Json]:
    yield from status.get("initContainerStatuses") or []
    yield from status.get("containerStatuses") or []


def _reason(status: Json, conditions: dict[str, Json]) -> str:
    for container in _containers(status):
        state = container.get("state") or {}
        waiting, ended = state.get("waiting") or {}, state.get("terminated") or {}
        last = (container.get("lastState") or {}).get("terminated") or ended
        if waiting.get("reason") and waiting["reason"] not in ("ContainerCreating", "PodInitializing"):
            code = f" (last exit code {last['exitCode']})" if "exitCode" in last else ""
            return f"{waiting['reason']}{code}"
        if ended.get("exitCode"):
            return f"{ended.get('reason', 'Error')} (exit code {ended['exitCode']})"
    scheduled = conditions.get("PodScheduled", {})
    if scheduled.get("status") == "False":
        return f"{scheduled.get('reason', 'Unschedulable')}: {scheduled.get('message', '')}".rstrip(": ")
    if status.get("reason"):  # Evicted, NodeLost
        return str(status["reason"])
    containers = status.get("containerStatuses") or []
    if containers and all("running" in (container.get("state") or {}) for container in containers):
        for container in containers:
            if last := (container.get("lastState") or {}).get("terminated"):
                return f"restarted after {last.get('reason', 'Error')} (exit code {last.get('exitCode')})"
        return "runs, its readiness probe does not pass"
    return "starting"
