"""Plain records of what the API server said, and the rules that judge them. `components.cluster` does the reading."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from contract.annotations import SWITCHED
from contract.both_colors import switched_at

HASH = "controller-revision-hash"
"""The cluster's own label: which template a pod of a StatefulSet is of."""
TEMPLATE_HASH = "pod-template-hash"
"""The same of a pod of a Deployment."""
DEADLINE_SECONDS = 600
"""The progress deadline of a Deployment that says none: Kubernetes' own."""


@dataclass(frozen=True)
class Pod:
    """One pod, as far as a gate cares. `problem` is the container's own reason for not running, where it has one;
    `image_id` is what its runtime says it runs, empty until then. `waits_for` is the kubelet's word for why the
    container does not start. `owner` is the name of its ReplicaSet or StatefulSet. `admitted` is the image that an
    admission of the cluster put in place of the one that was asked for, where that is known. `ip` is its address, empty
    until it has one. `runs` is the image and the image id of every container, by name. `ports` are the names and the
    numbers of all ports that its containers declare.
    """

    name: str
    uid: str
    labels: Mapping[str, str]
    image: str
    ready: bool
    terminating: bool
    created: datetime
    problem: str = ""
    restarts: int = 0
    detached: bool = False  # it took traffic once and was detached from the live Service
    image_id: str = ""
    waits_for: str = ""
    owner: str = ""
    admitted: str = ""
    ip: str = ""
    runs: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    ports: frozenset[str | int] = frozenset()


@dataclass(frozen=True)
class Endpoint:
    """One address of a Service's EndpointSlices. `ready` is what kube-proxy sends new connections to."""

    pod: str
    ready: bool


_TO_MAKE = timedelta(seconds=2)  # times are of whole seconds


@dataclass(frozen=True)
class LiveService:
    """The live Service in the cluster: what it selects now, and since when; `version` is the object's own, for writes
    that must not undo what somebody did since.
    """

    selector: Mapping[str, str]
    switched_at: datetime | None
    annotations: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    created: datetime | None = None

    @property
    def serves_since(self) -> datetime | None:
        """Since when it sends to the release that serves: by the note of a canary by replicas, whose writes of the
        selector are no switch; else by the selector.
        """
        return switched_at(self.selector, self.annotations, self.annotations.get(SWITCHED, "")) or self.switched_at

    @property
    def left_at(self) -> datetime | None:
        """When it left another release. None where it selects what it did when it was made: it has left nobody then,
        also where it took the place of one that was deleted.
        """
        at = self.serves_since
        return None if at and self.created and at - self.created <= _TO_MAKE else at


@dataclass(frozen=True)
class WorkloadSize:
    """A workload: when it was made, how many pods it is to have, its annotations; `version` is the
    object's own.
    """

    created: datetime
    replicas: int
    annotations: Mapping[str, str]
    version: str = ""


@dataclass(frozen=True)
class Autoscaler:
    """An autoscaler: its API version and kind, the workload that is its target, the stack whose identity it carries.
    `held` where it wants fewer pods than there are, and its own settings keep it from taking any away.
    """

    kind: tuple[str, str]
    name: str
    uid: str
    target: str
    stack: str | None
    held: bool = False


@dataclass(frozen=True)
class Rollout:
    """A Deployment or StatefulSet: the revision of its template, and whether all its pods are of it and available.
    `template` is what its pods are born of, where it was read; `generation` counts the changes of what is wanted,
    `version` all changes. Of a StatefulSet `hash` is the label of pods of that template, once its controller has seen
    it, `before` that of the template before, and pods below the number `partition` stay as they are.
    """

    revision: str
    complete: bool
    annotations: Mapping[str, str]
    template: Mapping[str, Any] | None = None
    version: str = ""
    generation: int = 0
    hash: str = ""
    before: str = ""
    partition: int = 0


@dataclass(frozen=True)
class Workload:
    """A controller of pods. `kind` is `deployments`, `replicasets` or `statefulsets`; a pod may take `stop_seconds` to
    stop, and the next one `patience_seconds` to be ready. `refused` is why the API server takes no more pods of it,
    empty where it does; `generation` counts the changes of what is wanted.
    """

    kind: str
    name: str
    selector: Mapping[str, str]
    replicas: int
    stop_seconds: float
    patience_seconds: float
    refused: str = ""
    generation: int = 0


def why_not_ready(pods: Collection[Pod], image: str, wanted: int) -> str | None:
    """Why these pods (all that the wanted selector matches) may not get traffic yet; None when they may.

    All `wanted` pods must be ready, run the wanted image, and none may be on its way out: Available on a Deployment
    is no substitute, as it holds while only the old pods of an update are ready.
    """
    staying = [pod for pod in pods if not pod.terminating]
    if strange := sorted({pod.image for pod in staying if pod.image != image}):
        return f"pods run {', '.join(strange)}, the release is {image}"
    ready = [pod for pod in staying if pod.ready]
    if len(ready) >= wanted and len(ready) == len(staying):
        return None
    problems = sorted({f"{pod.name}: {pod.problem}" for pod in staying if pod.problem})
    return f"{len(ready)} of {wanted} pods ready" + "".join(f"; {problem}" for problem in problems)


def why_not_switched(endpoints: Collection[Endpoint], pods: Collection[Pod]) -> str | None:
    """Why the live Service does not serve exactly the wanted pods yet; None when it does.

    `pods` are those that the wanted selector matches. An endpoint that is not ready gets no new connection.
    """
    serving = {endpoint.pod for endpoint in endpoints if endpoint.ready}
    wanted = {pod.name for pod in pods}
    if foreign := sorted(serving - wanted):
        return f"it still sends to {', '.join(foreign)}"
    if not serving:
        return "it has no ready endpoint"
    if missing := sorted(pod.name for pod in pods if pod.ready and not pod.terminating and pod.name not in serving):
        return f"it does not send to {', '.join(missing)} yet"
    return None


def served_before(pods: Collection[Pod], switched_at: datetime | None) -> list[Pod]:
    """The pods that were there before the switch, so may hold connections that were opened to them while live."""
    return [pod for pod in pods if switched_at is not None and pod.created < switched_at]
