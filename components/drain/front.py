"""The end of a switch of a front: new pods for the backends that it left, a few at a time.

A backend that is left may have users who address it directly, so its pods never go all at once.
"""

import asyncio
import contextlib
from datetime import datetime
from functools import partial

from components.checks.served_before import ServedBefore
from components.cluster.watch import Watch
from components.drain.recycling import Look
from components.drain.replacing import Replacing
from components.releases.backend import Backend
from components.releases.view import ReleaseView
from components.rules.errors import ClusterRefused
from components.traffic.front import FrontRouter, draining
from contract.annotations import COMPLETED, DRAINING
from contract.labels import COMPONENT, INSTANCE


class FrontDrain:
    """The end of the switches of one front. `backends` are those that it sends to or may have left, by instance."""

    def __init__(self, watch: Watch, router: FrontRouter, backends: dict[str, Backend]) -> None:
        self._watch, self._router, self._backends = watch, router, backends
        self._served = ServedBefore(watch, router)
        self._replacing = Replacing(watch)

    async def finish(self, target: ReleaseView, *, recycle: bool, see_off: bool = False) -> None:
        """Finish a switch, also one that an earlier run began: verify it, replace the pods of the backends that were
        left, note it. Does nothing where it is done. Raises Moved, SwitchUnverified.

        With `see_off` the pods of a backend that is in no config any more are replaced too, whatever `recycle` says.
        The engine deletes it after this, in any order: a service that its pods call could be gone before they have
        answered.
        """
        notes = self._router.notes
        live = await self._watch.cluster.live_service(self._watch.service)
        if live is None:
            return
        if live.annotations.get(COMPLETED) == target.revision and not draining(live):
            await self._served.note(target, live)
            return
        await self._router.moved(target)

        look = partial(self._router.still_answers, target)
        left = sorted(draining(live) - {target.selector[INSTANCE]})
        known = [one for one in left if one in self._backends]
        if recycle:
            backends = [self._backends[one] for one in known]
            await asyncio.gather(
                *(self._replacing.replace(one.instance, one.left, live.switched_at, look) for one in backends)
            )
        elif known:
            self._watch.say(
                f"{self._watch.service}: `recycle` is off: {', '.join(known)} goes on, and answers on open connections"
            )
        if see_off:
            unknown = (one for one in left if one not in self._backends)
            await asyncio.gather(*(self._see_off(one, live.switched_at, look) for one in unknown))
        if draining(live):
            await look()
            await notes.note(target, DRAINING, None)
        await self._served.note(target, live)
        await notes.note(target, COMPLETED, target.revision)

    async def _see_off(self, instance: str, switched_at: datetime | None, look: Look) -> None:
        """The same for a backend that no config names: the cluster alone knows it."""
        cluster, labels = self._watch.cluster, {INSTANCE: instance, COMPONENT: "workload"}
        found = await cluster.workloads(labels)
        with contextlib.suppress(ClusterRefused):  # the right to see StatefulSets only those have who make some
            found += await cluster.workloads(labels, stateful=True)
        await asyncio.gather(*(self._replacing.replace(instance, one, switched_at, look) for one in found))
