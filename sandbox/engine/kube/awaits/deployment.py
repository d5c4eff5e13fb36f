"""Deployment: its newest ReplicaSet is ready, it is Available, and a rollout has reported its end.

ProgressDeadlineExceeded is only a reason, not an end: as in the real provider the wait goes on to its own timeout.
"""

from sandbox.engine.kube.awaits.base import Checker, Verdict, condition, holds, observed, pod_reasons
from sandbox.engine.kube.client import Object, Ref

_REVISION = "deployment.kubernetes.io/revision"


class DeploymentChecker(Checker):
    """Looks at the Deployment, then at the ReplicaSet of its revision, then at the claims its pods mount."""

    def look(self, live: Object) -> Verdict:
        """Judge the Deployment as it is now."""
        if not observed(live) or not _revision(live):
            return Verdict(False, "Waiting for the Deployment controller")
        replica_set = self._replica_set(live)
        wanted, ready = _counts(replica_set)
        if replica_set is None or ready < wanted:
            return Verdict(False, f"Waiting for app ReplicaSet to be available ({ready}/{wanted} Pods available)")
        if not holds(live, "Available"):
            return Verdict(False, "Waiting for the Deployment to be available")
        if _revision(live) != "1" and not _rolled_out(live):
            return Verdict(False, "Waiting for the rollout to complete")
        unbound = self._unbound(live)
        return Verdict(not unbound, f"Waiting for PersistentVolumeClaims {', '.join(unbound)}" if unbound else "")

    def reasons(self, live: Object) -> list[str]:
        """Conditions, counts, claims and pod errors of the newest ReplicaSet."""
        told = [
            f"[{one['reason']}] {one['message']}"
            for one in (condition(live, "Progressing"), condition(live, "Available"))
            if one.get("status") == "False" and one.get("reason") and one.get("message")
        ]
        replica_set = self._replica_set(live)
        wanted, ready = _counts(replica_set)
        if unbound := self._unbound(live):
            told.append(f"Failed to bind PersistentVolumeClaim(s): {', '.join(unbound)}")
        if not holds(live, "Available"):
            told.append("Minimum number of live Pods was not attained")
        elif _revision(live) != "1" and not _rolled_out(live):
            told.append("Minimum number of Pods to consider the application live was not attained")
        elif ready < wanted:
            told.append("Attempted to roll forward to new ReplicaSet, but minimum number of Pods did not become live")
        if replica_set is not None:
            selector = (replica_set.get("spec") or {}).get("selector")
            told += pod_reasons(self.owned("v1", "Pod", replica_set, selector))
        return told

    def _replica_set(self, live: Object) -> Object | None:
        found = self.owned("apps/v1", "ReplicaSet", live, live["spec"].get("selector"))
        return next((one for one in found if _revision(one) == _revision(live)), None)

    def _unbound(self, live: Object) -> list[str]:
        volumes = live["spec"]["template"]["spec"].get("volumes") or []
        names = [one["persistentVolumeClaim"]["claimName"] for one in volumes if one.get("persistentVolumeClaim")]
        claims = [(name, self.client.find(Ref("v1", "PersistentVolumeClaim", self.namespace, name))) for name in names]
        return [name for name, claim in claims if claim and (claim.get("status") or {}).get("phase") != "Bound"]


def _revision(obj: Object) -> str:
    return str((obj["metadata"].get("annotations") or {}).get(_REVISION) or "")


def _rolled_out(live: Object) -> bool:
    return holds(live, "Progressing") and condition(live, "Progressing").get("reason") == "NewReplicaSetAvailable"


def _counts(replica_set: Object | None) -> tuple[int, int]:
    if replica_set is None:
        return 1, 0
    # The ReplicaSet's own wish counts: somebody may have scaled the Deployment since.
    wanted = int(replica_set["spec"].get("replicas", 1))
    return wanted, int((replica_set.get("status") or {}).get("readyReplicas", 0))
