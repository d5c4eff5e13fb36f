"""The notes on a live Service. Each write has a precondition: the Service has not changed since it was looked at."""

import contextlib
from collections.abc import Awaitable, Callable

from components.cluster.watch import TRIES, Watch
from components.releases.view import ReleaseView
from components.rules.errors import ClusterUnreachable, GateRefused, Moved
from components.rules.facts import LiveService
from contract.annotations import COMPLETED, REFUSED, SWITCHED
from contract.labels import REVISION
from contract.refusal import Refusal, read_refusal

Serves = Callable[[LiveService, ReleaseView], Awaitable[bool]]


class LiveNotes:
    """The notes of one service (contract.annotations). `serves` tells where the live Service sends to."""

    def __init__(self, watch: Watch, serves: Serves) -> None:
        self._watch, self._serves = watch, serves

    @staticmethod
    def completed(live: LiveService, target: ReleaseView) -> bool:
        """Whether no other release's cutover is noted as the last one that was carried to its end."""
        return live.annotations.get(COMPLETED, target.revision) == target.revision

    async def still_serves(self, target: ReleaseView) -> LiveService:
        """The live Service right before a step, which must still send to the expected release. Raises Moved."""
        live = await self._watch.cluster.live_service(self._watch.service)
        if live is None or not await self._serves(live, target):
            now = f"selects {dict(live.selector)}" if live else "is gone"
            raise Moved(
                f"{self._watch.service}: the live Service {now} now, no longer {target.color} {target.revision}",
                "somebody moved it while this run was draining; its next step would stop pods that serve",
                f"set `active` to what shall serve, then `pulumi up`; `cutover status` shows {self._watch.service}",
            )
        return live

    async def note(self, target: ReleaseView, key: str, value: str | None) -> None:
        """Set a note of a Service that sends to the target; None removes it. Raises Moved."""
        for _ in range(TRIES):
            live = await self.still_serves(target)
            if await self._write(key, value, live):
                return
        raise self._changes(key)

    async def note_leaving(
        self, target: ReleaseView, key: str, value: Callable[[LiveService], str | None] = lambda _: None
    ) -> None:
        """Set a note of a Service that does not send to the target yet, made from its notes of that moment. Raises
        Moved.
        """
        for _ in range(TRIES):
            live = await self._watch.cluster.live_service(self._watch.service)
            if live is None or await self._serves(live, target) or await self._write(key, value(live), live):
                return
        raise self._changes(key)

    async def note_refusal(self, target: ReleaseView, refused: GateRefused) -> None:
        """Note that a release was refused, unless it serves after all. A failed write hides no refusal."""
        with contextlib.suppress(ClusterUnreachable):
            for _ in range(TRIES):
                live = await self._watch.cluster.live_service(self._watch.service)
                if live is None or await self._serves(live, target):
                    return
                text = Refusal.now("refused", target.color, target.revision, refused.what, refused.code).text()
                if await self._write(REFUSED, text, live):
                    return

    async def forget_refusal(self, target: ReleaseView, live: LiveService) -> None:
        """Remove the note of a refusal once the release serves. Raises Moved."""
        noted = read_refusal(live.annotations)
        if noted and noted.revision == target.revision:
            await self.note(target, REFUSED, None)

    async def forget_share(self, target: ReleaseView, live: LiveService) -> None:
        """Remove the note of a canary of which another release was the active one. Raises Moved."""
        noted = live.annotations.get(SWITCHED)
        if noted and noted.partition(" ")[0] != f"{target.color}/{target.selector.get(REVISION, '')}":
            await self.note(target, SWITCHED, None)

    async def forget_before(self, target: ReleaseView) -> None:
        """Remove the note of a refusal once the release has passed its gate and gets a share."""
        live = await self._watch.cluster.live_service(self._watch.service)
        noted = read_refusal(live.annotations) if live else None
        if noted and noted.revision == target.revision:
            await self.note_leaving(target, REFUSED)

    async def _write(self, key: str, value: str | None, live: LiveService) -> bool:
        return await self._watch.cluster.annotate_service(self._watch.service, key, value, version=live.version)

    def _changes(self, key: str) -> Moved:
        return Moved(
            f"{self._watch.service}: the live Service changed {TRIES} times while {key} was to be noted on it",
            "a note on a Service that somebody changes could be of another release than the one that serves",
            f"look who changes it (`kubectl get service {self._watch.service} -n {self._watch.namespace} -o "
            "yaml --show-managed-fields`), then `pulumi up`",
        )
