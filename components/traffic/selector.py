"""The router of a live Service whose selector names the revision that serves."""

import asyncio
from collections.abc import Collection, Mapping

from components.cluster import watch as limits
from components.cluster.watch import Watch
from components.releases.view import ReleaseView
from components.rules.errors import SwitchUnverified
from components.rules.facts import LiveService, Pod, served_before, why_not_switched
from components.traffic.notes import LiveNotes
from contract.annotations import COMPLETED


class SelectorRouter:
    """The router by the selector of the live Service. It names one revision, so the Service can match no two releases
    at once.
    """

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self.notes = LiveNotes(watch, self.serves)

    def selector(self, target: ReleaseView) -> Mapping[str, str]:
        """See Router."""
        return target.selector

    def fits(self, live: LiveService, target: ReleaseView) -> bool:
        """See Router."""
        return live.selector == self.selector(target)

    def place(self, target: ReleaseView) -> str:  # noqa: ARG002 - a service is one place, whatever its color
        """See Router."""
        return ""

    async def serves(self, live: LiveService, target: ReleaseView) -> bool:
        """See Router."""
        return self.fits(live, target)

    async def unsettled(self, target: ReleaseView) -> str | None:  # noqa: ARG002 - a selector moves all at once
        """See Router."""
        return None

    async def leave(self, target: ReleaseView) -> None:
        """See Router. From now on both releases may hold connections, even if this run dies and the next goes back."""
        await self.notes.note_leaving(target, COMPLETED)

    async def prepare(self, target: ReleaseView) -> None:
        """See Router. There is nothing to prepare."""

    async def moved(self, target: ReleaseView) -> None:
        """See Router."""
        await self.sends_to(target, self._watch.service)

    async def still_answers(self, target: ReleaseView) -> None:
        """See Router."""

        async def unmet() -> str | None:
            await self.notes.still_serves(target)
            return await self._unproved(target, self._watch.service)

        await self._must(unmet, target, self._watch.service)

    async def sends_to(self, target: ReleaseView, service: str) -> None:
        """The live Service, or a further one, sends to the target and to nothing else. Raises SwitchUnverified."""
        await self._must(lambda: self._unproved(target, service), target, service)

    async def _unproved(self, target: ReleaseView, service: str) -> str | None:
        endpoints, pods = await asyncio.gather(self._watch.cluster.endpoints(service), self._takers(target))
        return why_not_switched(endpoints, pods)

    async def _must(self, unmet: limits.Unmet, target: ReleaseView, service: str) -> None:
        if reason := await self._watch.until_none(unmet, limits.VERIFY_SECONDS, f"endpoints of {target.color}"):
            raise SwitchUnverified(
                f"{service}: it was switched to {target.revision}, but for {limits.VERIFY_SECONDS:g} s {reason}",
                "requests may still reach the old release, or nobody",
                f"see `kubectl get endpointslices -n {self._watch.namespace} -l kubernetes.io/service-name={service}`; "
                "`pulumi up` checks again, setting `active` back rolls back",
            )

    async def _takers(self, target: ReleaseView) -> list[Pod]:
        """The pods that may take the traffic while the target serves."""
        return await self._watch.cluster.pods(target.selector)

    def served_before(self, pods: Collection[Pod], live: LiveService) -> list[Pod]:
        """See Router. The time of the last change of the selector tells."""
        return served_before(pods, live.switched_at)
