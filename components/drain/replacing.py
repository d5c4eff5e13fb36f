"""The replacement of the pods that a front has left: clients with open connections reconnect through the front.

Its pods go a few at a time, never all at once, as it may have users who address it directly, and others of its
environment may still call it.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

from components.cluster.watch import Watch
from components.drain.progress import until_done
from components.drain.recycling import Look
from components.rules.errors import SwitchUnverified
from components.rules.facts import Pod, Workload, served_before
from contract.words import counted


class Replacing:
    """Replaces pods for one front."""

    def __init__(self, watch: Watch) -> None:
        self._watch, self._cluster = watch, watch.cluster

    async def replace(self, left: str, workload: Workload, switched_at: datetime | None, look: Look) -> None:
        """Replace the pods that were there before the switch while the workload goes on answering; `left` is what
        people call it. Raises SwitchUnverified, and what `look` does.
        """
        stale = served_before(await self._cluster.pods(workload.selector), switched_at)
        if not stale or switched_at is None:
            return
        count = counted(len(stale), "pod")
        self._watch.say(f"{self._watch.service}: replacing {count} of {left} that served before the switch")
        if workload.kind == "deployments":
            await look()
            await self._cluster.restart(workload.name, switched_at.isoformat())
            await self._until_gone(left, workload, stale)
            return
        for pod in stale:
            await look()
            await self._cluster.end_pod(pod)
            await self._until_gone(left, workload, [pod])
            await self._until_ready(left, workload, min(len(stale), workload.replicas))

    async def _until_gone(self, left: str, workload: Workload, stale: list[Pod]) -> None:
        gone = {pod.uid for pod in stale}

        async def names() -> list[str]:
            return sorted(pod.name for pod in await self._cluster.pods(workload.selector) if pod.uid in gone)

        await self._until_none(names, workload.patience_seconds + workload.stop_seconds, left)

    async def _until_ready(self, left: str, workload: Workload, wanted: int) -> None:
        async def lacking() -> list[str]:
            pods = await self._cluster.pods(workload.selector)
            ready = sum(pod.ready and not pod.terminating for pod in pods)
            return [f"pod {number + 1} of {wanted}" for number in range(ready, wanted)]

        await self._until_none(lacking, workload.patience_seconds, left)

    async def _until_none(self, look: Callable[[], Awaitable[list[str]]], limit_seconds: float, left: str) -> None:
        async def left_over() -> tuple[int, str | None]:
            found = await look()
            return len(found), ", ".join(found) or None

        if reason := await until_done(self._watch, left_over, limit_seconds, f"{left} to be replaced"):
            raise SwitchUnverified(
                f"{self._watch.service}: of {left}, which it left, {reason} was not replaced for {limit_seconds:g} s",
                "connections opened before the switch may still be answered by the old version",
                f"`kubectl describe pod -n {self._watch.namespace}` tells what holds them; `pulumi up` goes on "
                "from here",
            )
