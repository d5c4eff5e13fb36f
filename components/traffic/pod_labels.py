"""The router of a live Service that selects a label: pods are attached and detached, the selector stays.

The new release is attached and verified before the old one is detached, so at no moment is the Service empty. What is
attached, the pods and the pod templates themselves tell, never the state of the stack or of an earlier run: from
wherever a run ended, the next one goes on from the labels that it finds.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping

from components.cluster import watch as limits
from components.cluster.watch import Watch
from components.releases.view import ReleaseView
from components.rules.attachment import NO_CANARY, CanaryShare
from components.rules.errors import Moved, SwitchUnverified
from components.rules.facts import LiveService, Pod
from components.rules.labels import live_selector
from components.traffic.attachments import Attachments
from components.traffic.selector import SelectorRouter
from contract.annotations import SERVES
from contract.labels import LIVE


class LabelRouter(SelectorRouter):
    """The router by a label of pods. Both releases answer for `overlap_seconds` at each cutover. `canary` is what may
    be attached beside the release that serves, and stays attached where it is.
    """

    def __init__(self, watch: Watch, *, overlap_seconds: int, canary: CanaryShare = NO_CANARY) -> None:
        super().__init__(watch)
        self._overlap_seconds = overlap_seconds
        self._attachments = Attachments(watch.service, watch.cluster, canary)
        self._of_target_alone = Attachments(watch.service, watch.cluster)

    def selector(self, target: ReleaseView) -> Mapping[str, str]:  # noqa: ARG002 - whoever takes the traffic
        """See Router."""
        return live_selector(self._watch.service)

    async def serves(self, live: LiveService, target: ReleaseView) -> bool:
        """See Router."""
        return self.fits(live, target) and await self.unsettled(target) is None

    async def unsettled(self, target: ReleaseView) -> str | None:
        """See Router. A run may have ended between two steps, or somebody may have changed a label."""
        return (await self._attachments.find(target.selector)).why_not_settled()

    async def prepare(self, target: ReleaseView) -> None:
        """See Router. A live Service that is missing, or that selects otherwise, is about to find pods by label: the
        label is put on the target's pods alone. A label from earlier is no share that a gate let a pod have.
        """
        live = await self._watch.cluster.live_service(self._watch.service)
        if live is None or live.selector != self.selector(target):
            if live:
                await self._attachments.note_served(live.selector, target.selector)
            await self._detach(target, self._of_target_alone)
            await self._attach(target, by_label=False)

    async def moved(self, target: ReleaseView) -> None:
        """Announce and attach the target, see that it serves; let both answer for the overlap, detach all others, look
        again. Raises Moved where somebody sends the traffic elsewhere meanwhile: then nothing is detached any more.
        """
        await self.announce(target)
        noted = await self._announced()

        async def look() -> None:
            now = await self._announced()
            if now != noted:
                service = self._watch.service
                raise Moved(
                    f"{service}: the live Service is to send to {now or 'nobody'} now, no longer to {noted}",
                    "somebody moved it while this run was at it; to go on would take the traffic from what it went to",
                    f"set `active` to what shall serve, then `pulumi up`; `cutover status` shows {service}",
                )

        await self._attach(target)
        found = await self._attachments.find(target.selector)
        if found.why_not_settled():
            if self._overlap_seconds and found.other_pods:
                self._watch.say(f"{self._watch.service}: both colors answer for {self._overlap_seconds} s")
                await asyncio.sleep(self._overlap_seconds)
                await self._attach(target)  # it must still serve before the others are taken away
            await self._detach(target, self._attachments, look)
        await super().moved(target)

    async def announce(self, target: ReleaseView) -> None:
        """Note on the live Service that it is to send to the target, where it says another one: a run that was killed
        right after the engine's note, and then turned back, is no difference to the engine. Raises Moved.
        """
        ours = f"{target.color}/{target.revision}"
        for _ in range(limits.TRIES):
            live = await self._watch.cluster.live_service(self._watch.service)
            if live is None or live.annotations.get(SERVES, ours) == ours:
                return
            if await self._watch.cluster.annotate_service(self._watch.service, SERVES, ours, version=live.version):
                return
        raise Moved(
            f"{self._watch.service}: the live Service changed {limits.TRIES} times while {SERVES} was to be noted",
            "who reads that note would take another release for the one that serves",
            f"look who changes it (`kubectl get service {self._watch.service} -n {self._watch.namespace} -o "
            "yaml --show-managed-fields`), then `pulumi up`",
        )

    async def _takers(self, target: ReleaseView) -> list[Pod]:
        return [*await super()._takers(target), *(await self._attachments.find(target.selector)).kept_pods]

    def served_before(self, pods: Collection[Pod], live: LiveService) -> list[Pod]:  # noqa: ARG002 - it never moved
        """See Router."""
        return [pod for pod in pods if pod.detached]

    async def _attach(self, target: ReleaseView, *, by_label: bool = True) -> None:
        async def unmet() -> str | None:
            found = await self._attachments.find(target.selector)
            await self._attachments.attach(found)
            endpoints = await self._watch.cluster.endpoints(self._watch.service) if by_label else None
            return found.why_not_attached(endpoints, target.replicas)

        if reason := await self._watch.until_none(unmet, limits.VERIFY_SECONDS, f"{target.color} attached"):
            raise SwitchUnverified(
                f"{self._watch.service}: {limits.VERIFY_SECONDS:g} s after {target.revision} was attached, {reason}",
                "what took the traffic before still does, and the new release perhaps in part",
                f"see `kubectl get pods -n {self._watch.namespace} -L {LIVE}`; `pulumi up` goes on from here, "
                "setting `active` back rolls back",
            )

    async def _announced(self) -> str | None:
        """Where the live Service is to send, as whoever moves it notes on it first."""
        live = await self._watch.cluster.live_service(self._watch.service)
        return live.annotations.get(SERVES) if live else None

    async def _detach(
        self, target: ReleaseView, attachments: Attachments, look: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        async def unmet() -> str | None:
            if look:
                await look()
            found = await attachments.find(target.selector)
            await attachments.detach(found)
            return found.why_not_detached()

        if reason := await self._watch.until_none(unmet, limits.VERIFY_SECONDS, "the old color detached"):
            raise SwitchUnverified(
                f"{self._watch.service}: {limits.VERIFY_SECONDS:g} s after all but {target.revision} was detached, "
                f"{reason}",
                "requests may still reach the old release",
                f"see `kubectl get pods -n {self._watch.namespace} -L {LIVE}`; `pulumi up` goes on from here",
            )
