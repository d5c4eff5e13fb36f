"""The API server's JSON of workloads and Jobs as the plain records that the gates judge."""

from typing import Any

from components.cluster.readings import application
from components.cluster.set_readings import partition_of
from components.rules.attachment import ReplicaSet
from components.rules.facts import DEADLINE_SECONDS, HASH, Rollout, Workload
from components.rules.job_facts import JobFacts, State
from contract.labels import REVISION


def read_replica_set(item: dict[str, Any]) -> ReplicaSet:
    """One ReplicaSet as a record; or a StatefulSet, with the label of the pods of its template as it is now."""
    meta, status, template = item["metadata"], item.get("status") or {}, item["spec"]["template"]
    hashed = {HASH: status["updateRevision"]} if "updateRevision" in status else {}
    return ReplicaSet(
        name=meta["name"],
        labels={**(template["metadata"].get("labels") or {}), **hashed},
        seen=status.get("observedGeneration", 0) >= meta.get("generation", 0),
        pods=status.get("replicas", 0),
        fully_labeled=status.get("fullyLabeledReplicas", 0),
        image=application(template["metadata"], template["spec"]["containers"])["image"],
    )


def read_rollout(item: dict[str, Any]) -> Rollout:
    """A Deployment or StatefulSet as a record."""
    meta, spec, status = item["metadata"], item["spec"], item.get("status") or {}
    wanted, partition = spec.get("replicas", 1), partition_of(spec)
    seen = status.get("observedGeneration", 0) >= meta.get("generation", 0)
    counts = [status.get(key, 0) for key in ("availableReplicas", "replicas")]
    updated = status.get("updatedReplicas", 0)
    return Rollout(
        revision=(spec["template"]["metadata"].get("labels") or {}).get(REVISION, ""),
        complete=seen and counts == [wanted] * 2 and max(wanted - partition, 0) <= updated <= wanted,
        annotations=meta.get("annotations") or {},
        template=spec["template"],
        version=meta.get("resourceVersion", ""),
        generation=meta.get("generation", 0),
        hash=status.get("updateRevision", "") if seen else "",
        before=status.get("currentRevision", "") if seen else "",
        partition=partition,
    )


def newest_set(deployment: dict[str, Any], sets: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The ReplicaSet of a Deployment's template as it is now; None while there is none. What a Deployment itself says
    of failures may be of the template before.
    """
    meta, status = deployment["metadata"], deployment.get("status") or {}
    if status.get("observedGeneration", 0) < meta.get("generation", 0):
        return None

    def revision(of: dict[str, Any]) -> str | None:
        return (of.get("annotations") or {}).get("deployment.kubernetes.io/revision")

    own = (one for one in sets if any(o["name"] == meta["name"] for o in one["metadata"].get("ownerReferences") or []))
    return next((one for one in own if revision(one["metadata"]) == revision(meta)), None)


def read_workload(kind: str, item: dict[str, Any], replica_set: dict[str, Any] | None) -> Workload:
    """A Deployment, ReplicaSet or StatefulSet as a record; where it does not say, Kubernetes' own defaults.
    `replica_set` is what makes its pods now.
    """
    spec = item["spec"]
    return Workload(
        kind=kind,
        name=item["metadata"]["name"],
        selector=spec["selector"].get("matchLabels") or {},
        replicas=spec.get("replicas", 1),
        stop_seconds=spec["template"]["spec"].get("terminationGracePeriodSeconds", 30),
        patience_seconds=spec.get("progressDeadlineSeconds", DEADLINE_SECONDS),
        refused=_refused((replica_set or {}).get("status") or {}),
        generation=item["metadata"].get("generation", 0),
    )


def _refused(status: dict[str, Any]) -> str:
    """Why the controller of a ReplicaSet could not make a pod: a quota, a limit range, an admission."""
    for one in status.get("conditions") or []:
        if one.get("type") == "ReplicaFailure" and one.get("status") == "True":
            return ": ".join(part for part in (one.get("reason", ""), one.get("message", "")) if part)
    return ""


def read_job(item: dict[str, Any]) -> JobFacts:
    """A Job as a record: `waiting` where it is held back, `running` where its pods may be."""
    status = item.get("status") or {}
    true = {c["type"]: c for c in status.get("conditions") or [] if c.get("status") == "True"}
    failed = true.get("Failed", {})  # not FailureTarget: then its pods may still be at work
    state: State = "waiting" if item["spec"].get("suspend") else "running"
    if "Complete" in true:
        state = "done"
    elif failed:
        state = "failed"
    reason = ": ".join(failed[key] for key in ("reason", "message") if failed.get(key))
    meta = item["metadata"]
    return JobFacts(meta["name"], meta["uid"], state, reason, meta.get("annotations") or {})
