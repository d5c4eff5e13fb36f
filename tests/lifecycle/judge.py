"""What must be true of the live Services at every moment, checked on a recorded series of the API server's events.

Pure: events in, sentences out. Rules, for each live Service (one whose selector names a revision) and each moment:

1. When its selector is set or changes, it is of the color that the config wants, and every pod that it selects and
   that is not on its way out is ready and runs the image that the config wants; there are as many as wanted.
2. At any time it selects at least as many ready pods as wanted (the smaller number, while the count changes).
3. Its EndpointSlices name as ready only pods that it selects. After a switch the cluster takes a moment to follow:
   until they hold nothing but new pods, those of the selector before are allowed too.
4. Once they held enough ready pods, they never again hold fewer than wanted.

A live Service that selects by label never moves; pods come and go instead. For it rule 1 holds for each pod that is
attached while it runs (one may be born attached, and is ready later), and by rule 3 only pods that were attached at
some time may be named as ready. Where the config gives the other color a share, its pods may be attached too.

A live Service may select both colors where the config gives the other one a share, and each pod that its EndpointSlices
come to name as ready is then of one of the two releases.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

REVISION = "cutover.dev/revision"
COLOR = "cutover.dev/color"
LIVE = "cutover.dev/live"
SERVICE_NAME = "kubernetes.io/service-name"


@dataclass(frozen=True)
class Event:
    """One event of a watch. `revision` orders events of all kinds."""

    revision: int
    type: str  # ADDED, MODIFIED or DELETED
    kind: str  # services, pods or endpointslices
    object: Json

    @property
    def name(self) -> str:
        """Name of the object."""
        return str(self.object["metadata"]["name"])


@dataclass(frozen=True)
class Wanted:
    """What the config says of one service since a revision of the cluster."""

    color: str
    image: str
    replicas: int
    canary: str = ""  # the image of a canary by pods, which may serve beside the other


Plan = Mapping[str, Wanted]
"""By name of the live Service."""


@dataclass
class _Live:
    """One live Service as the events so far left it."""

    selector: dict[str, str]
    before: dict[str, str] = field(default_factory=dict)
    settled: bool = False
    served: bool = False  # its EndpointSlices held enough ready pods at some time
    known: set[str] = field(default_factory=set)  # the pods that they named as ready at the last event

    @property
    def both(self) -> bool:
        """Whether it selects both colors."""
        return not self.selector.keys() & {COLOR, LIVE}


def why_not_ready(pod: Json) -> str | None:
    """Why a pod is not ready; None when it is."""
    conditions = {one["type"]: one for one in pod.get("status", {}).get("conditions") or []}
    ready = conditions.get("Ready", {})
    return None if ready.get("status") == "True" else str(ready.get("reason") or "it has not said so")


def application(pod: Json) -> Json:
    """The application's container of a pod: ours by its name, else the first."""
    containers: list[Json] = pod["spec"]["containers"]
    return next((one for one in containers if one.get("name") == "app"), containers[0])


def _selects(selector: Mapping[str, str], pod: Json) -> bool:
    labels = pod["metadata"].get("labels") or {}
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def _leaving(pod: Json) -> bool:
    return "deletionTimestamp" in pod["metadata"]


class Judge:
    """Replays events. `plans` are what the config said from which revision on; an empty plan judges nothing."""

    def __init__(self, plans: Iterable[tuple[int, Plan]]) -> None:
        self._plans = sorted(plans, key=lambda one: one[0])
        self._plan: Plan = {}
        self._earlier: Plan = {}
        self._pods: dict[str, Json] = {}  # by uid, those that are gone too: an EndpointSlice may still name them
        self._there: set[str] = set()
        self._slices: dict[str, Json] = {}
        self._live: dict[str, _Live] = {}
        self._attached: set[str] = set()  # uids of pods that carried the label at some time

    def violations(self, events: Iterable[Event]) -> list[str]:
        """A sentence for each event that broke a rule."""
        found = []
        for event in sorted(events, key=lambda one: one.revision):
            while self._plans and self._plans[0][0] <= event.revision:
                self._earlier, self._plan = self._plan, self._plans.pop(0)[1]
            broken = list(self._take(event))
            found += [f"revision {event.revision}, {event.type} {event.kind}/{event.name}: {one}" for one in broken]
        return found

    def _take(self, event: Event) -> Iterator[str]:
        if event.kind == "services":
            yield from self._service(event)
        elif event.kind == "pods":
            uid = event.object["metadata"]["uid"]
            if event.type == "MODIFIED":
                yield from self._attach(self._pods.get(uid), event.object)
            self._pods[uid] = event.object
            if LIVE in (event.object["metadata"].get("labels") or {}):
                self._attached.add(uid)
            (self._there.discard if event.type == "DELETED" else self._there.add)(uid)
        elif event.type == "DELETED":
            self._slices.pop(event.name, None)
        else:
            self._slices[event.name] = event.object
        for name, live in self._live.items():
            if name in self._plan:
                yield from self._always(name, live)

    def _service(self, event: Event) -> Iterator[str]:
        selector = event.object["spec"].get("selector") or {}
        known = self._live.get(event.name)
        if event.type == "DELETED" or (known is None and not selector.keys() & {REVISION, LIVE}):
            self._live.pop(event.name, None)
        elif event.object["metadata"].get("labels", {}).get("app.kubernetes.io/component") != "live":
            return
        elif known is None:
            self._live[event.name] = _Live(selector)
            yield from self._switched(event.name, selector)
        elif known.selector != selector:
            known.before, known.selector, known.settled = known.selector, selector, False
            yield from self._switched(event.name, selector)

    def _switched(self, name: str, selector: dict[str, str]) -> Iterator[str]:
        """Rule 1."""
        wanted = self._plan.get(name)
        if wanted is None:
            return
        if self._live[name].both and not wanted.canary:
            yield f"{name} selects {selector}, both colors, the config wants {wanted.color} alone"
        elif not self._live[name].both and LIVE not in selector and selector.get(COLOR) != wanted.color:
            yield f"{name} selects {selector}, the config wants {wanted.color}"
        pods = self._selected(selector)
        if len(pods) < wanted.replicas:
            yield f"{name} selects {selector}, which are {len(pods)} pods of {wanted.replicas} wanted"
        for pod in pods:
            yield from self._unfit(name, wanted, pod)

    def _unfit(self, name: str, wanted: Wanted, pod: Json) -> Iterator[str]:
        if reason := why_not_ready(pod):
            yield f"{name} selects {pod['metadata']['name']}, which is not ready: {reason}"
        image = application(pod)["image"]
        if image not in (wanted.image, wanted.canary):
            yield f"{name} selects {pod['metadata']['name']} with {image}, the config wants {wanted.image}"

    def _attach(self, before: Json | None, pod: Json) -> Iterator[str]:
        """Rule 1 where pods are attached to a Service that stays."""
        for name, live in self._live.items():
            comes = before is not None and _selects(live.selector, pod) and not _selects(live.selector, before)
            if LIVE in live.selector and comes and name in self._plan:
                yield from self._unfit(name, self._plan[name], pod)

    def _always(self, name: str, live: _Live) -> Iterator[str]:
        """Rules 2 to 4."""
        wanted, earlier = self._plan[name], self._earlier.get(name)
        fewest = min(wanted.replicas, earlier.replicas) if earlier else wanted.replicas
        ready = [pod for pod in self._selected(live.selector) if not why_not_ready(pod)]
        if len(ready) < fewest:
            yield f"{name} selects {live.selector}, of which {len(ready)} pods of {fewest} are ready"
        serving = self._serving(name)
        strange = {uid for uid in serving if not self._is_of(live.selector, uid)}
        if LIVE in live.selector:
            strange -= self._attached
        if live.both:
            yield from self._new_endpoints(name, serving - live.known, [wanted, *([earlier] if earlier else [])])
        live.known = serving
        if serving and not strange:
            live.settled = True
        for uid in sorted(strange):
            if live.settled or not self._is_of(live.before, uid):
                where = self._pods[uid]["metadata"]["name"] if uid in self._pods else uid
                yield f"requests for {name} may go to {where}, which is not of {live.selector}"
        if len(serving) >= fewest:
            live.served = True
        elif live.served:
            yield f"{name} has {len(serving)} ready endpoints of {fewest}"

    def _new_endpoints(self, name: str, new: set[str], wanted: Iterable[Wanted]) -> Iterator[str]:
        """Rule 1 for pods that a Service of both colors comes to send to."""
        fit = {image for one in wanted for image in (one.image, one.canary)}
        for pod in (self._pods[uid] for uid in sorted(new) if uid in self._pods):
            if (image := application(pod)["image"]) not in fit:
                yield f"requests for {name} may go to {pod['metadata']['name']} with {image}, which is in no config"

    def _is_of(self, selector: Mapping[str, str], uid: str) -> bool:
        return uid in self._pods and _selects(selector, self._pods[uid])

    def _selected(self, selector: Mapping[str, str]) -> list[Json]:
        pods = [self._pods[uid] for uid in sorted(self._there)]
        return [pod for pod in pods if _selects(selector, pod) and not _leaving(pod)]

    def _serving(self, name: str) -> set[str]:
        """The pods that new connections go to, by uid."""
        return {
            endpoint["targetRef"]["uid"]
            for piece in self._slices.values()
            if (piece["metadata"].get("labels") or {}).get(SERVICE_NAME) == name
            for endpoint in piece.get("endpoints") or []
            if (endpoint.get("conditions") or {}).get("ready", True)
        }
