"""The runner of cells, stage by stage: a fresh namespace and stack per stage, a fresh prober per cell."""

import copy
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby

import httpx2
from lightkube import ApiError, Client, KubeConfig

from demo.errors import DemoError
from demo.project import Project
from demo.traffic import wait_for_answers
from prober import QUICK_KINDS, Prober, ProberError, Result
from sandbox.cluster import Cluster, Instance
from sandbox.gateway import Address, Gateway
from sandbox.paths import ROOT
from sandbox.pulumi import Engine
from traffic.apps import GOOD
from traffic.cells import Cell, Json, Router, Stage, Verdict, raced
from traffic.clients import clients, host_of
from traffic.edge import route_by, url_of
from traffic.errors import TrafficError
from traffic.responder import image
from traffic.scene import Scene
from traffic.space import Space

FOLDER = ROOT / ".sandbox" / "traffic"
NETWORK = "10.219"  # both networks that are reserved for benchmarks have a sandbox already
RATE_PER_SECOND = 200.0
STALLED_MS = 1000.0  # an answer that took longer, of those that take milliseconds; a lost SYN costs a second
_LOOK_UP_SECONDS = 0.5  # a thread that waits without end does not hear of a signal that another thread took
_LEAD_SECONDS = 1.0  # of traffic before anything happens
_FIRST_ANSWER_SECONDS = 20.0
_LEAST_SENT = 0.98  # of the requests that were due; with fewer a dropped request cannot be told from one never sent

# What may go wrong with one cell and leaves the next ones possible.
_FAILURES = (TrafficError, DemoError, ProberError, ApiError, httpx2.HTTPError, KeyError)


@dataclass
class _Set:
    """A stage that stands: its stack is deployed."""

    project: Project
    space: Space
    cluster: Cluster
    service: Json
    backend: Json | None
    group: Json | None
    environments: Json | None
    router: Router | None
    gateway: Address | None

    @property
    def host(self) -> str:
        """The name that is asked for at the gateway: every stage's own."""
        return f"{self.space.name}.example" if self.router else ""

    def urls(self, ports: int) -> list[str]:
        """Where the traffic goes."""
        return [url_of(self.gateway, self.router)] if self.router and self.gateway else self.space.urls(ports)

    def scene(self, tell: Callable[[str], None], *, watched: bool = True) -> Scene:
        """What a cell works with."""
        return Scene(
            self.project,
            self.space,
            self.cluster,
            self.service,
            tell,
            self.backend,
            self.group,
            self.environments,
            watched=watched,
        )


@dataclass
class Runner:
    """Where cells are played: `jobs` stages at a time, `rate_per_second` to each.

    The cluster is one of its own: what others do in theirs does not disturb it, and its parts may be stopped. `tell`
    gets each verdict with what the prober saw, from one thread at a time.
    """

    engine: Engine
    say: Callable[[str], None]
    tell: Callable[[Cell, Verdict, Result | None], None]
    rate_per_second: float = RATE_PER_SECOND
    jobs: int = 1
    _told: threading.Lock = field(default_factory=threading.Lock)
    _over: bool = False
    _gateway: Address | None = None

    def play(self, cells: Iterable[Cell]) -> None:
        """All of them; those of one stage in their order. Raises TrafficError, SandboxError where none can be."""
        stages = {stage: list(group) for stage, group in groupby(cells, key=lambda cell: cell.stage)}
        instance = Instance("traffic", NETWORK, FOLDER / "cluster")
        cluster = Cluster(instance, report=self.say)
        try:
            status = cluster.up()
            if not status.traffic:
                raise TrafficError(f"pods of {cluster.name} answer no requests: {status.node_kind} plays the node.")
            cluster.load_images(image.archive(GOOD, FOLDER / "responder.tar"))
            if any(stage.routed for stage in stages):
                self._gateway = Gateway(cluster, self.say).up()
            beside = {stage: group for stage, group in stages.items() if not stage.alone}
            with ThreadPoolExecutor(self.jobs) as pool, self._over_when_interrupted():
                for playing in [pool.submit(self._stage, stage, group, cluster) for stage, group in beside.items()]:
                    while not wait([playing], _LOOK_UP_SECONDS).done:
                        pass
                    playing.result()
            for stage, group in stages.items():
                if stage.alone:
                    self._stage(stage, group, cluster)
        finally:
            cluster.down()

    @contextmanager
    def _over_when_interrupted(self) -> Iterator[None]:
        """The pool waits for its threads, so they have to hear of the end before it does."""
        try:
            yield
        except KeyboardInterrupt:
            self._over = True
            raise

    def _go_on(self, _: str) -> None:
        """Asked while a command runs; what this raises ends it."""
        if self._over:
            raise TrafficError("interrupted")

    def _stage(self, stage: Stage, cells: list[Cell], cluster: Cluster) -> None:
        with ExitStack() as stack:
            standing: _Set | None = None
            for cell in cells:
                if self._over:
                    return
                if standing is None:
                    stack.close()
                    try:
                        standing = stack.enter_context(self._standing(stage, cluster))
                    except _FAILURES as error:
                        self._tell(cell, Verdict(name=cell.name, bar=str(cell.bar), problems=[_words(error)]), None)
                        continue
                if not self._cell(cell, standing):
                    standing = None  # what it left is not what the next one expects

    @contextmanager
    def _standing(self, stage: Stage, cluster: Cluster) -> Iterator[_Set]:
        # The CLI hides --event-log, by which kills are timed, without the second.
        environment = {"KUBECONFIG": str(cluster.kubeconfig), "PULUMI_DEBUG_COMMANDS": "true"}
        label = stage.slug
        client = Client(config=KubeConfig.from_file(cluster.kubeconfig).get(), trust_env=False)
        with client:
            space = Space(client, f"traffic-{label}")
            space.create()
            project = Project(
                engine=self.engine, environment=environment, tick=self._go_on, folder=FOLDER / "stacks" / label
            )
            project.create()
            made = _Set(
                project,
                space,
                cluster,
                *copy.deepcopy((stage.service, stage.backend, stage.group, stage.environments)),
                router=stage.routed,
                gateway=self._gateway,
            )
            if made.router and made.gateway:
                made.service["route"] = route_by(made.gateway, made.router, made.host)
            try:
                if stage.build:
                    stage.build(space)
                    yield made
                    return
                made.scene(lambda _: None).save()
                project.must("up", "--yes", "--skip-preview")
                yield made
            finally:
                space.remove()

    def _cell(self, cell: Cell, standing: _Set) -> bool:
        verdict = Verdict(name=cell.name, bar=str(cell.bar))
        start, result = time.monotonic(), None
        try:
            standing.space.wait_for_leavers()
            result = self._perform(cell, standing, verdict)
        except _FAILURES as error:
            verdict.problems.append(_words(error))
        verdict.seconds = round(time.monotonic() - start, 1)
        if result and not verdict.ok:
            _keep(cell, result)
        self._tell(cell, verdict, result)
        return verdict.ok

    def _prepare(self, cell: Cell, standing: _Set) -> None:
        if cell.prepare:
            scene = standing.scene(lambda _: None, watched=False)
            cell.prepare(scene)
            if scene.problems:
                raise TrafficError(f"before the traffic began: {'; '.join(scene.problems)}")
            standing.space.wait_for_leavers()

    def _tell(self, cell: Cell, verdict: Verdict, result: Result | None) -> None:
        with self._told:
            if not self._over:
                self.tell(cell, verdict, result)

    def _perform(self, cell: Cell, standing: _Set, verdict: Verdict) -> Result:
        self._prepare(cell, standing)
        urls = standing.urls(cell.stage.ports)
        standing.cluster.flush_conntrack(host_of(urls[0]))
        for url in urls:
            if not wait_for_answers(url, _FIRST_ANSWER_SECONDS, standing.host):
                raise TrafficError(
                    f"{url} did not answer within {_FIRST_ANSWER_SECONDS:.0f} s, before anything was done"
                )
        with ExitStack() as stack:
            probers = [stack.enter_context(self._prober(cell, url, standing.host)) for url in urls]
            scene = standing.scene(partial(_mark, probers))
            time.sleep(_LEAD_SECONDS)
            try:
                cell.play(scene)
            except _FAILURES as error:
                scene.problems.append(_words(error))
            time.sleep(_LEAD_SECONDS)
            results = [prober.stop() for prober in probers]
        verdict.up_seconds, verdict.facts = scene.up_seconds, scene.facts
        for url, result in zip(urls, results, strict=True):
            problems = [*scene.judge(result), *cell.bar.broken_by(result), *_too_few(result)]
            scene.problems.clear()  # they are of the scene, and told once
            of = f"{url}: " if len(urls) > 1 else ""
            verdict.problems += [f"{of}{problem}" for problem in problems]
            _count(verdict, result)
        return results[0]

    def _prober(self, cell: Cell, url: str, host: str) -> Prober:
        """All that goes to one address; where there are several, each gets its part of the rate."""
        return clients(url, self.rate_per_second / (cell.stage.hops * cell.stage.ports), cell.kinds, host)


def _mark(probers: Iterable[Prober], text: str) -> None:
    for prober in probers:
        prober.mark(text)


def _count(verdict: Verdict, result: Result) -> None:
    """Add what one prober saw."""
    quick = _quick(result)
    verdict.requests += result.requests
    verdict.failed += result.failed
    verdict.versions = dict(Counter(verdict.versions) + Counter(result.versions))
    verdict.stalled += sum(answer.latency_ms > STALLED_MS for answer in quick.answers)
    verdict.raced += raced(result)
    verdict.failures += result.summary()["failures"]
    for name, value in (("p99_ms", quick.latency_ms(0.99) or 0.0), ("prober_late_ms", result.worst_lateness_ms)):
        verdict.facts[name] = max(value, float(verdict.facts.get(name, 0.0)))


def _keep(cell: Cell, result: Result) -> None:
    """Every single answer of a cell that broke its bar, to look into."""
    folder = FOLDER / "broken"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{cell.slug}.json").write_text(json.dumps(result.to_json()))


def _too_few(result: Result) -> list[str]:
    due = result.rate_per_second * result.seconds
    if result.requests >= _LEAST_SENT * due:
        return []
    return [f"only {result.requests} of {due:.0f} requests could be sent: the machine is too busy to tell"]


def _quick(result: Result) -> Result:
    """Without the kinds whose answers are meant to take seconds."""
    return replace(result, answers=[answer for answer in result.answers if answer.kind in QUICK_KINDS])


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, TrafficError | DemoError) else f"{type(error).__name__}: {error}"
