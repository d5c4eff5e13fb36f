"""The lists of one namespace, sorted by service: live Services, workloads and pods as the judging needs them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cutover.observe.names import COLOR, COMPLETED, COMPONENT, CONTAINER, INSTANCE, ORIGIN, REVISION, VERSION
from cutover.observe.pods import read_pod, read_time
from cutover.observe.records import PodStatus

Json = dict[str, Any]


@dataclass(frozen=True)
class LiveService:
    """What takes a service's traffic: what it selects, since when, and the last cutover that was completed."""

    selector: Mapping[str, str]
    since: datetime | None
    completed: str | None


@dataclass(frozen=True)
class Workload:
    """A Deployment or ReplicaSet of one release. `wanted` pods are asked for; `rolled` tells that no rollout runs."""

    name: str
    color: str | None
    revision: str
    version: str
    image: str
    wanted: int
    rolled: bool
    created: datetime
    origin: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Facts:
    """What the cluster has of one service."""

    live: LiveService | None = None
    workloads: list[Workload] = field(default_factory=list)
    pods: dict[str | None, list[PodStatus]] = field(default_factory=dict)  # by color


def gather(
    services: Iterable[Json], workloads: Iterable[Json], pods: Iterable[Json], now: datetime
) -> dict[str, Facts]:
    """The facts by service. Smoke jobs' pods and what has no instance label are left out."""
    found: dict[str, Facts] = {}
    for item in services:
        labels = _labels(item)
        if labels.get(COMPONENT) == "live":
            found.setdefault(labels[INSTANCE], Facts()).live = _live_service(item)
    for item in workloads:
        labels = _labels(item)
        if labels.get(COMPONENT) == "workload" and not item["metadata"].get("ownerReferences"):
            found.setdefault(labels[INSTANCE], Facts()).workloads.append(_workload(item))
    for item in pods:
        labels = _labels(item)
        if labels.get(COMPONENT) == "workload":
            facts = found.setdefault(labels[INSTANCE], Facts())
            facts.pods.setdefault(labels.get(COLOR), []).append(read_pod(item, now))
    return found


def _labels(item: Json) -> dict[str, str]:
    return item["metadata"].get("labels") or {}


def _live_service(item: Json) -> LiveService:
    """The time of a field owner's entry moves when that owner changes one of its fields: since then it selects this."""
    meta = item["metadata"]
    owners = [o for o in meta.get("managedFields") or [] if "f:selector" in o.get("fieldsV1", {}).get("f:spec", {})]
    times = [read_time(owner["time"]) for owner in owners if "time" in owner]
    return LiveService(
        selector=item["spec"].get("selector") or {},
        since=max(times, default=None),
        completed=(meta.get("annotations") or {}).get(COMPLETED),
    )


def _workload(item: Json) -> Workload:
    meta, spec, status = item["metadata"], item["spec"], item.get("status") or {}
    template = spec["template"]
    labels = template["metadata"].get("labels") or {}
    wanted, found = spec.get("replicas", 1), meta.get("annotations") or {}
    # A ReplicaSet has no rollout: its pods are of one template.
    updated = status.get("updatedReplicas", 0) if "strategy" in spec else wanted
    observed = status.get("observedGeneration", 0) >= meta.get("generation", 0)
    return Workload(
        name=meta["name"],
        color=labels.get(COLOR),
        revision=labels.get(REVISION, ""),
        version=labels.get(VERSION, ""),
        image=next((c["image"] for c in template["spec"]["containers"] if c["name"] == CONTAINER), ""),
        wanted=wanted,
        rolled=observed and updated >= wanted and status.get("replicas", 0) <= max(wanted, updated),
        created=read_time(meta["creationTimestamp"]),
        origin={said: found[key] for key, said in ORIGIN.items() if key in found},
    )
