"""The limit to rollbacks: no way back past a release that changed data so that older ones cannot read it.

Decided by what is true in the cluster: an edit of the config that takes the key away in the same breath as it goes back
finds the note all the same.
"""

from collections.abc import Iterable

from components.releases.state import Notes
from components.rules.errors import RollbackForbidden
from components.rules.ledger import Unreadable, read_limit
from components.settings import Release
from contract.annotations import NO_ROLLBACK_PAST
from contract.releases import Numbered


class RollbackLimit:
    """The limit to the rollbacks of one service."""

    def __init__(self, service: str, notes: Notes) -> None:
        self._service = service
        self._notes = notes

    async def check(self, target: Release, place: str, known: Iterable[Release]) -> None:
        """Before `target` (on `place`, a color) takes the traffic. `known` are the releases of the config, of which one
        that forbids counts while it serves, noted or not. Raises RollbackForbidden.
        """
        state = await self._notes.read()
        if state is None or state.runs(target.id):
            return
        noted = read_limit(state.notes)
        if isinstance(noted, Unreadable):
            raise self._unreadable(target, place, noted)
        limits = [one.numbered for one in known if one.rollback == "forbidden" and state.runs(one.id)]
        for limit in [*limits, *([noted] if noted else [])]:
            if target.numbered.older_than(limit):
                raise RollbackForbidden(
                    f"{self._service}: {place} {target.numbered} is to take the traffic, and {limit}, which has taken "
                    "it, forbids a rollback past it",
                    "data has changed since in a way that the older release cannot read",
                    f"roll forward: put a release newer than {limit} on {place}. If the data does allow it: set "
                    "`rollback: allowed` on the release that is live, `pulumi up`, and then go back",
                )

    def _unreadable(self, target: Release, place: str, noted: Unreadable) -> RollbackForbidden:
        return RollbackForbidden(
            f"{self._service}: {place} {target.numbered} is to take the traffic, and the note "
            f"{NO_ROLLBACK_PAST} in the cluster is {noted.text!r}, which names no release",
            "it says past which release nobody may roll back; which one that is, is not known, so it may be this one",
            "set `active` (or the release) back to what is live, with `rollback: forbidden` on that release (or "
            "`allowed`, where the data allows every way back), then `pulumi up`: that writes the note anew",
        )

    async def settle(self, serving: Release) -> None:
        """The note once a release takes the traffic: that it forbids a way back past it, or no note any more."""
        if serving.rollback is None:
            return
        state = await self._notes.read()
        if state is None or not state.runs(serving.id):
            return
        noted = read_limit(state.notes)
        older = not isinstance(noted, Numbered) or noted.older_than(serving.numbered)
        if serving.rollback == "allowed" and noted:
            await self._notes.note(NO_ROLLBACK_PAST, None, state)
        elif serving.rollback == "forbidden" and older:
            await self._notes.note(NO_ROLLBACK_PAST, str(serving.numbered), state)
