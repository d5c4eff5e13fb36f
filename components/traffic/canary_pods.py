"""The pods of the idle color that are attached to the live Service beside all pods of the active one.

Single pods are labeled and never a pod template: a pod that is born later gets no traffic before a gate has seen it. So
what is attached, the pods tell, and what a run or the end of a pod left is put right by the next run.
"""

import asyncio
from collections.abc import Mapping

from components.cluster import watch as limits
from components.cluster.watch import Watch
from components.releases.view import ReleaseView
from components.rules.attachment import CanaryShare
from components.rules.errors import Moved, ShareUnverified
from components.rules.facts import Endpoint
from components.rules.labels import live_selector
from components.rules.pod_share import PodShare
from components.traffic.attachments import Attachments
from contract.annotations import COMPLETED, SERVES
from contract.labels import COLOR, LIVE
from contract.pod_shares import said


class CanaryPods:
    """`target` is the release that serves, `canary` the other color with as many pods as it is to have attached, and
    `revision` what selects the release of those.
    """

    def __init__(self, watch: Watch, target: ReleaseView, canary: CanaryShare, revision: Mapping[str, str]) -> None:
        self._watch, self._target, self._canary, self._revision = watch, target, canary, revision
        self._attachments = Attachments(watch.service, watch.cluster, canary)
        self._told = ""

    async def look(self) -> PodShare:
        """The pods of the color as they are now."""
        return PodShare(await self._watch.cluster.pods(self._canary.color), self._revision, self._canary.pods)

    async def serving(self) -> tuple[int, int]:
        """How many pods of each get new connections: of the release that serves, of the other color."""
        pods = self._watch.cluster.pods
        own, others = await asyncio.gather(pods(self._target.selector), pods(self._canary.color))
        found = {one.pod for one in await self._endpoints() if one.ready}
        return sum(pod.name in found for pod in own), sum(pod.name in found for pod in others)

    async def alone(self) -> bool:
        """Whether the other color could lose its share at once: all of the target is attached, some of it answers, and
        no cutover is to be carried through.
        """
        live = await self._watch.cluster.live_service(self._watch.service)
        if live is None or live.selector != live_selector(self._watch.service) or not self._goes_here(live.annotations):
            return False
        found = await self._attachments.find(self._target.selector)
        whole = found.own_sets and not (found.unlabeled_sets or found.unlabeled_pods or found.other_sets)
        done = live.annotations.get(COMPLETED) == self._target.revision
        return done and bool(whole) and (await self.serving())[0] > 0

    async def attach(self) -> None:
        """Attach the wanted pods, and wait until they get new connections. Raises ShareUnverified, Moved."""

        async def unmet() -> str | None:
            share = await self.look()
            if share.to_attach:
                await self._refuse_moved()
                await self._attachments.attach_pods(share.to_attach)
            return share.why_not_attached(await self._endpoints())

        await self._until(unmet, "attached", "the active color goes on; the share is smaller than it should be")

    async def detach(self, *, strangers: bool = True) -> None:
        """The detachment of all pods that are not wanted, until they get no new connections; of pods of another
        revision too, or only what is beyond the wanted number. Raises ShareUnverified, Moved.
        """

        async def unmet() -> str | None:
            share = await self.look()
            if left := share.to_detach if strangers else share.surplus:
                await self._refuse_moved()
                await self._attachments.detach_pods(left)
                return f"{', '.join(sorted(pod.name for pod in left))} carried the label {LIVE}"
            return share.why_not_detached(await self._endpoints())

        await self._until(unmet, "detached", "new connections may still reach pods that are to get none")

    async def tell(self) -> None:
        """Tell the share that the color really has, once."""
        active, pods = await self.serving()
        color = self._canary.color[COLOR]
        text = f"{color} has {said(pods, active)}" if pods else f"{color} gets no new connections"
        if text != self._told:
            self._watch.say(f"{self._watch.service}: {text}")
        self._told = text

    async def _refuse_moved(self) -> None:
        live = await self._watch.cluster.live_service(self._watch.service)
        if live is None or not self._goes_here(live.annotations):
            now = live.annotations.get(SERVES, "nobody") if live else "nobody"
            raise Moved(
                f"{self._watch.service}: the live Service is to send to {now} now, no longer to {self._target.color}",
                "somebody moved it while this run was at it; to go on could take the traffic from what it went to",
                f"set `active` to what shall serve, then `pulumi up`; `cutover status` shows {self._watch.service}",
            )

    def _goes_here(self, notes: Mapping[str, str]) -> bool:
        return notes.get(SERVES) == f"{self._target.color}/{self._target.revision}"

    async def _endpoints(self) -> list[Endpoint]:
        return await self._watch.cluster.endpoints(self._watch.service)

    async def _until(self, unmet: limits.Unmet, what: str, why: str) -> None:
        color = self._canary.color[COLOR]
        if reason := await self._watch.until_none(unmet, limits.VERIFY_SECONDS, f"pods of {color} {what}"):
            raise ShareUnverified(
                f"{self._watch.service}: {limits.VERIFY_SECONDS:g} s after pods of {color} were {what}, {reason}",
                why,
                f"see `kubectl get pods -n {self._watch.namespace} -L {LIVE}`; `pulumi up` goes on from here",
            )
