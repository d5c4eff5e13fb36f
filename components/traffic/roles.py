"""The metadata by role of one service's pods: labels and annotations that say whether they take the traffic.

It follows the traffic. Right after a switch the pods that serve now get theirs, then the others; at the end of each
`up` all are looked at again: pods that were born meanwhile, what somebody changed by hand, what a killed run left.
Pod templates of ReplicaSets come before their pods, so one that is born in between is found by the next look. A pod
template of a Deployment is never written: its pods would restart.
"""

import asyncio
from collections.abc import Sequence

from components.cluster import watch as limits
from components.cluster.watch import Watch
from components.releases.view import ReleaseView
from components.rules.errors import CutoverError
from components.rules.facts import LiveService
from components.rules.labels import selector_labels
from components.rules.roles import Bearer
from components.traffic.notes import LiveNotes
from contract.annotations import ROLES
from contract.attachment import selects
from contract.labels import COLOR
from contract.roles import RoleMarks


class Roles:
    """The metadata by role of the service of `watch`: `active` of the pods that serve, `preview` of the others.

    `notes` are those of its live Service; `by_set`: its pods are born of ReplicaSets of its own.
    """

    def __init__(self, watch: Watch, notes: LiveNotes, active: RoleMarks, preview: RoleMarks, *, by_set: bool) -> None:
        self._watch, self._notes, self._by_set = watch, notes, by_set
        self._active, self._preview = active, preview
        self._wanted = bool(active.note or preview.note)

    async def follow(self, target: ReleaseView) -> None:
        """Right after a switch to the target. What goes wrong is told, and tried again at the end of the run."""
        try:
            live = await self._notes.still_serves(target) if self._wanted else None
            if live:
                await self._begin(target, live)
                await self._look(target)
        except CutoverError as error:
            self._say(f"the metadata by role is not on all pods yet: {str(error).splitlines()[0]}")

    async def settle(self, target: ReleaseView, live: LiveService) -> None:
        """Give every pod the metadata of its role, and take off what the config has no more. `live` is the live
        Service, which sends to the target. Raises Moved, ClusterUnreachable.
        """
        if not self._wanted and ROLES not in live.annotations:
            return
        await self._begin(target, live)

        async def unmet() -> str | None:
            return await self._look(target)

        if reason := await self._watch.until_none(unmet, limits.VERIFY_SECONDS, "metadata by role"):
            self._say(
                f"{limits.VERIFY_SECONDS:g} s after metadata by role was written, {reason}; the next `up` goes on"
            )
        elif not self._wanted:
            await self._notes.note(target, ROLES, None)

    async def _begin(self, target: ReleaseView, live: LiveService) -> None:
        if ROLES not in live.annotations:
            await self._notes.note(target, ROLES, "true")

    async def _look(self, target: ReleaseView) -> str | None:
        """Look once, and write what is missing. Why a later look is needed; None where none is."""
        templates = await self._ours("replicasets") if self._by_set else []
        wrote = await self._write(target, templates, serving=True)
        pods = await self._ours("pods")
        wrote += await self._write(target, pods, serving=True)
        wrote += await self._write(target, templates, serving=False)
        wrote += await self._write(target, pods, serving=False)
        if wrote:
            return f"{', '.join(sorted(wrote))} had it not"
        late = sorted(one.name for one in templates if not one.seen)
        return f"the cluster has not taken note of the template of {', '.join(late)}" if late else None

    async def _ours(self, kind: str) -> list[Bearer]:
        """Not what was adopted, which is left as it is: it has no color."""
        found = await self._watch.cluster.role_bearers(kind, selector_labels(self._watch.service))
        return [one for one in found if COLOR in one.labels]

    async def _write(self, target: ReleaseView, found: Sequence[Bearer], *, serving: bool) -> list[str]:
        marks = self._active if serving else self._preview
        due = [
            (one, change)
            for one in found
            if selects(target.selector, one.labels) == serving and (change := marks.change(one.metadata))
        ]
        if due:
            await self._notes.still_serves(target)
            await asyncio.gather(*(self._watch.cluster.write_role(one, change) for one, change in due))
        return [one.name for one, _ in due]

    def _say(self, text: str) -> None:
        self._watch.say(f"{self._watch.service}: {text}")
