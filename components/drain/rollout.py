"""After the engine is done with a Deployment that is rolled in place: it is what the config wants, and wholly so.

The engine compares with its state. An update that was interrupted is not in it, so with the old release set back it
sees nothing to do while the new one rolls on. And it returns when the new pods are ready, while old ones still answer
on the connections that they hold.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from components.cluster.cluster import Cluster
from components.cluster.watch import TRIES, Watch
from components.releases.view import ReleaseView
from components.rules.drift import why_another
from components.rules.errors import AGAIN, Gone, RolloutStuck, RolloutUnfinished
from components.rules.facts import Rollout
from components.traffic.capacity import Capacity
from contract.labels import REVISION

POLL_SECONDS = 0.3
MARGIN_SECONDS = 30.0
E = TypeVar("E", bound=RolloutUnfinished)


@dataclass(frozen=True)
class Wanted:
    """What a Deployment shall be: its pods' template, the release in it, what finds its pods, and its patience. `view`
    is the same with the number of pods. `recreate`: new pods start once the old are gone, and the engine awaits none.
    """

    service: str
    deployment: str
    release: str
    template: Mapping[str, Any]
    selector: Mapping[str, str]
    patience_seconds: float
    stop_seconds: float
    view: ReleaseView | None = None
    recreate: bool = False


class RolloutGate:
    """The end of the rollout of one Deployment. `say` takes one line of progress at a time."""

    def __init__(self, wanted: Wanted, cluster: Cluster, say: Callable[[str], None]) -> None:
        self._wanted, self._cluster, self._say = wanted, cluster, say
        self._watch = Watch(wanted.service, cluster, say)
        self._capacity = Capacity(self._watch)

    async def finish(self, permit: Callable[[], Awaitable[None]] | None = None) -> None:
        """Roll it to what is wanted where it is not, behind `permit`, and give it the pods that somebody took away;
        then wait until no old pod is left to answer. Raises Gone, RolloutUnfinished, and what `permit` does.
        """
        mended = await self._mend(permit)
        if self._wanted.view:
            mended = bool(await self._capacity.restore(self._wanted.view)) or mended
        wanted = self._wanted
        mended = mended or wanted.recreate
        limit_seconds = wanted.stop_seconds + MARGIN_SECONDS + (wanted.patience_seconds if mended else 0)
        await self._until_whole(limit_seconds, mended=mended)

    async def mend(self) -> None:
        """Roll it to what is wanted where it is there and is not, and wait for that; else wait for nothing.
        Raises RolloutUnfinished.
        """
        if await self._cluster.rollout(self._wanted.deployment) is not None and await self._mend(None):
            await self._until_whole(self._wanted.patience_seconds + MARGIN_SECONDS, mended=True)

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
            now = await self._cluster.replace_template(self._wanted.deployment, self._wanted.template, found.version)
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
        found = await self._cluster.rollout(self._wanted.deployment)
        if found is None:
            raise Gone(
                f"{self._wanted.service}: the Deployment {self._wanted.deployment} is not in the cluster",
                "the engine compares with its state, which has it, and so sees nothing to do: nobody answers",
                AGAIN,
            )
        return found

    async def _until_whole(self, limit_seconds: float, *, mended: bool) -> None:
        unmet = partial(self._unmet, mended=mended)
        if reason := await self._watch.until_none(unmet, limit_seconds, "the old pods"):
            raise self._unfinished(f"after {limit_seconds:g} s {reason}")

    async def _unmet(self, *, mended: bool) -> str | None:
        if mended and not (await self._find()).complete:
            pods = await self._cluster.pods(self._wanted.selector)
            problems = sorted({f"; {pod.name}: {pod.problem}" for pod in pods if pod.problem})
            return f"not all pods are of {self._wanted.release} and ready{''.join(problems)}"
        pods = await self._cluster.pods(self._wanted.selector)
        old = sorted(one.name for one in pods if one.terminating or one.labels.get(REVISION) != self._wanted.release)
        return f"{', '.join(old)} still there" if old else None

    def hopeless(self, lost: str) -> RolloutStuck:
        """That the engine waits in vain: the cluster has said why."""
        return self._unfinished(f"its pods cannot become ready: {lost}", RolloutStuck)

    def _unfinished(self, what: str, kind: type[E] = RolloutUnfinished) -> E:  # type: ignore[assignment]
        return kind(
            f"{self._wanted.service}: the rollout to {self._wanted.release} is not complete: {what}",
            "pods of another release may still answer",
            "`kubectl describe pod` tells what holds them; `pulumi up` goes on from here, or set the old release back",
        )
