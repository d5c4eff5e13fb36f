"""StatefulSet: every replica is ready and of the updated revision."""

from sandbox.engine.kube.awaits.base import Checker, Verdict, observed, pod_reasons, status
from sandbox.engine.kube.client import Object


class StatefulSetChecker(Checker):
    """Looks at the counts and revisions in the status."""

    def look(self, live: Object) -> Verdict:
        """Judge the StatefulSet as it is now."""
        if not observed(live):
            return Verdict(False, "Waiting for the StatefulSet controller")
        if not _replicas_ready(live):
            done = status(live).get("readyReplicas", 0)
            return Verdict(False, f"Waiting for StatefulSet update to roll out ({done}/{_wanted(live)} Pods ready)")
        if not _revision_ready(live):
            return Verdict(False, "Waiting for StatefulSet to update .status.currentRevision")
        return Verdict(True)

    def reasons(self, live: Object) -> list[str]:
        """Counts, revisions and pod errors."""
        state, told = status(live), []
        if not observed(live) or not _replicas_ready(live):
            done = state.get("readyReplicas", 0)
            if not _revision_ready(live):
                done = min(done, state.get("updatedReplicas", 0))
            told.append(f"{done} out of {_wanted(live)} replicas succeeded readiness checks")
        if not _revision_ready(live):
            told.append(
                f'StatefulSet controller failed to advance from revision "{state.get("currentRevision", "")}" '
                f'to revision "{state.get("updateRevision", "")}"'
            )
        return told + pod_reasons(self.owned("v1", "Pod", live, live["spec"].get("selector")))


def _wanted(live: Object) -> int:
    return int(live["spec"].get("replicas", 1))


def _by_hand(live: Object) -> bool:
    strategy = (live["spec"].get("updateStrategy") or {}).get("type")
    return strategy == "OnDelete" and live["metadata"].get("generation", 0) > 1


def _replicas_ready(live: Object) -> bool:
    keys = ("replicas", "readyReplicas") if _by_hand(live) else ("replicas", "readyReplicas", "currentReplicas")
    return all(status(live).get(key, 0) == _wanted(live) for key in keys)


def _revision_ready(live: Object) -> bool:
    current = status(live).get("currentRevision")
    return _by_hand(live) or (bool(current) and current == status(live).get("updateRevision"))
