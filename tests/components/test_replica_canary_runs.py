"""Runs of a canary by replicas in any order, each of which may be killed at any write: whom the live Service finds at
each moment, and that the next run makes it as the config says.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from hypothesis import given
from hypothesis import strategies as st

from components.cluster.cluster import Note
from components.releases.planned import PlannedRelease
from components.rules.errors import LiveReleaseEdit
from components.rules.facts import LiveService
from contract.annotations import COMPLETED
from contract.attachment import selects
from contract.labels import COLOR, REVISION
from contract.pod_shares import pods_for
from tests.components.fakes import START, FakeCluster
from tests.components.test_replica_canary import BLUE, GREEN, NEWER, Gate, live, pods_of, wide

STANDBY = 2
NEVER = 99


class Killed(BaseException):
    """The run ends here."""


@dataclass(frozen=True)
class Run:
    """One `up`: what the config says, after how many writes it is killed, whether hands moved the Service before."""

    weight: int
    release: PlannedRelease
    killed: int = NEVER
    moved: bool = False


class Cluster(FakeCluster):
    """Three pods of blue, whose Service is looked at after each write; any write may be the last of a run."""

    def __init__(self) -> None:
        super().__init__()
        self.left = NEVER
        self.all_pods = [*pods_of(BLUE, 3), *pods_of(GREEN, STANDBY)]
        self.live = LiveService(dict(BLUE.selector), START, {COMPLETED: BLUE.revision})

    async def select(
        self, service: str, now: LiveService, wanted: Mapping[str, str], notes: Note = MappingProxyType({})
    ) -> bool:
        self._write()
        done = await super().select(service, now, wanted, notes)
        self._look()
        return done

    async def annotate_service(self, name: str, key: str, value: str | None, *, version: str = "") -> bool:
        self._write()
        return await super().annotate_service(name, key, value, version=version)

    def make(self, slot: PlannedRelease) -> None:
        """The engine's write of green's workload; another release is another workload, whose old one goes last."""
        self._write()
        others = [pod for pod in self.all_pods if not selects(slot.selector, pod.labels)]
        self.all_pods = [*others, *pods_of(slot, slot.replicas, f"green-{slot.release.version}")]
        self._look()

    def clear(self, slot: PlannedRelease) -> None:
        """The engine's deletes, at the end."""
        kept = (BLUE.selector, slot.selector)
        self.all_pods = [pod for pod in self.all_pods if any(selects(one, pod.labels) for one in kept)]

    async def scale(self, kind: str, name: str, replicas: int, *, version: str = "") -> bool:
        raise AssertionError("no workload is listed here")

    def _write(self) -> None:
        if self.left == 0:
            raise Killed
        self.left -= 1

    def _look(self) -> None:
        found = [pod.labels for pod in self.all_pods if selects(live(self).selector, pod.labels)]
        assert sum(labels[COLOR] == "blue" for labels in found) == 3
        assert len({labels[REVISION] for labels in found}) <= (2 if wide(self) else 1)
        assert sum(labels[COLOR] == "green" for labels in found) <= 3


async def up(cluster: Cluster, run: Run) -> None:
    """The order of the component: a share after its pods, the end of one before them. A refused edit ends it."""
    slot = replace(run.release, replicas=pods_for(run.weight, 3) or STANDBY)
    gate = Gate(cluster, [], run.weight, slot)
    there = [pod for pod in cluster.all_pods if selects(slot.selector, pod.labels)]
    if len(there) != slot.replicas:
        await gate.canary.refuse_edit(slot)
        if there and len(there) < slot.replicas:
            await gate.canary.before_growth(slot)
        await gate.canary.take_back()
        if not await gate.canary.stands():
            await gate.cutover.may_shrink(BLUE.view, slot.view)
        cluster.make(slot)
    if run.weight:
        cluster.clear(slot)  # `stop_strangers`, of workloads that are not listed here
        await gate.canary.before()
        await gate.canary.after()
    await gate._restore()
    await gate.canary.settle()
    await gate.cutover.finish(BLUE.view, slot.view, recycle=False)
    cluster.clear(slot)


def play(cluster: Cluster, run: Run) -> None:
    cluster.left = run.killed
    if run.moved and not wide(cluster):
        cluster.switch({**BLUE.selector, "by": "hand"})
        cluster.all_pods = [replace(pod, labels={**pod.labels, "by": "hand"}) for pod in cluster.all_pods]
    with contextlib.suppress(Killed, LiveReleaseEdit):
        asyncio.run(up(cluster, run))


RUNS = st.builds(
    Run,
    st.sampled_from((0, 10, 50)),
    st.sampled_from((GREEN, NEWER)),
    st.sampled_from((NEVER, 0, 1, 2, 3, 4, 5, 6)),
    st.booleans(),
)


@given(st.lists(RUNS, max_size=6), st.sampled_from((0, 10, 50)))
def test_the_service_finds_blue_and_one_release_of_green_and_ends_as_the_config_says(
    runs: list[Run], weight: int
) -> None:
    cluster = Cluster()
    for run in runs:
        play(cluster, run)
    there = {pod.labels[REVISION] for pod in cluster.all_pods if pod.labels[COLOR] == "green"}
    release = NEWER if NEWER.selector[REVISION] in there else GREEN
    cluster.left = NEVER
    if len(there) > 1 or weight == 0:
        asyncio.run(up(cluster, Run(0, release)))
    asyncio.run(up(cluster, Run(weight, release)))
    assert wide(cluster) == (weight > 0)
    assert live(cluster).annotations[COMPLETED] == BLUE.revision
    found = [pod for pod in cluster.all_pods if selects(live(cluster).selector, pod.labels)]
    assert len(found) == 3 + pods_for(weight, 3)
    cluster.asked.clear()
    asyncio.run(up(cluster, Run(weight, release)))
    assert cluster.asked == [], "nothing is left to do"
