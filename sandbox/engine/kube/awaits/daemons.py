"""DaemonSet: the newest pods are there and available on every node that should have one."""

from sandbox.engine.kube.awaits.base import Checker, Verdict, observed, pod_reasons, status
from sandbox.engine.kube.client import Object

_COUNTS = ("currentNumberScheduled", "updatedNumberScheduled", "numberAvailable", "numberReady")


class DaemonSetChecker(Checker):
    """Looks at the counts in the status."""

    def look(self, live: Object) -> Verdict:
        """Judge the DaemonSet as it is now."""
        state = status(live)
        if not observed(live) or "desiredNumberScheduled" not in state:
            return Verdict(False, "Waiting for the DaemonSet controller")
        wanted = state["desiredNumberScheduled"]
        behind = next((key for key in _COUNTS if state.get(key, 0) < wanted), None)
        return Verdict(behind is None, f"{behind}: {state.get(behind, 0)}/{wanted}" if behind else "")

    def reasons(self, live: Object) -> list[str]:
        """Counts and pod errors."""
        verdict = self.look(live)
        told = [verdict.note] if verdict.note else []
        return told + pod_reasons(self.owned("v1", "Pod", live, live["spec"].get("selector")))
