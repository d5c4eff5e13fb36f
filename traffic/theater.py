"""Plays cells, stage by stage: a fresh namespace and stack per stage, a fresh prober per cell."""

import copy
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import groupby

import httpx2
from lightkube import ApiError, Client, KubeConfig

from demo.engine import ROOT, Engine
from demo.errors import DemoError
from demo.project import Project
from demo.traffic import wait_for_answers
from prober import QUICK_KINDS, Prober, ProberError, Result
from sandbox.cluster import Cluster, Instance
from traffic.cells import Cell, Stage, Verdict
from traffic.errors import TrafficError
from traffic.scene import Scene
from traffic.space import Space

FOLDER = ROOT / ".sandbox" / "traffic"
KINDS = (*QUICK_KINDS, "long-lived", "slow", "stream")
RATE_PER_SECOND = 300.0
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
    service: dict[str, object]


@dataclass
class Theater:
    """Where cells are played. `tell` gets each verdict with what the prober saw."""

    engine: Engine
    say: Callable[[str], None]
    tell: Callable[[Cell, Verdict, Result | None], None]
    rate_per_second: float = RATE_PER_SECOND
    _clusters: dict[bool, Cluster] = field(default_factory=dict)

    def play(self, cells: Iterable[Cell]) -> None:
        """All of them, in order; cells of one stage must stand together."""
        with ExitStack() as stack:
            for stage, group in groupby(cells, key=lambda cell: cell.stage):
                cluster = self._cluster(stage, stack)
                self._stage(stage, list(group), cluster)

    def _cluster(self, stage: Stage, stack: ExitStack) -> Cluster:
        """The shared cluster, left as it was found; or one of our own, whose parts may be stopped."""
        if stage.own_cluster not in self._clusters:
            own = Instance("faults", "198.19", ROOT / ".sandbox" / "faults")
            cluster = Cluster(own if stage.own_cluster else None, report=self.say)
            if stage.own_cluster:
                stack.callback(cluster.down)
            status = cluster.up()
            if not status.traffic:
                raise TrafficError(f"the pods of {cluster.name} answer no requests ({status.node_kind}).")
            self._clusters[stage.own_cluster] = cluster
        return self._clusters[stage.own_cluster]

    def _stage(self, stage: Stage, cells: list[Cell], cluster: Cluster) -> None:
        with ExitStack() as stack:
            standing: _Set | None = None
            for cell in cells:
                if standing is None:
                    stack.close()
                    try:
                        standing = stack.enter_context(self._standing(stage, cluster))
                    except _FAILURES as error:
                        self.tell(cell, Verdict(name=cell.name, bar=str(cell.bar), problems=[_words(error)]), None)
                        continue
                if not self._cell(cell, standing):
                    standing = None  # what it left is not what the next one expects

    @contextmanager
    def _standing(self, stage: Stage, cluster: Cluster) -> Iterator[_Set]:
        environment = {"KUBECONFIG": str(cluster.kubeconfig)}
        label = stage.name.replace("/", "-").replace(" ", "-")
        client = Client(config=KubeConfig.from_file(cluster.kubeconfig).get(), trust_env=False)
        with client:
            space = Space(client, f"traffic-{label}")
            space.create()
            project = Project(
                engine=self.engine, environment=environment, tick=lambda _: None, folder=FOLDER / "stacks" / label
            )
            project.create()
            made = _Set(project, space, cluster, copy.deepcopy(stage.service))
            try:
                if stage.managed:
                    project.configure({"cutover:namespace": space.name, "cutover:services": {"shop": made.service}})
                    project.must("up", "--yes", "--skip-preview")
                    space.wait_for_leavers()
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
        self.tell(cell, verdict, result)
        return verdict.ok

    def _perform(self, cell: Cell, standing: _Set, verdict: Verdict) -> Result:
        standing.cluster.flush_conntrack()
        kinds = (*KINDS, *cell.kinds)
        url = standing.space.url() if cell.stage.managed else ""
        if url and not wait_for_answers(url, _FIRST_ANSWER_SECONDS):
            raise TrafficError(f"{url} did not answer within {_FIRST_ANSWER_SECONDS:.0f} s, before anything was done")
        with Prober(url, rate_per_second=self.rate_per_second, max_seconds=900, kinds=kinds) as prober:
            scene = Scene(standing.project, standing.space, standing.cluster, standing.service, prober)
            time.sleep(_LEAD_SECONDS)
            try:
                cell.play(scene)
            except _FAILURES as error:
                scene.problems.append(_words(error))
            time.sleep(_LEAD_SECONDS)
            result = prober.stop()
        verdict.requests, verdict.failed, verdict.versions = result.requests, result.failed, result.versions
        verdict.failures = result.summary()["failures"]
        verdict.up_seconds, verdict.facts = scene.up_seconds, scene.facts
        verdict.facts |= {"p99_ms": result.latency_ms(0.99) or 0.0, "prober_late_ms": result.worst_lateness_ms}
        verdict.problems += [*scene.judge(result), *cell.bar.broken_by(result), *_too_few(result)]
        return result


def _too_few(result: Result) -> list[str]:
    due = result.rate_per_second * result.seconds
    if result.requests >= _LEAST_SENT * due:
        return []
    return [f"only {result.requests} of {due:.0f} requests could be sent: the machine is too busy to tell"]


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, TrafficError | DemoError) else f"{type(error).__name__}: {error}"
