"""The recycling of the old color: its pods are replaced in turn, with as many ready as an instant rollback needs.

A Deployment does it under its own surge settings. A ReplicaSet has none, so it gets one more pod meanwhile. What
was there before is left as it is, so its pods are ended one after the other. Pods that are not ready end first, and
nobody waits for those in their place: a release that turned bad would hold up the way back from it.
"""

from collections.abc import Awaitable, Callable

from components.cluster.watch import Watch
from components.drain.progress import Left, until_done
from components.releases.view import ReleaseView
from components.rules.errors import SwitchUnverified
from components.rules.facts import DEADLINE_SECONDS, Pod, Workload

Look = Callable[[], Awaitable[object]]
"""Right before each step: raises where the pods to be stopped have the traffic again."""


class Recycling:
    """Recycles the pods of one service."""

    def __init__(self, watch: Watch, margin_seconds: float) -> None:
        self._watch, self._service, self._cluster = watch, watch.service, watch.cluster
        self._margin_seconds = margin_seconds

    async def recycle(self, old: ReleaseView, stale: list[Pod], at: str, look: Look) -> None:
        """Stop the `stale` pods gracefully, in turn; `at` names the switch that they served before. Raises what `look`
        does, and SwitchUnverified.
        """
        staying = [pod for pod in stale if not pod.terminating]
        ready = [pod for pod in staying if pod.ready]
        found = await self._cluster.workloads(old.selector) if staying else []
        limit_seconds = old.stop_seconds + self._margin_seconds
        await self._end([pod for pod in staying if not pod.ready], look)
        if old.adopted:
            await self._one_by_one(old, ready, len(ready), limit_seconds + _patience_seconds(old, found), look)
        elif found:
            for workload in found:
                await self._renew(old, workload, ready, at, look)
            deployments = [one for one in found if one.kind == "deployments" and ready]
            limit_seconds += max((one.patience_seconds for one in deployments), default=0)
        else:
            await self._end(ready, look)
        await self._until_gone(old, stale, limit_seconds)

    async def _end(self, pods: list[Pod], look: Look) -> None:
        for pod in pods:
            await look()
            await self._cluster.end_pod(pod)

    async def _renew(self, old: ReleaseView, workload: Workload, ready: list[Pod], at: str, look: Look) -> None:
        if workload.kind == "deployments":
            if ready:
                await look()
                await self._cluster.restart(workload.name, at)
            return
        patience_seconds = workload.patience_seconds + workload.stop_seconds
        try:
            if ready:
                # Those that go because the color was just made smaller may not say so yet.
                wanted = min(len(ready), old.replicas) + 1
                await look()
                await self._cluster.scale(workload.kind, workload.name, old.replicas + 1)
                await self._until_ready(old, wanted, patience_seconds)
                await self._one_by_one(old, ready, wanted, patience_seconds, look)
        finally:  # also where a run before this one left one more
            await self._cluster.scale(workload.kind, workload.name, old.replicas)

    async def _one_by_one(
        self, old: ReleaseView, staying: list[Pod], wanted: int, patience_seconds: float, look: Look
    ) -> None:
        for pod in staying:
            await look()
            await self._cluster.end_pod(pod)
            await self._until_ready(old, wanted, patience_seconds)

    async def _until_ready(self, old: ReleaseView, wanted: int, limit_seconds: float) -> None:
        async def left() -> tuple[int, str | None]:
            staying = [pod for pod in await self._cluster.pods(old.selector) if not pod.terminating]
            ready = sum(pod.ready for pod in staying)
            problems = sorted({f"; {pod.name}: {pod.problem}" for pod in staying if pod.problem})
            reason = f"{ready} of {wanted} pods of {old.color} are ready{''.join(problems)}"
            return wanted - ready, reason if ready < wanted else None

        await self._must(left, limit_seconds, f"{old.color} ready again")

    async def _until_gone(self, old: ReleaseView, stale: list[Pod], limit_seconds: float) -> None:
        gone = {pod.uid for pod in stale}

        async def left() -> tuple[int, str | None]:
            names = [pod.name for pod in await self._cluster.pods(old.selector) if pod.uid in gone]
            return len(names), f"{', '.join(names)} still there" if names else None

        await self._must(left, limit_seconds, f"{old.color} drained")

    async def _must(self, left: Left, limit_seconds: float, what: str) -> None:
        if reason := await until_done(self._watch, left, limit_seconds, what):
            raise SwitchUnverified(
                f"{self._service}: {reason}; no further pod was replaced for {limit_seconds:g} s",
                "connections opened before the cutover may still be answered by the old release",
                f"`kubectl describe pod -n {self._watch.namespace}` tells what holds them; `pulumi up` goes on "
                "from here",
            )


def _patience_seconds(old: ReleaseView, found: list[Workload]) -> float:
    """How long the next pod of an adopted Deployment may take to be ready; its own labels may be others than those of
    its pods, and then it is not among those that were found.
    """
    own = old.release.adopt.deployment if old.release.adopt else ""
    known = (one.patience_seconds for one in found if (one.kind, one.name) == ("deployments", own))
    return next(known, DEADLINE_SECONDS)
