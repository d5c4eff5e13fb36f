"""The end of a rollout: a workload that is rolled in place has the wanted release, and no pod of another one.

The engine compares with its state. An update that was interrupted is not in it, so with the old release set back it
sees nothing to do while the new one rolls on. And it returns when the new pods are ready, while old ones still answer
on the connections that they hold.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from components.checks.readiness import Readiness
from components.cluster.cluster import Cluster
from components.cluster.watch import TRIES, Watch
from components.drain.held import Held
from components.drain.leftover import leftover
from components.drain.progress import Replaced, until_done
from components.releases.view import ReleaseView
from components.rules.drift import why_another
from components.rules.errors import AGAIN, Gone, RolloutStuck, RolloutUnfinished
from components.rules.facts import Pod, Rollout
from components.traffic.capacity import Capacity
from contract.labels import REVISION

POLL_SECONDS = 0.3
MARGIN_SECONDS = 30.0
E = TypeVar("E", bound=RolloutUnfinished)


@dataclass(frozen=True)
class Wanted:
    """The wanted state of a workload: its pods' template, the release in it, the selector of its pods, and its
    patience. `view` is the same with the number of pods, `new` those of the release alone. `recreate`: new pods start
    once the old are gone, and the engine awaits none.

    `kind` is `deployments` or `statefulsets`, whose pods are replaced one after the other, each with that patience, and
    which the engine does not await either.
    """

    service: str
    workload: str
    release: str
    template: Mapping[str, Any]
    selector: Mapping[str, str]
    patience_seconds: float
    stop_seconds: float
    view: ReleaseView | None = None
    new: ReleaseView | None = None
    recreate: bool = False
    kind: str = "deployments"

    @property
    def stateful(self) -> bool:
        """Whether it is a StatefulSet."""
        return self.kind == "statefulsets"

    @property
    def limit_seconds(self) -> float:
        """How long a rollout may get no further: of a StatefulSet a pod that is in the way has its time before."""
        return 2 * (self.patience_seconds + self.stop_seconds) if self.stateful else self.patience_seconds


class RolloutGate:
    """The end of the rollout of one workload. `say` takes one line of progress at a time."""

    def __init__(self, wanted: Wanted, cluster: Cluster, say: Callable[[str], None]) -> None:
        self._wanted, self._cluster, self._say = wanted, cluster, say
        self._watch = Watch(wanted.service, cluster, say)
        self._capacity = Capacity(self._watch)
        new = wanted.new
        self._ready = Readiness(cluster, new, new.replicas, wanted.selector) if new and wanted.stateful else None
        self._held = Held(wanted.service, cluster, say, wanted.patience_seconds)

    async def finish(self, permit: Callable[[], Awaitable[None]] | None = None) -> None:
        """Roll it to what is wanted where it is not, behind `permit`, and give it the pods that somebody took away;
        then wait until no old pod is left to answer. Raises Gone, RolloutUnfinished, and what `permit` does.
        """
        mended = await self._mend(permit)
        if self._wanted.view:
            mended = bool(await self._capacity.restore(self._wanted.view)) or mended
        await self._until_whole(mended=mended or self._wanted.recreate or self._wanted.stateful)

    async def settle(self) -> None:
        """Wait until a StatefulSet that was just made or changed is wholly of the release; what holds it up is ended.
        Raises RolloutStuck where waiting does not help, RolloutUnfinished.
        """
        await self._until_whole(mended=True)

    async def mend(self) -> None:
        """Roll it to what is wanted where it is there and is not, and wait for that; else wait for nothing.
        Raises RolloutUnfinished.
        """
        found = await self._cluster.rollout(self._wanted.workload, self._wanted.kind)
        if found is not None and await self._mend(None):
            await self._until_whole(mended=True)

    async def _mend(self, permit: Callable[[], Awaitable[None]] | None) -> bool:
        permitted = permit is None
        for _ in range(TRIES):
            found = await self._find()
            reason = why_another(self._wanted.template, found.template) if found.template else None
            if reason is None:
                return False
            if permit and not permitted:
                await permit()
                permitted = True
                continue  # it took its time
            wanted = self._wanted
            now = await self._cluster.replace_template(wanted.workload, wanted.template, found.version, wanted.kind)
            if now is not None:
                if now != found.generation:  # else the cluster itself writes it so
                    self._say(
                        f"{self._wanted.service}: {reason} in the cluster: an update ended half done, or somebody "
                        f"changed it; rolling it to {self._wanted.release}, as the config says"
                    )
                return now != found.generation
            await asyncio.sleep(POLL_SECONDS)
        raise self._unfinished("it changed whenever it was to be written")

    async def _find(self) -> Rollout:
        found = await self._cluster.rollout(self._wanted.workload, self._wanted.kind)
        if found is None:
            kind = "StatefulSet" if self._wanted.stateful else "Deployment"
            raise Gone(
                f"{self._wanted.service}: the {kind} {self._wanted.workload} is not in the cluster",
                "the engine compares with its state, which has it, and so sees nothing to do: nobody answers",
                AGAIN,
            )
        return found

    async def _until_whole(self, *, mended: bool) -> None:
        wanted, replaced = self._wanted, Replaced()

        async def left() -> tuple[int, str | None]:
            found = await self._find() if mended else None
            pods = await self._cluster.pods(wanted.selector)
            reason = await self._unmet(found, pods)
            ready = [one for one in pods if one.ready and not one.terminating]
            return replaced.left(pods, sum(one.labels.get(REVISION) == wanted.release for one in ready)), reason

        limit_seconds = wanted.stop_seconds + MARGIN_SECONDS + (wanted.limit_seconds if mended else 0)
        if reason := await until_done(self._watch, left, limit_seconds, "the old pods"):
            raise self._unfinished(f"{reason}; no further pod was replaced for {limit_seconds:g} s")

    async def _unmet(self, found: Rollout | None, pods: list[Pod]) -> str | None:
        if found and not found.complete:
            if self._wanted.stateful:
                await self._look(found, pods)
            problems = sorted({f"; {pod.name}: {pod.problem}" for pod in pods if pod.problem})
            return f"not all pods are of {self._wanted.release} and ready{''.join(problems)}"
        old = leftover(pods, self._wanted.release, found)
        return f"{', '.join(old)} still there" if old else None

    async def _look(self, found: Rollout, pods: list[Pod]) -> None:
        """A look at a StatefulSet that is not complete. Raises RolloutStuck where it will not be."""
        await self._held.let_go(found, pods)
        reason = self._held.late(found, pods)
        if not reason and self._ready:
            await self._ready.unmet()
            reason = self._ready.lost
        if reason:
            raise self.hopeless(reason)

    def hopeless(self, lost: str) -> RolloutStuck:
        """The error of an engine that waits in vain, with the reason that the cluster gave."""
        return self._unfinished(f"its pods cannot become ready: {lost}", RolloutStuck)

    def _unfinished(self, what: str, kind: type[E] = RolloutUnfinished) -> E:  # type: ignore[assignment]
        return kind(
            f"{self._wanted.service}: the rollout to {self._wanted.release} is not complete: {what}",
            "pods of another release may still answer",
            f"`kubectl describe pod -n {self._cluster.namespace}` tells what holds them; `pulumi up` goes on from "
            "here, or set the old release back",
        )
