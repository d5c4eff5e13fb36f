"""The router of a front: one Service that sends to one of several backends, each of which may have users of its own.

There may be more than two backends, so the backend that is left is noted before the switch: its open connections have
to end.
"""

from components.releases.view import ReleaseView
from components.rules.facts import LiveService
from components.traffic.selector import SelectorRouter
from contract.annotations import COMPLETED, DRAINING
from contract.labels import INSTANCE


class FrontRouter(SelectorRouter):
    """The router of a front. A release that serves through a front serves in the place of one backend."""

    def place(self, target: ReleaseView) -> str:
        """See Router."""
        return target.selector[INSTANCE]

    async def leave(self, target: ReleaseView) -> None:
        """See Router. Notes the backend that the front leaves, for the drain of this run or of a later one."""
        await self.notes.note_leaving(
            target,
            DRAINING,
            lambda live: ",".join(sorted((draining(live) | {live.selector.get(INSTANCE, "")}) - {""})),
        )
        await self.notes.note_leaving(target, COMPLETED)


def draining(live: LiveService) -> set[str]:
    """The instances that a front has left and that are not drained yet."""
    return {part for part in live.annotations.get(DRAINING, "").split(",") if part}
