"""Kinds whose readiness is one look at their own status."""

from sandbox.engine.kube.awaits.base import Checker, Verdict, pod_ready, pod_reasons, status
from sandbox.engine.kube.client import Object, Ref
from sandbox.engine.kube.errors import ApiError


class PodChecker(Checker):
    """A bare pod is ready, or has succeeded."""

    def look(self, live: Object) -> Verdict:
        """Judge the pod as it is now."""
        return Verdict(pod_ready(live), f'Waiting for Pod "{live["metadata"]["name"]}" to be ready')

    def reasons(self, live: Object) -> list[str]:
        """What the scheduler and the kubelet say."""
        return pod_reasons([live])


class VolumeChecker(Checker):
    """A volume is available or bound."""

    judged_on_read = False

    def look(self, live: Object) -> Verdict:
        """Judge the volume as it is now."""
        return Verdict(status(live).get("phase") in ("Available", "Bound"), "Waiting for the volume")


class ClaimChecker(Checker):
    """A claim is bound, or waits for its first consumer as its storage class says."""

    judged_on_read = False

    def look(self, live: Object) -> Verdict:
        """Judge the claim as it is now."""
        phase = status(live).get("phase")
        if phase == "Pending" and self._waits_for_consumer(live):
            return Verdict(True)
        return Verdict(phase == "Bound", "Waiting for the claim to be bound")

    def reasons(self, live: Object) -> list[str]:
        """The phase it is in."""
        return [f"status.phase currently at: {status(live).get('phase')}"]

    def _waits_for_consumer(self, live: Object) -> bool:
        name = live["spec"].get("storageClassName")
        if not name:
            return False
        try:
            found = self.client.find(Ref("storage.k8s.io/v1", "StorageClass", "", name))
        except ApiError:
            return False  # not allowed to look: then the claim has to be bound
        return bool(found and found.get("volumeBindingMode") == "WaitForFirstConsumer")


class ReplicasChecker(Checker):
    """A ReplicationController has all its pods ready."""

    def look(self, live: Object) -> Verdict:
        """Judge the controller as it is now."""
        wanted, ready = live["spec"].get("replicas", 1), status(live).get("readyReplicas", 0)
        return Verdict(ready >= wanted, f"Waiting for pods ({ready}/{wanted} ready)")


class IngressChecker(Checker):
    """An Ingress has an address."""

    judged_on_read = False

    def look(self, live: Object) -> Verdict:
        """Judge the Ingress as it is now."""
        found = (status(live).get("loadBalancer") or {}).get("ingress")
        return Verdict(bool(found), "Waiting for update of .status.loadBalancer with hostname/IP")

    def reasons(self, live: Object) -> list[str]:  # noqa: ARG002 - there is only one reason
        """What an Ingress usually lacks."""
        return ["Ingress .status.loadBalancer field was not updated with a hostname/IP address"]
