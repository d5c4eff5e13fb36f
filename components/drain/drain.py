"""The end of a cutover: it is verified, the old color's pods are drained and recycled, and it is noted."""

import asyncio
from collections.abc import Sequence
from functools import partial

from components.checks.release_ready import ReleaseReady
from components.checks.served_before import ServedBefore
from components.cluster import watch as limits
from components.cluster.watch import Watch
from components.drain.followed import Followed
from components.drain.recycling import Recycling
from components.releases.view import ReleaseView
from components.rules.facts import LiveService, Pod
from components.traffic import adoption
from components.traffic.capacity import Capacity
from components.traffic.roles import Roles
from components.traffic.router import Router
from contract.annotations import ADOPTED, COMPLETED
from contract.words import counted


class Drain:
    """The end of the cutovers of one service."""

    def __init__(
        self, watch: Watch, router: Router, capacity: Capacity, followed: Followed, roles: Roles | None
    ) -> None:
        self._watch, self._router, self._capacity, self._followed = watch, router, capacity, followed
        self._roles = roles
        self._ready = ReleaseReady(watch, router)
        self._served = ServedBefore(watch, router)

    async def finish(
        self, target: ReleaseView, old: ReleaseView | None, *, recycle: bool, kept: Sequence[ReleaseView] = ()
    ) -> None:
        """Finish a cutover, also one that an earlier run began: verify, recycle, note it. `old` is the color that does
        not serve; `kept` stand by beside both, and one of them may have served until this cutover.

        A selector moves new connections only: a connection that was opened before stays on the old pods for as long as
        both ends like. So pods of the old color that were there before the switch are stopped gracefully (their preStop
        pause, then SIGTERM), in turn, so that the standby stays warm. Does nothing where it is done. Before anything
        more is stopped or noted, raises Moved where somebody moves the Service meanwhile, and SwitchUnverified where
        the target is ready nowhere any more; also SwitchNotFollowed.
        """
        cluster, notes = self._watch.cluster, self._router.notes
        live = await cluster.live_service(self._watch.service)
        if live is None:
            return
        await self._keep_strength(target, [one for one in (old, *kept) if one])
        if live.annotations.get(COMPLETED) == target.revision:
            await self._served.note(target, live)
            await self._settle_roles(target, live)
            return
        await self._router.moved(target)
        await self._followed.until(target)
        if ADOPTED in live.annotations and not target.adopted:
            # Pods without a preStop pause: whoever has not heard of the switch yet must find them still there.
            await asyncio.sleep(target.settle_seconds)
        for one in self._served.left(live, old, kept):
            await self._leave(target, one, live, recycle=recycle)
        await self._served.note(target, live)
        await notes.forget_refusal(target, live)
        await notes.forget_share(target, live)
        await notes.note(target, COMPLETED, target.revision)
        if adoption.note_changes(live, target, old):
            await notes.note(target, ADOPTED, adoption.adopted_color(target, old))
        await self._settle_roles(target, live)

    async def recycle_left(self, target: ReleaseView, old: ReleaseView) -> None:
        """Recycle the pods of the other color that had a share beside the target and lost it again. Not while a cutover
        is to be carried through, which recycles the color that it left. Raises Moved, SwitchNotFollowed.
        """
        live = await self._watch.cluster.live_service(self._watch.service)
        if live is None or live.annotations.get(COMPLETED) != target.revision:
            return
        if stale := self._router.served_before(await self._watch.cluster.pods(old.selector), live):
            await self._followed.ask(target)
            self._say(f"draining {old.color}'s pods that had a share ({len(stale)})")
            await self._recycle(target, old, stale, target.revision)

    async def _leave(self, target: ReleaseView, old: ReleaseView, live: LiveService, *, recycle: bool) -> None:
        """Give a release that was left its standby size, and recycle the pods that served."""
        await self._router.notes.still_serves(target)
        await self._capacity.shrink(old)
        stale = self._router.served_before(await self._watch.cluster.pods(old.selector), live)
        at = live.switched_at.isoformat() if live.switched_at else target.revision
        if stale and recycle:
            self._say(f"draining {old.color}, {counted(len(stale), 'pod')} that served before the switch")
            await self._recycle(target, old, stale, at)
        elif stale:
            go_on = f"{len(stale)} pods of {old.color} that served before the switch go on"
            self._say(f"`recycle` is off: {go_on}, and answer on the connections that they hold")

    async def _settle_roles(self, target: ReleaseView, live: LiveService) -> None:
        if self._roles:
            await self._roles.settle(target, live)

    async def _recycle(self, target: ReleaseView, old: ReleaseView, stale: list[Pod], at: str) -> None:
        look = partial(self._router.still_answers, target)
        await Recycling(self._watch, limits.VERIFY_SECONDS).recycle(old, stale, at, look)
        await look()

    async def until_stopped(self, view: ReleaseView) -> None:
        """Wait until no pod of a color is terminating: it may still call a service that is to stop after it."""

        async def unmet() -> str | None:
            left = [pod.name for pod in await self._watch.cluster.pods(view.selector) if pod.terminating]
            return f"{', '.join(left)} still there" if left else None

        await self._watch.until_none(unmet, view.stop_seconds + limits.VERIFY_SECONDS, f"{view.color} stopped")

    async def _keep_strength(self, target: ReleaseView, others: Sequence[ReleaseView]) -> None:
        """Bring all back to what the config says where somebody scaled them down: the engine does not look."""
        for one in others:
            await self._capacity.restore(one)
        if seconds := await self._capacity.restore(target):
            await self._ready.wait(target, seconds)

    def _say(self, text: str) -> None:
        self._watch.say(f"{self._watch.service}: {text}")
