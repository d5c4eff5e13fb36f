"""The gates of a front: one Service that sends to one of several stands, each of which may have users of its own.

They are those of a cutover, with two differences. There may be more than two stands, so what has to leave its open
connections is written down before the switch. And a stand that is left may have users who address it directly: its
pods are replaced a few at a time, never all at once.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from components.cluster.cluster import Cluster
from components.gates import cutover
from components.gates.cutover import COMPLETED, Gates
from components.gates.side import Side
from components.rules.errors import SwitchUnverified
from components.rules.facts import LiveService, Pod, served_before
from components.rules.labels import INSTANCE

DRAINING = "cutover.dev/draining"  # on a front: instances that may hold connections of a switch not carried to its end


@dataclass(frozen=True)
class Stand:
    """What a front may send to: its pods as gates see them (`color` is its key), and the workload they are of.

    `service` is its own, which never sends elsewhere; `kind` is `deployments` or `replicasets`; `patience_seconds` is
    how long the next pod may take to be replaced.
    """

    side: Side
    service: str
    kind: str
    workload: str
    patience_seconds: float

    @property
    def instance(self) -> str:
        """The instance label of its pods."""
        return self.side.selector[INSTANCE]


class FrontGates(Gates):
    """The gates of one front, named as its Service."""

    def __init__(self, front: str, cluster: Cluster, say: Callable[[str], None]) -> None:
        super().__init__(front, cluster, say)
        self._stands: dict[str, Stand] = {}

    def know(self, stand: Stand) -> None:
        """A stand that the front sends to, or may have left."""
        self._stands[stand.instance] = stand

    async def before_switch(self, target: Side, *, timeout_seconds: float) -> None:
        """As of every cutover; and note whom the front leaves, for `finish`, whichever run that will be of."""
        await self._wait_ready(target, timeout_seconds)
        live = await self._cluster.live_service(self._service)
        if live and live.selector != target.selector:
            left = _draining(live) | {live.selector.get(INSTANCE, "")}
            await self._cluster.annotate_service(self._service, DRAINING, ",".join(sorted(left - {""})))
            await self._cluster.annotate_service(self._service, COMPLETED, None)

    async def finish(self, target: Side, old: Side | None = None, *, recycle: bool) -> None:  # noqa: ARG002
        """Carry a switch through to its end, also one that an earlier run began: verify, replace the pods of the
        stands that were left, take note. Does nothing where it is done.
        """
        live = await self._cluster.live_service(self._service)
        if live is None or (live.annotations.get(COMPLETED) == target.revision and not _draining(live)):
            return
        await self.after_switch(target)
        left = sorted(_draining(live) - {target.selector[INSTANCE]})
        if recycle:
            await asyncio.gather(
                *(self._replace(self._stands[one], live.switched_at) for one in left if one in self._stands)
            )
        elif left:
            self._say(f"{self._service}: `recycle` is off: {', '.join(left)} goes on, and answers on open connections")
        if _draining(live):
            await self._cluster.annotate_service(self._service, DRAINING, None)
        await self._cluster.annotate_service(self._service, COMPLETED, target.revision)

    async def _replace(self, stand: Stand, switched_at: datetime | None) -> None:
        """Replace the pods that were there before the switch while the stand goes on answering at its own address."""
        stale = served_before(await self._cluster.pods(stand.side.selector), switched_at)
        if not stale or switched_at is None:
            return
        self._say(f"{self._service}: replacing {len(stale)} pods of {stand.instance} that served before the switch")
        if stand.kind == "deployments":
            await self._cluster.restart(stand.workload, switched_at.isoformat())
            await self._until_gone(stand, stale)
            return
        for pod in stale:
            await self._cluster.end_pod(pod)
            await self._until_gone(stand, [pod])
            await self._wait_ready(stand.side, stand.patience_seconds, min(len(stale), stand.side.replicas))

    async def _until_gone(self, stand: Stand, stale: list[Pod]) -> None:
        """Until none of the pods is left. The limit is the time since the last one went, however many they are."""
        gone = {pod.uid for pod in stale}
        limit_seconds = stand.patience_seconds + stand.side.stop_seconds
        fewest, since = len(gone), time.monotonic()
        while left := sorted(pod.name for pod in await self._cluster.pods(stand.side.selector) if pod.uid in gone):
            if len(left) < fewest:
                fewest, since = len(left), time.monotonic()
            if time.monotonic() - since >= limit_seconds:
                raise SwitchUnverified(
                    f"{self._service}: of {stand.instance}, which it left, {', '.join(left)} was not replaced for "
                    f"{limit_seconds:g} s",
                    "connections opened before the switch may still be answered by the old version",
                    "`kubectl describe pod` tells what holds them; `pulumi up` goes on from here",
                )
            await asyncio.sleep(cutover.POLL_SECONDS)


def _draining(live: LiveService) -> set[str]:
    return {part for part in live.annotations.get(DRAINING, "").split(",") if part}
