"""Service: its endpoints have not changed for ten seconds and none of them is unready.

No endpoint at all passes once that has settled, and the pods' labels do not matter: as in the real provider.
"""

import time

from sandbox.engine.kube.awaits.base import Checker, Verdict, status
from sandbox.engine.kube.client import Object

SETTLE_SECONDS = 10.0


class ServiceChecker(Checker):
    """Looks at the Service and at its EndpointSlices."""

    _seen: object = None
    _since = 0.0

    def look(self, live: Object) -> Verdict:
        """Judge the Service as it is now."""
        addressed = live["spec"].get("type") != "LoadBalancer" or bool(_ingress(live))
        if not _selects(live):
            return Verdict(addressed, "Attempting to allocate IP address to Service")
        endpoints = self._endpoints(live)
        if endpoints != self._seen:
            self._seen, self._since = endpoints, time.monotonic()
        settled = self.before is live or time.monotonic() - self._since >= SETTLE_SECONDS
        if not addressed and settled:
            return Verdict(False, "Attempting to allocate IP address to Service")
        pending = any(not ready for _, ready in endpoints)
        return Verdict(addressed and settled and not pending, "Finding Pods to direct traffic to")

    def reasons(self, live: Object) -> list[str]:
        """Missing endpoints and addresses."""
        told = []
        if _selects(live) and not any(ready for _, ready in self._endpoints(live)):
            told.append(
                "Service does not target any Pods. Selected Pods may not be ready, or "
                "field '.spec.selector' may not match labels on any Pods"
            )
        if live["spec"].get("type") == "LoadBalancer" and not _ingress(live):
            told.append("Service was not allocated an IP address; does your cloud provider support this?")
        return told

    def _endpoints(self, live: Object) -> list[tuple[str, bool]]:
        label = f"kubernetes.io/service-name={live['metadata']['name']}"
        slices = self.client.find_all("discovery.k8s.io/v1", "EndpointSlice", self.namespace, labelSelector=label)
        return sorted(
            (address, bool((endpoint.get("conditions") or {}).get("ready")))
            for one in slices
            for endpoint in one.get("endpoints") or []
            for address in endpoint.get("addresses") or []
        )


def _selects(live: Object) -> bool:
    spec = live["spec"]
    return bool(spec.get("selector")) and spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None"


def _ingress(live: Object) -> list[object]:
    return list((status(live).get("loadBalancer") or {}).get("ingress") or [])
