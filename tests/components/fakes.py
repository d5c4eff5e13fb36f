"""A cluster in memory, and Pulumi mocks that record what was registered."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pulumi

from components.checks.served_before import mark_of
from components.cluster.cluster import Cluster, Note
from components.cluster.watch import Watch
from components.releases.view import ReleaseView
from components.rules.attachment import ReplicaSet
from components.rules.facts import Autoscaler, Endpoint, LiveService, Pod, Rollout, Workload, WorkloadSize
from components.rules.ownership import Existing
from components.rules.served import with_served
from components.rules.stateful_set import LiveSet
from components.rules.trial import Answer
from components.strategies.cutover import Cutover
from components.strategies.front_cutover import FrontCutover
from components.traffic.pod_labels import LabelRouter
from components.traffic.selector import SelectorRouter
from contract.annotations import COMPLETED, DETACHED, SERVED
from contract.attachment import selects
from contract.releases import COLORS
from contract.route_kinds import RouteRef
from contract.served import read_served
from contract.weights import said, weights
from tests.json_patch import patched

START = datetime(2026, 1, 1, tzinfo=UTC)


def make_pod(name: str, labels: Mapping[str, str], image: str = "shop:1", **changes: Any) -> Pod:
    values: dict[str, Any] = {"ready": True, "terminating": False, "created": START, "problem": ""} | changes
    return Pod(name=name, uid=f"uid-{name}", labels=labels, image=image, **values)


def carried_through(*releases: ReleaseView) -> list[str]:
    """The notes at the end of a cutover to the last of these, the ones before it having served as well."""
    text = "[]"
    for view in releases:
        text = with_served(read_served({SERVED: text}), mark_of(view))
    return [f"annotate {SERVED}={text}", f"annotate {COMPLETED}={releases[-1].revision}"]


def selector_cutover(service: str, cluster: Cluster, say: Callable[[str], None]) -> Cutover:
    """The cutovers of a service whose selector moves."""
    watch = Watch(service, cluster, say)
    return Cutover(watch, SelectorRouter(watch))


def label_cutover(service: str, cluster: Cluster, say: Callable[[str], None], *, overlap_seconds: int) -> Cutover:
    """The cutovers of a service with `cutover: labels`."""
    watch = Watch(service, cluster, say)
    return Cutover(watch, LabelRouter(watch, overlap_seconds=overlap_seconds))


def front_cutover(service: str, cluster: Cluster, say: Callable[[str], None]) -> FrontCutover:
    """The switches of a front."""
    return FrontCutover(Watch(service, cluster, say))


class FakeCluster(Cluster):
    """What the gates ask, answered from lists. Ended pods vanish; `asked` is the log of what was done to it."""

    def __init__(self) -> None:
        self.all_pods: list[Pod] = []
        self.sets: list[ReplicaSet] = []
        self.all_workloads: list[Workload] = []
        self.live: LiveService | None = None
        self.own: dict[str, LiveService] = {}  # Services of the colors, where they matter
        self.serving: list[Endpoint] | None = None  # None: the ready pods that the live selector matches
        self.answers: list[tuple[int, str]] = [(200, "ok")]
        self.objects: list[Existing] = []
        self.gone: set[str] = set()  # what somebody deleted: `Service/shop`
        self.namespace, self.phase = "ns", "Active"
        self.in_the_way: list[Callable[[], None]] = []  # what somebody does right before a write, which then fails
        self.routes: dict[str, dict[str, Any]] = {}  # HTTPRoutes, with the generation that each write makes newer
        self.weighed = ["shop"]  # the services whose weights the routes have
        self.routes_in_the_way: list[Callable[[], None]] = []  # what somebody does right before a write of one
        self.claims: dict[str, list[str]] = {}
        self.live_sets: dict[str, LiveSet] = {}
        self.sizes: dict[str, WorkloadSize] = {}
        self.autoscalers: dict[str, Autoscaler] = {}
        self.refills = False  # whether a workload starts another pod for each that is ended
        self.asked: list[str] = []
        self.tried: list[tuple[Mapping[str, Any], str | None]] = []
        self.says = Answer(201)  # to each object that is tried

    async def try_out(self, manifest: Mapping[str, Any], manager: str | None) -> Answer:
        self.tried.append((manifest, manager))
        return self.says

    async def existing(self, api_version: str, kind: str, name: str) -> Existing | None:
        return next((one for one in self.objects if (one.kind, one.name) == (kind, name)), None)

    async def has(self, api_version: str, kind: str, name: str) -> bool:
        return f"{kind}/{name}" not in self.gone

    async def services(self) -> list[Existing]:
        return [one for one in self.objects if one.kind == "Service"]

    async def namespace_state(self) -> str:
        return self.phase

    async def access_modes(self, claim: str) -> list[str] | None:
        return self.claims.get(claim)

    async def live_set(self, name: str) -> LiveSet | None:
        return self.live_sets.get(name)

    async def workload(self, kind: str, name: str) -> WorkloadSize | None:
        return self.sizes.get(name)

    async def rollout(self, name: str, kind: str = "deployments") -> Rollout | None:
        return Rollout("", complete=True, annotations={})  # whose template nobody has read

    def prepare(self) -> None:
        """There is nothing to connect to."""

    async def pods(self, selector: Mapping[str, str]) -> list[Pod]:
        return [pod for pod in self.all_pods if selects(selector, pod.labels)]

    async def replica_sets(self, selector: Mapping[str, str], *, stateful: bool = False) -> list[ReplicaSet]:
        found = [one for one in self.sets if selects(selector, one.labels)]
        return [replace(one, fully_labeled=len(await self.pods(one.labels))) for one in found]

    async def workloads(self, selector: Mapping[str, str], *, stateful: bool = False) -> list[Workload]:
        """Those whose labels, as far as they are known here, are those of the selector."""
        wanted = selector.items()
        return [
            one
            for one in self.all_workloads
            if (one.kind == "statefulsets") == stateful
            and all(one.selector.get(key, value) == value for key, value in wanted)
        ]

    async def label_template(
        self, replica_set: str, labels: Mapping[str, str | None], annotations: Mapping[str, str | None]
    ) -> None:
        self.asked.append(f"template {replica_set} {_said(labels)}")
        self.sets = [
            replace(one, labels=_merged(one.labels, labels)) if one.name == replica_set else one for one in self.sets
        ]

    async def label_pod(
        self, pod: Pod, labels: Mapping[str, str | None], annotations: Mapping[str, str | None]
    ) -> None:
        self.asked.append(f"pod {pod.name} {_said(labels)}")
        self.all_pods = [
            replace(one, labels=_merged(one.labels, labels), detached=annotations[DETACHED] is not None)
            if one.uid == pod.uid
            else one
            for one in self.all_pods
        ]

    async def endpoints(self, service: str) -> list[Endpoint]:
        if self.serving is not None:
            return self.serving
        found = self.own.get(service, self.live)
        selector = found.selector if found else {}
        return [Endpoint(pod.name, pod.ready) for pod in await self.pods(selector) if not pod.terminating]

    async def live_service(self, name: str) -> LiveService | None:
        return self.own.get(name, self.live)

    async def annotate_service(self, name: str, key: str, value: str | None, *, version: str = "") -> bool:
        assert self.live is not None
        if self.in_the_way:
            self.in_the_way.pop(0)()
            return False
        self.asked.append(f"annotate {key}={value}")
        kept = {k: v for k, v in self.live.annotations.items() if k != key}
        self.live = replace(self.live, annotations=kept if value is None else {**kept, key: value})
        return True

    async def select(
        self, service: str, now: LiveService, wanted: Mapping[str, str], notes: Note = MappingProxyType({})
    ) -> bool:
        assert self.live is not None
        if self.in_the_way:
            self.in_the_way.pop(0)()
            return False
        assert self.live == now
        self.asked.append(f"select {dict(wanted)}")
        at = self.live.switched_at and self.live.switched_at + timedelta(minutes=1)
        noted = _merged(self.live.annotations, notes)
        self.live = replace(self.live, selector=dict(wanted), switched_at=at, annotations=noted)
        return True

    async def scale(self, kind: str, name: str, replicas: int, *, version: str = "") -> bool:
        self.asked.append(f"scale {kind}/{name} to {replicas}")
        return True

    async def autoscaler(self, api_version: str, kind: str, name: str) -> Autoscaler | None:
        found = self.autoscalers.get(name)
        return found if found and found.kind == (api_version, kind) else None

    async def delete_autoscaler(self, one: Autoscaler) -> None:
        self.asked.append(f"delete autoscaler {one.name}")
        if self.autoscalers.get(one.name) == one:
            del self.autoscalers[one.name]

    async def end_pod(self, pod: Pod) -> None:
        self.asked.append(f"end {pod.name}")
        self.all_pods = [other for other in self.all_pods if other.uid != pod.uid]
        if self.refills:
            self.all_pods.append(make_pod(f"{pod.name}-new", pod.labels, pod.image, created=START + timedelta(hours=1)))

    async def route(self, route: RouteRef) -> Mapping[str, Any] | None:
        return self.routes.get(route.name)

    async def patch_route(self, route: RouteRef, operations: Sequence[Mapping[str, Any]]) -> bool:
        name = route.name
        if self.routes_in_the_way:
            self.routes_in_the_way.pop(0)()
        made = patched(self.routes[name], operations)
        if made is None:
            return False
        made["metadata"]["generation"] += 1
        self.routes[name] = made
        colors = [f"{service}-{color}" for service in self.weighed for color in COLORS]
        self.asked.append(f"route {name} {said(weights(made, colors, None))}")
        return True

    async def get_through_service(self, service: str, path: str, timeout_seconds: float) -> tuple[int, str]:
        self.asked.append(f"GET {service}{path}")
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def switch(self, selector: Mapping[str, str], after: timedelta = timedelta(minutes=1)) -> None:
        self.live = LiveService(dict(selector), START + after, dict(self.live.annotations) if self.live else {})


def _merged(labels: Mapping[str, str], change: Mapping[str, str | None]) -> dict[str, str]:
    return {key: value for key, value in {**labels, **change}.items() if value is not None}


def _said(labels: Mapping[str, str | None]) -> str:
    return " ".join(f"{'+' if value else '-'}{key.rpartition('/')[2]}" for key, value in labels.items())


@dataclass
class Registered:
    """One resource as the engine would see it."""

    type: str
    name: str
    inputs: dict[str, Any]
    import_id: str = ""


@dataclass
class Recorder(pulumi.runtime.Mocks):
    """Mocks that echo the inputs and keep a record of what was registered."""

    resources: list[Registered] = field(default_factory=list)

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        # What does not wait for each other comes in any order; a test that takes one for granted should fail at once.
        time.sleep(random.uniform(0, 0.004))  # noqa: S311
        self.resources.append(Registered(args.typ, args.name, dict(args.inputs), args.resource_id or ""))
        return f"{args.name}-id", dict(args.inputs)

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise AssertionError(f"the components invoke nothing, not {args.token}")

    def find(self, kind: str, name: str) -> dict[str, Any]:
        found = [r.inputs for r in self.resources if r.type.endswith(f":{kind}") and r.name == name]
        assert len(found) == 1, [f"{r.type} {r.name}" for r in self.resources]
        return found[0]


def run_program(program: Callable[[], Any]) -> None:
    """Run a program under the mocks that are set, to the end of everything that it registered or applied."""
    pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]
