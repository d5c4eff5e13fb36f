"""The live objects that are to be adopted, and what else in their namespace has a say about them."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from contract.attachment import selects
from contract.serving import declared, serving, usual
from cutover.adopt.finders import OURS, Finder, carried, finders
from cutover.errors import UsageError
from cutover.observe.connection import Api, Refused
from cutover.observe.pods import over

Json = dict[str, Any]


@dataclass(frozen=True)
class Found:
    """A Deployment, its Service, and the namespace's lists, as the API server has them."""

    namespace: str
    deployment: Json
    service: Json
    pods: list[Json]
    replica_sets: list[Json]
    autoscalers: list[Json]
    budgets: list[Json]
    services: list[Json] = field(default_factory=list)
    policies: list[Json] | None = field(default_factory=list)  # None: the identity may not read them
    asked: str | None = None  # the container that serves, as the command line names it

    @property
    def containers(self) -> list[Json]:
        """The containers of the pod template."""
        found: list[Json] = self.deployment["spec"]["template"]["spec"]["containers"]
        return found

    @property
    def serving(self) -> Json | None:
        """The container that the Service sends to; None where nothing tells."""
        place = serving(self.containers, self.target, self._notes, self.asked)
        return None if place is None else self.containers[place]

    @property
    def container(self) -> Json:
        """The application's container: the one that serves, else the one that `kubectl` would take."""
        return self.serving or self.containers[usual(self.containers, self._notes)]

    @property
    def mates(self) -> bool:
        """Whether a pod has more containers than one, also those that an admission of the cluster put in."""
        several = (len((pod.get("spec") or {}).get("containers") or ()) > 1 for pod in self.selected)
        return any(several) or len(self.containers) > 1

    @property
    def selected(self) -> list[Json]:
        """The pods that the Service's selector finds, without those that have ended, such as a Job's: no endpoint has
        one.
        """
        finds = [pod for pod in self.pods if selects(self.selector, pod["metadata"].get("labels"))]
        return [pod for pod in finds if not over(pod)]

    @property
    def _notes(self) -> Json:
        return dict(self.deployment["spec"]["template"]["metadata"].get("annotations") or {})

    @property
    def selector(self) -> dict[str, str]:
        """The selector of the Service."""
        return dict(self.service["spec"].get("selector") or {})

    @property
    def target(self) -> int | str | None:
        """The port of the pods that the Service's first TCP port sends to: a number or a name; None without one."""
        ports = self.service["spec"].get("ports") or []
        first: Json = next((one for one in ports if one.get("protocol", "TCP") == "TCP"), {})
        target: int | str | None = first.get("targetPort", first.get("port"))
        return target

    @cached_property
    def others(self) -> list[Finder]:
        """The objects besides the Service that find the pods by their labels."""
        return finders(self)

    @cached_property
    def carried(self) -> dict[str, str]:
        """The labels that new pods are to carry."""
        return carried(self)

    @property
    def left(self) -> list[str]:
        """The labels of others that new pods do not carry."""
        return [key for key in self.labels if key not in self.carried and not key.startswith(OURS)]

    @property
    def labels(self) -> dict[str, str]:
        """The labels of the pods, by their template."""
        return dict(self.deployment["spec"]["template"]["metadata"].get("labels") or {})

    @property
    def unheard(self) -> bool:
        """Whether the target is a name that no container has."""
        return isinstance(self.target, str) and declared(self.containers, self.target) is None


_LISTS = ("pods", "replica_sets", "autoscalers", "budgets", "services", "policies")


def find(api: Api, namespace: str, deployment: str, service: str, asked: str | None = None) -> Found:
    """Read it all. Raises UsageError where one of the two is not there, ClusterUnreachable."""
    paths = {
        "deployment": f"/apis/apps/v1/namespaces/{namespace}/deployments/{deployment}",
        "service": f"/api/v1/namespaces/{namespace}/services/{service}",
        "pods": f"/api/v1/namespaces/{namespace}/pods",
        "replica_sets": f"/apis/apps/v1/namespaces/{namespace}/replicasets",
        "autoscalers": f"/apis/autoscaling/v2/namespaces/{namespace}/horizontalpodautoscalers",
        "services": f"/api/v1/namespaces/{namespace}/services",
        "policies": f"/apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies",
        "budgets": f"/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets",
    }

    def ask(what: str) -> Any:
        try:
            return api.items(paths[what]) if what in _LISTS else api.json("GET", paths[what])
        except Refused as error:
            if what == "policies" and error.status in (403, 404):
                return None  # docs/rbac.yaml does not ask for this right: only an adoption looks
            if error.status != 404:
                raise
            name = {"deployment": deployment, "service": service}.get(what, what)
            raise UsageError(
                f"there is no {what} {name!r} in the namespace {namespace}",
                f"name what is there: `kubectl get deployments,services -n {namespace}`; of a StatefulSet, whose pods "
                "and claims no other set can take over, `cutover adopt -f` writes a new one",
            ) from None

    with ThreadPoolExecutor(len(paths)) as pool:
        coming = {what: pool.submit(ask, what) for what in paths}
        answers = {what: one.result() for what, one in coming.items()}
    lists = {what: answers[what] for what in _LISTS}
    return Found(namespace, answers["deployment"], answers["service"], **lists, asked=asked)
