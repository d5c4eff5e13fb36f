"""A namespace of a stage's own: what the cells ask of the cluster and do to it by hand, as an administrator."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import httpx2
from lightkube import ApiError, Client
from lightkube.generic_resource import create_namespaced_resource
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apps_v1 import Deployment, ReplicaSet
from lightkube.resources.core_v1 import Namespace, Pod, Service
from lightkube.types import PatchType

from traffic.apps import SERVICE
from traffic.cells import Router
from traffic.errors import TrafficError

T = TypeVar("T")
_HTTP_ROUTE = create_namespaced_resource("gateway.networking.k8s.io", "v1", "HTTPRoute", "httproutes")
_VIRTUAL_SERVICE = create_namespaced_resource("networking.istio.io", "v1", "VirtualService", "virtualservices")

INSTANCE = "app.kubernetes.io/instance"
COMPONENT = "app.kubernetes.io/component"
COLOR = "cutover.dev/color"
LIVE = "cutover.dev/live"
COMPLETED = "cutover.dev/completed"
REFUSED = "cutover.dev/refused"
POLL_SECONDS = 0.1
PATIENCE_SECONDS = 90.0  # of waits that end with an error; never a measure of how fast something has to be


def eventually(what: str, look: Callable[[], T | None], limit_seconds: float = PATIENCE_SECONDS) -> T:
    """What `look` finds, as soon as it finds something; raises TrafficError where it never does."""
    end = time.monotonic() + limit_seconds
    while not (found := look()):
        if time.monotonic() > end:
            raise TrafficError(f"waited {limit_seconds:.0f} s in vain for {what}")
        time.sleep(POLL_SECONDS)
    return found


@dataclass(frozen=True)
class PodView:
    """One pod."""

    name: str
    uid: str
    address: str
    color: str
    image: str
    ready: bool
    leaving: bool
    restarts: int = 0


@dataclass(frozen=True)
class Space:
    """One namespace."""

    client: Client
    name: str

    def create(self) -> None:
        """Make it, empty; what an earlier run left is removed first."""
        try:
            self.client.get(Namespace, self.name)
        except ApiError as error:
            if error.status.code != 404:
                raise
        else:
            self.remove()
            eventually(f"the end of an old namespace {self.name}", lambda: not self._exists())
        self.client.create(Namespace(metadata=ObjectMeta(name=self.name)))

    def make(self, workloads: Iterable[dict[str, Any]], service: dict[str, Any] | None = None) -> None:
        """Create Deployments, and a Service, from plain manifests."""
        for manifest in workloads:
            self.client.create(cast(Deployment, Deployment.from_dict(manifest)), namespace=self.name)
        if service:
            self.client.create(cast(Service, Service.from_dict(service)), namespace=self.name)

    def remove(self) -> None:
        """Delete it; pods go at once, so that nothing waits for their grace."""
        for workload in (Deployment, ReplicaSet):
            self.client.deletecollection(workload, namespace=self.name)
        self.client.deletecollection(Pod, namespace=self.name, grace_period=0)
        self.client.delete(Namespace, self.name)

    def _exists(self) -> bool:
        try:
            self.client.get(Namespace, self.name)
        except ApiError as error:
            if error.status.code == 404:
                return False
            raise
        return True

    def live(self, service: str = SERVICE) -> Service:
        """The live Service."""
        return self.client.get(Service, service, namespace=self.name)

    def url(self, service: str = SERVICE) -> str:
        """`http://` and the ClusterIP and port of a Service."""
        return self.urls(1, service)[0]

    def urls(self, ports: int, service: str = SERVICE) -> list[str]:
        """The same for each of its first ports."""
        spec = self.live(service).spec
        if spec is None or not spec.clusterIP or len(spec.ports or ()) < ports:
            raise TrafficError(f"the Service {service} has no ClusterIP, or fewer than {ports} ports")
        return [f"http://{spec.clusterIP}:{one.port}" for one in (spec.ports or [])[:ports]]

    def selector(self, service: str = SERVICE) -> dict[str, str]:
        """What a Service selects."""
        spec = self.live(service).spec
        return dict(spec.selector or {}) if spec else {}

    def live_color(self) -> str:
        """The color that the live Service selects; where it selects by label, the one whose pods are attached."""
        selector = self.selector()
        attached = self.attached() if LIVE in selector else set()
        return next(iter(attached)) if len(attached) == 1 else selector.get(COLOR, "")

    def attached(self) -> set[str]:
        """The colors of the pods that carry the label of a cutover by labels."""
        pods = self.client.list(Pod, namespace=self.name, labels={INSTANCE: SERVICE, LIVE: "true"})
        return {view.color for view in map(_view, pods) if not view.leaving}

    def beside(self, color: str) -> int:
        """How many pods of a color the live Service selects, whatever by."""
        pods = self.client.list(Pod, namespace=self.name, labels=dict(self.selector()))
        return sum(view.color == color and not view.leaving for view in map(_view, pods))

    def gate_passed(self) -> bool:
        """Whether the gate before the switch has taken note that a cutover is under way (its last act)."""
        metadata = self.live().metadata
        return COMPLETED not in ((metadata.annotations if metadata else None) or {})

    def weight(self, color: str, router: Router) -> int:
        """The weight of a color in the service's route."""
        if router == "http_route":
            rule = self.client.get(_HTTP_ROUTE, SERVICE, namespace=self.name)["spec"]["rules"][0]
            found = {one["name"]: one["weight"] for one in rule["backendRefs"]}
        else:
            entry = self.client.get(_VIRTUAL_SERVICE, SERVICE, namespace=self.name)["spec"]["http"][0]
            found = {one["destination"]["host"].partition(".")[0]: one.get("weight", 0) for one in entry["route"]}
        return int(found[f"{SERVICE}-{color}"])

    def patch_live(self, body: dict[str, Any]) -> None:
        """A merge patch by hand, as kubectl would send it."""
        self.client.patch(
            Service, SERVICE, body, namespace=self.name, patch_type=PatchType.MERGE, field_manager="kubectl-patch"
        )

    def pods(self, color: str | None = None) -> list[PodView]:
        """The pods of the service, or of one color of it, leaving ones included."""
        labels = {INSTANCE: SERVICE} | ({COLOR: color} if color else {})
        return [_view(pod) for pod in self.client.list(Pod, namespace=self.name, labels=dict(labels))]

    def uids(self, labels: dict[str, str]) -> set[str]:
        """Of the pods with these labels, leaving ones included."""
        return {_view(pod).uid for pod in self.client.list(Pod, namespace=self.name, labels=dict(labels))}

    def staying(self, color: str | None = None) -> list[PodView]:
        """Those that are not on their way out."""
        return [pod for pod in self.pods(color) if not pod.leaving]

    def scale(self, color: str, count: int) -> None:
        """Give the workload of a color another number of pods, as an autoscaler would."""
        labels = {INSTANCE: SERVICE, COLOR: color, COMPONENT: "workload"}
        body = {"spec": {"replicas": count}}
        for deployment in self.client.list(Deployment, namespace=self.name, labels=dict(labels)):
            self.client.patch(Deployment, _own_name(deployment.metadata), body, namespace=self.name)
        for replica_set in self.client.list(ReplicaSet, namespace=self.name, labels=dict(labels)):
            if replica_set.metadata and not replica_set.metadata.ownerReferences:
                self.client.patch(ReplicaSet, _own_name(replica_set.metadata), body, namespace=self.name)

    def end_pod(self, pod: PodView, grace_seconds: int | None = None) -> None:
        """Delete one pod; with 0 seconds it is killed."""
        self.client.delete(Pod, pod.name, namespace=self.name, grace_period=grace_seconds)

    def wait_for_leavers(self, limit_seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until all pods that are stopping are gone, whatever they are of."""

        def gone() -> bool:
            return not any(_view(pod).leaving for pod in self.client.list(Pod, namespace=self.name))

        eventually("the last stopping pod to be gone", gone, limit_seconds)

    def wait_available(self, deployment: str, count: int) -> None:
        """Wait until a Deployment has so many pods that are available."""

        def available() -> bool:
            status = self.client.get(Deployment, deployment, namespace=self.name).status
            return bool(status and status.availableReplicas == count)

        eventually(f"{count} pods of the Deployment {deployment}", available)

    def wait_ready(self, color: str | None, count: int) -> None:
        """Wait until a color, or the whole service, has so many pods and all are ready."""

        def ready() -> bool:
            found = self.staying(color)
            return len(found) == count and all(pod.ready for pod in found)

        eventually(f"{count} ready pods of {color or SERVICE}", ready)


def set_readiness(pod: PodView, *, ready: bool) -> None:
    """Let the pod's `/readyz` say so, past the Service and the API server."""
    word = "enable" if ready else "disable"
    httpx2.post(f"http://{pod.address}:9898/readyz/{word}", timeout=5, trust_env=False).raise_for_status()


def _own_name(metadata: ObjectMeta | None) -> str:
    if metadata is None or not metadata.name:
        raise TrafficError("the API server named an object without metadata")
    return metadata.name


def _view(pod: Pod) -> PodView:
    metadata, spec, status = pod.metadata, pod.spec, pod.status
    if metadata is None or spec is None or not metadata.name or not metadata.uid:
        raise TrafficError("the API server named a pod without metadata")
    conditions = (status.conditions if status else None) or []
    containers = (status.containerStatuses if status else None) or []
    return PodView(
        name=metadata.name,
        uid=metadata.uid,
        address=(status.podIP if status else None) or "",
        color=(metadata.labels or {}).get(COLOR, ""),
        image=spec.containers[0].image or "",
        ready=any(one.type == "Ready" and one.status == "True" for one in conditions),
        leaving=metadata.deletionTimestamp is not None,
        restarts=sum(one.restartCount for one in containers),
    )
