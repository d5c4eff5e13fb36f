"""The lists of one namespace, sorted by service: live Services, workloads and pods as the judging needs them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from contract.annotations import COMPLETED, DETACHED, DRAINING, IMAGE_ID, NO_ROLLBACK_PAST, ROUTED, SWITCHED
from contract.both_colors import sends_to_both, serving, switched_at
from contract.labels import ATTACHED, COLOR, COMPONENT, CONTAINER, INSTANCE, LIVE, RELEASE, REVISION, VERSION
from contract.ownership import TRAFFIC_ROLES
from contract.refusal import Refusal, read_refusal
from contract.releases import runs_release
from contract.served import ids_served, never_served
from cutover.observe.jobs import Done, JobFacts, read_done, read_jobs
from cutover.observe.pods import over, read_pod, read_time
from cutover.observe.records import PodStatus
from cutover.strategies.releases import ORIGIN, read_release

Json = dict[str, Any]


_TO_MAKE = timedelta(seconds=2)  # times are of whole seconds


@dataclass(frozen=True)
class LiveService:
    """The live Service: what it selects, since when, and the last cutover that was completed.

    `color` and `revision` are what serves: by the selector, or by the pods where it selects what is attached.
    `attached` is then every color and revision that is. `done` are the releases that had their Jobs, `barrier` the one
    (version and build) past which nobody may roll back, `limit` as it is written there: it may name none. `routed` are
    the shares that were seen last in its route, `served` the ids of the releases whose cutover was carried to its end.
    `shared`: it selects the pods of both colors, as in a canary by replicas.
    """

    selector: Mapping[str, str]
    since: datetime | None
    completed: str | None
    color: str | None = None
    revision: str | None = None
    attached: frozenset[tuple[str, str]] = frozenset()
    done: Done = field(default=Done())
    barrier: Mapping[str, Any] | None = None
    limit: str | None = None
    refusal: Refusal | None = None
    created: datetime | None = None
    routed: str | None = None
    served: frozenset[str] = frozenset()
    shared: bool = False

    def has_left(self, other: "Workload") -> bool:
        """Whether a workload that does not serve did so before the last switch: it is older, and no note says that it
        never did. A Service that selects what it did when it was made has left nobody, also where it took the place of
        one that was deleted.
        """
        if self.is_complete and never_served(other.revision, self.served, self.refusal):
            return False
        if self.since is None:
            return True
        made_so = self.created is not None and self.since - self.created <= _TO_MAKE
        return not made_so and other.created < self.since

    @property
    def is_complete(self) -> bool:
        """Whether it notes what it sends to as complete."""
        return self.completed is not None and self.completed == self.revision

    @property
    def by_label(self) -> bool:
        """Whether it selects what is attached to it (`cutover: labels`)."""
        return LIVE in self.selector


@dataclass(frozen=True)
class Workload:
    """A Deployment, ReplicaSet or StatefulSet of one release. `wanted` pods are asked for; `rolled`: no rollout runs.

    With `cutover: labels`, `attached` tells whether its new pods are born live, `detached` that it took traffic before.
    A rolling app's has the notes that a live Service has of two colors.
    """

    name: str
    color: str | None
    revision: str
    version: str
    image: str
    wanted: int
    rolled: bool
    created: datetime
    origin: Mapping[str, str] = field(default_factory=dict)
    attached: bool = False
    detached: bool = False
    image_ids: tuple[str, ...] = ()  # as it was noted on it
    done: Done = field(default=Done())
    barrier: Mapping[str, Any] | None = None
    limit: str | None = None
    stuck: str = ""  # why its controller gets no further, in the cluster's own words
    own_notes: bool = True  # whether the notes on it are of its release
    partition: int = 0  # pods of a StatefulSet that stay on the release before
    detached_at: datetime | None = None


@dataclass
class Facts:
    """The objects of one service in the cluster."""

    live: LiveService | None = None
    workloads: list[Workload] = field(default_factory=list)
    pods: dict[str | None, list[PodStatus]] = field(default_factory=dict)  # by color
    jobs: list[JobFacts] = field(default_factory=list)


def gather(
    services: Iterable[Json],
    workloads: Iterable[Json],
    pods: Iterable[Json],
    now: datetime,
    jobs: Iterable[Json] = (),
) -> dict[str, Facts]:
    """The facts by service. Smoke jobs' pods and what has no instance label are left out."""
    found = {service: Facts(jobs=listed) for service, listed in read_jobs(jobs).items()}
    attached: dict[str, set[tuple[str, str]]] = {}
    for item in services:
        labels = _labels(item)
        if labels.get(COMPONENT) in TRAFFIC_ROLES:
            found.setdefault(labels[INSTANCE], Facts()).live = _live_service(item)
    for item in workloads:
        labels = _labels(item)
        if labels.get(COMPONENT) == "workload" and not item["metadata"].get("ownerReferences"):
            found.setdefault(labels[INSTANCE], Facts()).workloads.append(_workload(item))
    for item in pods:
        labels = _labels(item)
        if labels.get(COMPONENT) == "workload" and not over(item):
            facts = found.setdefault(labels[INSTANCE], Facts())
            pod = read_pod(item, now)
            facts.pods.setdefault(labels.get(COLOR), []).append(pod)
            if pod.attached:
                attached.setdefault(labels[INSTANCE], set()).add((labels.get(COLOR, ""), pod.revision))
    for name, facts in found.items():
        if facts.live and facts.live.by_label:
            facts.live = _served_by(facts.live, attached.get(name, set()))
    return found


def _served_by(live: LiveService, attached: set[tuple[str, str]]) -> LiveService:
    """The pods tell. While several revisions are attached, or none is, the last cutover's note on the Service does."""
    noted = (live.color or "", live.revision or "")
    color, revision = noted if noted in attached or not attached else min(attached)
    return replace(live, color=color or None, revision=revision or None, attached=frozenset(attached))


def _labels(item: Json) -> dict[str, str]:
    return item["metadata"].get("labels") or {}


def _live_service(item: Json) -> LiveService:
    """The time of a field owner's entry moves when that owner changes one of its fields: since then it selects this."""
    meta = item["metadata"]
    owners = [o for o in meta.get("managedFields") or [] if "f:selector" in o.get("fieldsV1", {}).get("f:spec", {})]
    times = [read_time(owner["time"]) for owner in owners if "time" in owner]
    selector, notes = item["spec"].get("selector") or {}, meta.get("annotations") or {}
    color, revision = serving(selector, notes)
    return LiveService(
        selector=selector,
        since=switched_at(selector, notes, notes.get(SWITCHED, "")) or max(times, default=None),
        completed=None if DRAINING in notes else notes.get(COMPLETED),
        color=color or None,
        revision=revision or None,
        done=read_done(notes),
        barrier=read_release(notes.get(NO_ROLLBACK_PAST)),
        limit=notes.get(NO_ROLLBACK_PAST),
        refusal=read_refusal(notes),
        created=read_time(meta["creationTimestamp"]) if "creationTimestamp" in meta else None,
        routed=notes.get(ROUTED),
        served=ids_served(notes),
        shared=sends_to_both(selector),
    )


def _stuck(status: Json) -> str:
    """Past its deadline, or refused its pods (a quota, an admission)."""
    for one in status.get("conditions") or []:
        late = one.get("type") == "Progressing" and one.get("status") == "False"
        if late or (one.get("type") == "ReplicaFailure" and one.get("status") == "True"):
            return " ".join(f"{one.get('reason', '')}: {one.get('message', '')}".split()).strip(": ")
    return ""


def _workload(item: Json) -> Workload:
    meta, spec, status = item["metadata"], item["spec"], item.get("status") or {}
    template = spec["template"]
    labels = template["metadata"].get("labels") or {}
    wanted, found = spec.get("replicas", 1), meta.get("annotations") or {}
    # A ReplicaSet has no rollout: its pods are of one template.
    updated = status.get("updatedReplicas", 0) if {"strategy", "updateStrategy"} & spec.keys() else wanted
    partition = _partition(spec)
    noted, revision = found.get(RELEASE, ""), labels.get(REVISION, "")
    # An update that was broken off leaves the notes of the release before: they tell nothing of this one.
    own = not noted or runs_release(revision, noted)
    told = found if own else {}
    observed = status.get("observedGeneration", 0) >= meta.get("generation", 0)
    return Workload(
        name=meta["name"],
        color=labels.get(COLOR),
        revision=revision,
        version=labels.get(VERSION, ""),
        image=next((c["image"] for c in template["spec"]["containers"] if c["name"] == CONTAINER), ""),
        wanted=wanted,
        rolled=observed and updated >= wanted - partition and status.get("replicas", 0) <= max(wanted, updated),
        created=read_time(meta["creationTimestamp"]),
        origin={said: told[key] for key, said in ORIGIN.items() if key in told},
        attached=labels.get(LIVE) == ATTACHED,
        detached=DETACHED in found,
        image_ids=tuple(filter(None, told.get(IMAGE_ID, "").split(", "))),
        done=read_done(found),
        barrier=read_release(found.get(NO_ROLLBACK_PAST)),
        limit=found.get(NO_ROLLBACK_PAST),
        stuck=_stuck(status),
        own_notes=own,
        partition=partition,
        detached_at=_noted_time(found.get(DETACHED, "")),
    )


def _noted_time(text: str) -> datetime | None:
    """A time in a note; None where it is none."""
    try:
        found = read_time(text)
    except ValueError:
        return None
    return found


def _partition(spec: Json) -> int:
    """How many pods of a StatefulSet stay on the release before."""
    return int(((spec.get("updateStrategy") or {}).get("rollingUpdate") or {}).get("partition") or 0)
