"""The API server's JSON of StatefulSets as the plain records that the gates judge."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from components.rules.facts import Workload
from components.rules.stateful_set import LiveSet
from contract.annotations import STACK

FAILED = "FailedCreate"


def partition_of(spec: Mapping[str, Any]) -> int:
    """The number of the first pod that an update of a StatefulSet reaches; 0 for a Deployment."""
    rolling = (spec.get("updateStrategy") or {}).get("rollingUpdate") or {}
    return int(rolling.get("partition") or 0)


def read_live_set(item: Mapping[str, Any]) -> LiveSet:
    """A StatefulSet as it stands."""
    meta = item["metadata"]
    return LiveSet(meta["name"], (meta.get("annotations") or {}).get(STACK), item["spec"])


def lacks_pods(item: Mapping[str, Any]) -> bool:
    """Whether fewer pods of a StatefulSet are there than it is to have."""
    return int((item.get("status") or {}).get("replicas", 0)) < int(item["spec"].get("replicas", 1))


def read_set(item: Mapping[str, Any], events: Iterable[Mapping[str, Any]], patience_seconds: float) -> Workload:
    """A StatefulSet as a workload. It has no condition that says why it cannot make a pod: the
    `events` of its controller do, which are younger than its last change.
    """
    meta, spec = item["metadata"], item["spec"]
    return Workload(
        kind="statefulsets",
        name=meta["name"],
        selector=spec["selector"].get("matchLabels") or {},
        replicas=spec.get("replicas", 1),
        stop_seconds=spec["template"]["spec"].get("terminationGracePeriodSeconds", 30),
        patience_seconds=patience_seconds,
        refused=_refused(events, _changed_at(meta)),
        generation=meta.get("generation", 0),
    )


def _refused(events: Iterable[Mapping[str, Any]], since: str) -> str:
    """The last event that tells why a pod, or a claim of one, could not be made. Times are compared as the API server
    writes them, all in UTC and in one form.
    """
    found = [
        (_at(one), str(one.get("message") or ""))
        for one in events
        if one.get("reason") == FAILED and one.get("type") == "Warning" and _at(one) >= since
    ]
    return f"{FAILED}: {max(found)[1]}" if found else ""


def _at(event: Mapping[str, Any]) -> str:
    series = event.get("series") or {}
    found = event.get("lastTimestamp") or series.get("lastObservedTime") or event.get("eventTime") or ""
    return _second(found)


def _changed_at(meta: Mapping[str, Any]) -> str:
    """When somebody last changed what is wanted of it: its field ownership tells."""
    owners = [one for one in meta.get("managedFields") or () if "f:spec" in (one.get("fieldsV1") or {})]
    times = [_second(one["time"]) for one in owners if one.get("time") and not one.get("subresource")]
    return max(times, default=_second(meta.get("creationTimestamp", "")))


def _second(text: str) -> str:
    """A time in whole seconds, as the API server writes most of them."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).strftime("%Y-%m-%dT%H:%M:%SZ") if text else ""
