"""The cutover of one service: a switch between its colors, and the drain of the one that was left."""

from components.checks.check import Check
from components.checks.live_edit import LiveEdit
from components.cluster.watch import Watch
from components.drain.drain import Drain
from components.drain.followed import Followed
from components.releases.view import ReleaseView
from components.strategies.switch import Switch
from components.traffic.roles import Roles
from components.traffic.router import Router
from contract.annotations import COMPLETED


class Cutover(Switch):
    """The cutovers of one service."""

    def __init__(
        self, watch: Watch, router: Router, verify_after: Check | None = None, roles: Roles | None = None
    ) -> None:
        super().__init__(watch, router)
        self._followed = Followed(watch, router, verify_after)
        drain = Drain(watch, router, self._capacity, self._followed, roles)
        self.live_edit = LiveEdit(watch, router)
        """The check against an edit of the release that serves."""
        self.note_refusal = router.notes.note_refusal
        self.forget_refusal = router.notes.forget_before
        self.finish = drain.finish
        self.recycle_left = drain.recycle_left
        self.until_stopped = drain.until_stopped

    async def shrink_left(self, target: ReleaseView, old: ReleaseView) -> None:
        """Give the other color, which had a share beside the target, its standby size. Not while a cutover is to be
        carried through: its end does that.
        """
        live = await self._watch.cluster.live_service(self._watch.service)
        if live and live.annotations.get(COMPLETED) == target.revision:
            await self._capacity.shrink(old)

    async def may_shrink(self, target: ReleaseView, old: ReleaseView) -> None:
        """The check before the old color's workload changes: it gets no traffic any more. Raises GateRefused,
        SwitchNotFollowed.
        """
        await self.before_shrink(old)
        await self._followed.until(target)
