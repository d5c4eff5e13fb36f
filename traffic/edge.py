"""The gateway of the cells' cluster: where it leads, and its proxy and control plane in its administrator's hand."""

import time
from dataclasses import dataclass

from lightkube import Client
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import Pod

from sandbox.gateway import NAME, NAMESPACE, Address
from traffic.cells import Json, Router
from traffic.space import eventually

PROXY, ISTIOD = NAME, "istiod"  # the Deployments, and the label `app` of their pods


@dataclass(frozen=True)
class Edge:
    """Both."""

    client: Client

    def restart(self, name: str) -> None:
        """Have its pod replaced by a new one, as `kubectl rollout restart` does."""
        self._patch(name, {"template": {"metadata": {"annotations": {"restarted": str(time.time_ns())}}}})

    def scale(self, name: str, count: int) -> None:
        """Have so many pods, and return once the old ones are gone."""
        self._patch(name, {"replicas": count})
        if not count:
            eventually(f"the end of {name}", lambda: not self._pods(name))

    def kill(self, name: str) -> None:
        """Kill its pods without notice; others come in their place."""
        for pod in self._pods(name):
            if pod.metadata and pod.metadata.name:
                self.client.delete(Pod, pod.metadata.name, namespace=NAMESPACE, grace_period=0)

    def wait_for(self, name: str) -> None:
        """Wait until one pod is ready and no other is left."""

        def whole() -> bool:
            status = self.client.get(Deployment, name, namespace=NAMESPACE).status
            return bool(status and status.readyReplicas == 1) and len(self._pods(name)) == 1

        eventually(f"one pod of {name}", whole)

    def _pods(self, name: str) -> list[Pod]:
        return list(self.client.list(Pod, namespace=NAMESPACE, labels={"app": name}))

    def _patch(self, name: str, spec: dict[str, object]) -> None:
        self.client.patch(Deployment, name, {"spec": spec}, namespace=NAMESPACE)


def url_of(gateway: Address, router: Router) -> str:
    """Where the gateway listens for routes of this kind."""
    return gateway.gateway_api if router == "http_route" else gateway.istio


def route_by(gateway: Address, router: Router, host: str) -> Json:
    """The route of a service of its own, whose moves are seen in answers."""
    seen = {"hosts": [host], "address": f"{url_of(gateway, router)}/version"}
    if router == "http_route":
        return {"parents": [{"name": NAME, "namespace": NAMESPACE}], **seen}
    return {"gateways": [f"{NAMESPACE}/{NAME}"], **seen}
