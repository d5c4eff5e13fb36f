"""The cluster of the demo: its namespace, and the few facts that the demo asks of it."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from lightkube import ApiError, Client, KubeConfig
from lightkube.core.exceptions import ConfigError
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apps_v1 import Deployment, ReplicaSet
from lightkube.resources.core_v1 import Namespace, Pod, Service

from demo.errors import DemoError
from sandbox.cluster import Cluster

NAMESPACE = "shop"
OURS = {"app.kubernetes.io/created-by": "cutover-demo"}

_GONE_SECONDS = 90.0
_POLL_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True)
class DemoCluster:
    """A cluster that can be reached, and what the engine needs to reach it too."""

    name: str
    client: Client
    environment: Mapping[str, str]
    context: str | None = None  # named by the reader; None for the sandbox
    has_traffic: bool = True  # whether pods answer requests
    flush: Callable[[], None] = lambda: None  # forget connections of earlier runs that never opened

    def check(self) -> None:
        """Raises DemoError if the API server does not answer."""
        try:
            self.client.get(Namespace, "default")
        except (ApiError, httpx2.HTTPError) as error:
            raise DemoError(
                f"the API server of {self.name} does not answer as it should: {error}. Nothing can be deployed there; "
                "look at `kubectl get --raw /readyz` with the same kubeconfig and context."
            ) from error

    def prepare(self, say: Callable[[str], None]) -> None:
        """An empty namespace. One that is there is deleted where it is the sandbox's or the demo's own; raises
        DemoError where it is the reader's.
        """
        try:
            found = self.client.get(Namespace, NAMESPACE)
        except ApiError as error:
            if error.status.code != 404:
                raise
        else:
            labels = (found.metadata.labels if found.metadata else None) or {}
            if self.context and not labels.items() >= OURS.items():
                raise DemoError(
                    f"{self.name} has a namespace {NAMESPACE!r} that this demo did not make, and would delete. "
                    f"Run it against another cluster, or remove it yourself: "
                    f"kubectl --context {self.context} delete namespace {NAMESPACE}"
                )
            say(f"deleting the namespace {NAMESPACE} that was left over")
            self.remove()
            self._wait_until_gone()
        self.client.create(Namespace(metadata=ObjectMeta(name=NAMESPACE, labels=OURS)))

    def remove(self) -> None:
        """Delete the namespace; it is gone some seconds later.

        Its pods go first and at once: with pods that take their time the namespace controller looks again after
        half of their grace period only.
        """
        for workload in (Deployment, ReplicaSet):
            self.client.deletecollection(workload, namespace=NAMESPACE)
        self.client.deletecollection(Pod, namespace=NAMESPACE, grace_period=0)
        self.client.delete(Namespace, NAMESPACE)

    def _wait_until_gone(self) -> None:
        end = time.monotonic() + _GONE_SECONDS
        while time.monotonic() < end:
            try:
                self.client.get(Namespace, NAMESPACE)
            except ApiError as error:
                if error.status.code == 404:
                    return
                raise
            time.sleep(_POLL_SECONDS)
        raise DemoError(
            f"the namespace {NAMESPACE} is still there {_GONE_SECONDS:.0f} s after it was deleted; something in it "
            f"does not end. `kubectl get all -n {NAMESPACE}` shows what; then run the demo again."
        )

    def address(self, service: str) -> str:
        """`http://` and the ClusterIP and port of a Service."""
        spec = self.client.get(Service, service, namespace=NAMESPACE).spec
        if spec is None or not spec.clusterIP or not spec.ports:
            raise DemoError(f"the Service {service} in {NAMESPACE} has no ClusterIP, so no traffic can be sent to it.")
        host = f"[{spec.clusterIP}]" if ":" in spec.clusterIP else spec.clusterIP
        return f"http://{host}:{spec.ports[0].port}"

    def service_spec(self, service: str) -> Mapping[str, Any]:
        """What the Service is to do, without the notes on it: a gate writes down there what it refused."""
        spec = self.client.get(Service, service, namespace=NAMESPACE).spec
        return spec.to_dict() if spec else {}

    def wait_for_leavers(self, limit_seconds: float) -> bool:
        """Whether all pods that are stopping are gone within `limit_seconds`."""
        end = time.monotonic() + limit_seconds
        while any(
            pod.metadata and pod.metadata.deletionTimestamp for pod in self.client.list(Pod, namespace=NAMESPACE)
        ):
            if time.monotonic() > end:
                return False
            time.sleep(_POLL_SECONDS)
        return True


def named(context: str) -> DemoCluster:
    """The cluster of a context in the reader's own kubeconfig; raises DemoError where it cannot be reached."""
    listed = [part for part in os.environ.get("KUBECONFIG", "").split(os.pathsep) if part]
    path = Path(next((part for part in listed if Path(part).is_file()), "~/.kube/config")).expanduser()
    try:
        config = KubeConfig.from_file(path).get(context)
    except ConfigError as error:
        raise DemoError(
            f"{path} has no usable context {context!r}: {error}. `kubectl config get-contexts` lists them."
        ) from error
    found = DemoCluster(
        name=f"context {context} of {path}", client=Client(config=config), environment={}, context=context
    )
    found.check()
    return found


def sandbox(report: Callable[[str], None]) -> DemoCluster:
    """The sandbox's cluster, started where it is not up; raises SandboxError where it cannot be."""
    cluster = Cluster(report=report)
    state = cluster.up()
    found = DemoCluster(
        name=f"the sandbox {cluster.name}, Kubernetes {state.kubernetes}, {state.node_kind}",
        client=Client(config=KubeConfig.from_file(cluster.kubeconfig).get(), trust_env=False),
        environment={"KUBECONFIG": str(cluster.kubeconfig)},
        has_traffic=state.traffic,
        flush=cluster.flush_conntrack,
    )
    found.check()
    return found
