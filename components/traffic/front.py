"""The gates of a front: one Service that sends to one of several backends, each of which may have users of its own.

They are those of a cutover, with two differences. There may be more than two backends, so what has to leave its open
connections is written down before the switch. And a backend that is left may have users who address it directly: its
pods are replaced a few at a time, never all at once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from components.cluster.cluster import Cluster
from components.drain.recycling import Look
from components.drain.replacing import Replacing
from components.releases.view import ReleaseView
from components.rules.facts import LiveService, Workload
from components.traffic.cutover import Gates
from contract.annotations import COMPLETED, DRAINING
from contract.labels import COMPONENT, INSTANCE


@dataclass(frozen=True)
class Backend:
    """What a front may send to: its pods as gates see them (`color` is its key), and the workload they are of.

    `service` is its own, which never sends elsewhere; `kind` is `deployments` or `replicasets`; `patience_seconds` is
    how long the next pod may take to be replaced.
    """

    view: ReleaseView
    service: str
    kind: str
    workload: str
    patience_seconds: float

    @property
    def instance(self) -> str:
        """The instance label of its pods."""
        return self.view.selector[INSTANCE]

    @property
    def left(self) -> Workload:
        """Its workload, as what has to leave its connections."""
        view = self.view
        return Workload(
            self.kind, self.workload, view.selector, view.replicas, view.stop_seconds, self.patience_seconds
        )


class FrontGates(Gates):
    """The gates of one front, named as its Service."""

    def __init__(self, front: str, cluster: Cluster, say: Callable[[str], None]) -> None:
        super().__init__(front, cluster, say)
        self._backends: dict[str, Backend] = {}
        self._replacing = Replacing(front, cluster, say)

    def know(self, backend: Backend) -> None:
        """A backend that the front sends to, or may have left."""
        self._backends[backend.instance] = backend

    async def before_switch(self, target: ReleaseView, *, timeout_seconds: float) -> None:
        """As of every cutover; and note whom the front leaves, for `finish`, whichever run that will be of."""
        await self._wait_ready(target, timeout_seconds)
        await self._note_leaving(
            target,
            DRAINING,
            lambda live: ",".join(sorted((_draining(live) | {live.selector.get(INSTANCE, "")}) - {""})),
        )
        await self._note_leaving(target, COMPLETED, lambda _: None)

    async def finish(
        self,
        target: ReleaseView,
        old: ReleaseView | None = None,  # noqa: ARG002
        *,
        recycle: bool,
        see_off: bool = False,
    ) -> None:
        """Carry a switch through to its end, also one that an earlier run began: verify, replace the pods of the
        backends that were left, take note. Does nothing where it is done.

        With `see_off` that is done also for what was left and is in no config any more, whatever `recycle` says: the
        engine deletes it after this, in no order that keeps what its pods call until they have answered.
        """
        live = await self._cluster.live_service(self._service)
        if live is None:
            return
        if live.annotations.get(COMPLETED) == target.revision and not _draining(live):
            await self._note_served(target, live)
            return
        await self.after_switch(target)

        def look() -> Awaitable[object]:
            return self._still_serves(target)

        left = sorted(_draining(live) - {target.selector[INSTANCE]})
        known = [one for one in left if one in self._backends]
        if recycle:
            backends = (self._backends[one] for one in known)
            await asyncio.gather(
                *(
                    self._replacing.replace(backend.instance, backend.left, live.switched_at, look)
                    for backend in backends
                )
            )
        elif known:
            self._say(f"{self._service}: `recycle` is off: {', '.join(known)} goes on, and answers on open connections")
        if see_off:
            unknown = (one for one in left if one not in self._backends)
            await asyncio.gather(*(self._see_off(one, live.switched_at, look) for one in unknown))
        if _draining(live):
            await self._note(target, DRAINING, None)
        await self._note_served(target, live)
        await self._note(target, COMPLETED, target.revision)

    def _place(self, target: ReleaseView) -> str:
        return target.selector[INSTANCE]

    async def _see_off(self, instance: str, switched_at: datetime | None, look: Look) -> None:
        """As for any backend that was left; what it is, only the cluster knows."""
        found = await self._cluster.workloads({INSTANCE: instance, COMPONENT: "workload"})
        await asyncio.gather(*(self._replacing.replace(instance, one, switched_at, look) for one in found))


def _draining(live: LiveService) -> set[str]:
    return {part for part in live.annotations.get(DRAINING, "").split(",") if part}
