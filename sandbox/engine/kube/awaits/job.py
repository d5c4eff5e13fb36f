"""Job: it has started and is Complete; one that failed ends the wait at once."""

from sandbox.engine.kube.awaits.base import Checker, Verdict, condition, holds, pod_reasons, status
from sandbox.engine.kube.client import Object


def complete(live: Object) -> bool:
    """Whether the Job has done its work."""
    return bool(status(live).get("startTime")) and holds(live, "Complete")


class JobChecker(Checker):
    """Looks at the conditions."""

    def look(self, live: Object) -> Verdict:
        """Judge the Job as it is now."""
        failed = condition(live, "Failed")
        if failed.get("status") == "True":
            name = live["metadata"]["name"]
            return Verdict(False, f"Resource '{name}' was created but failed to initialize", failed=True)
        if complete(live):
            return Verdict(True)
        counts = " | ".join(f"{key.title()}: {status(live).get(key, 0)}" for key in ("active", "succeeded", "failed"))
        return Verdict(False, f'Waiting for Job "{live["metadata"]["name"]}" to succeed ({counts})')

    def reasons(self, live: Object) -> list[str]:
        """Why it failed, and what its pods say."""
        failed = condition(live, "Failed")
        told = [f"[{failed.get('reason')}] {failed.get('message')}"] if failed.get("status") == "True" else []
        return told + pod_reasons(self.owned("v1", "Pod", live, live["spec"].get("selector")))
