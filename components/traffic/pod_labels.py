"""The gates of a service whose live Service selects by a label: pods are attached and detached, the selector stays.

The new color is attached and verified before the old one is detached, so at no moment is the Service empty. What is
attached, the pods and the pod templates themselves tell, never the state of the stack or of an earlier run: from
wherever a run ended, the next one goes on from what it finds.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime

from components.checks.smoke import Smoke
from components.cluster.cluster import Cluster
from components.releases.view import ReleaseView
from components.rules.attachment import Attachment
from components.rules.errors import Moved, SwitchUnverified
from components.rules.facts import LiveService, Pod, selects
from components.rules.labels import live_selector, selector_labels
from components.traffic import cutover
from components.traffic.cutover import Gates
from contract.annotations import DETACHED, SERVES
from contract.labels import ATTACHED, LIVE


class LabelGates(Gates):
    """The gates of one service with `cutover: labels`. Both colors answer for `overlap_seconds` at each cutover."""

    def __init__(self, service: str, cluster: Cluster, say: Callable[[str], None], *, overlap_seconds: int) -> None:
        super().__init__(service, cluster, say)
        self._overlap_seconds = overlap_seconds
        self._attachments = Attachments(service, cluster)

    async def before_switch(self, target: ReleaseView, *, timeout_seconds: float) -> None:
        """As with a selector. Where the live Service is not there yet, or selects otherwise, what it is about to find
        by label is made to be the target, and nothing else. Raises NotReady, SwitchUnverified.
        """
        await super().before_switch(target, timeout_seconds=timeout_seconds)
        live = await self._cluster.live_service(self._service)
        if live is None or live.selector != self._selector(target):
            if live:
                await self._attachments.note_served(live.selector, target.selector)
            await self._detach(target)
            await self._attach(target, by_label=False)

    async def after_switch(self, target: ReleaseView) -> None:
        """Attach the target, see that it serves; let both answer for the overlap, detach all others, look again.
        Raises Moved where somebody sends the traffic elsewhere meanwhile: then nothing is detached any more.
        """
        noted = await self._announced()

        async def look() -> None:
            now = await self._announced()
            if now != noted:
                raise Moved(
                    f"{self._service}: the live Service is to send to {now or 'nobody'} now, no longer to {noted}",
                    "somebody moved it while this run was at it; to go on would take the traffic from what it went to",
                    f"set `active` to what shall serve, then `pulumi up`; `cutover status` shows {self._service}",
                )

        await self._attach(target)
        found = await self._attachments.find(target.selector)
        if found.why_not_settled():
            if self._overlap_seconds and found.other_pods:
                self._say(f"{self._service}: both colors answer for {self._overlap_seconds} s")
                await asyncio.sleep(self._overlap_seconds)
                await self._attach(target)  # it must still serve before the others are taken away
            await self._detach(target, look)
        await super().after_switch(target)

    async def restore(
        self,
        target: ReleaseView,
        *,
        timeout_seconds: float,
        smoke: Smoke | None,
        permit: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """As with a selector; and where pods or pod templates are attached otherwise than they should be, because a run
        ended between two steps or somebody changed a label, carry it through. Behind `permit` and the gate of every
        switch.
        """
        await super().restore(target, timeout_seconds=timeout_seconds, smoke=smoke, permit=permit)
        if await self._cluster.live_service(self._service) is None:
            return
        if reason := (await self._attachments.find(target.selector)).why_not_settled():
            self._say(f"{self._service}: the config wants {target.color} {target.revision}, but {reason}: settling it")
            if permit:
                await permit()
            await self.check(target, timeout_seconds=timeout_seconds, smoke=smoke)
            await self.before_switch(target, timeout_seconds=timeout_seconds)
            await self.after_switch(target)

    def _selector(self, target: ReleaseView) -> Mapping[str, str]:  # noqa: ARG002 - whoever takes the traffic
        return live_selector(self._service)

    async def _serves(self, live: LiveService, target: ReleaseView) -> bool:
        if live.selector != self._selector(target):
            return False
        return (await self._attachments.find(target.selector)).why_not_settled() is None

    def _served_before(self, pods: list[Pod], live: LiveService) -> list[Pod]:  # noqa: ARG002 - it never moved
        return [pod for pod in pods if pod.detached]

    async def _attach(self, target: ReleaseView, *, by_label: bool = True) -> None:
        async def unmet() -> str | None:
            found = await self._attachments.find(target.selector)
            await self._attachments.attach(found)
            endpoints = await self._cluster.endpoints(self._service) if by_label else None
            return found.why_not_attached(endpoints, target.replicas)

        if reason := await self._until_none(unmet, cutover.VERIFY_SECONDS, f"{target.color} attached"):
            raise SwitchUnverified(
                f"{self._service}: {cutover.VERIFY_SECONDS:g} s after {target.revision} was attached, {reason}",
                "what took the traffic before still does, and the new release perhaps in part",
                f"see `kubectl get pods -L {LIVE}`; `pulumi up` goes on from here, setting `active` back rolls back",
            )

    async def _announced(self) -> str | None:
        """Where the live Service is to send, as whoever moves it notes on it first."""
        live = await self._cluster.live_service(self._service)
        return live.annotations.get(SERVES) if live else None

    async def _detach(self, target: ReleaseView, look: Callable[[], Awaitable[None]] | None = None) -> None:
        async def unmet() -> str | None:
            if look:
                await look()
            found = await self._attachments.find(target.selector)
            await self._attachments.detach(found)
            return found.why_not_detached()

        if reason := await self._until_none(unmet, cutover.VERIFY_SECONDS, "the old color detached"):
            raise SwitchUnverified(
                f"{self._service}: {cutover.VERIFY_SECONDS:g} s after all but {target.revision} was detached, {reason}",
                "requests may still reach the old release",
                f"see `kubectl get pods -L {LIVE}`; `pulumi up` goes on from here",
            )


class Attachments:
    """The labels of one service's pods and pod templates, in the cluster."""

    def __init__(self, service: str, cluster: Cluster) -> None:
        self._all = selector_labels(service)
        self._cluster = cluster

    async def find(self, selector: Mapping[str, str]) -> Attachment:
        """What is attached, seen from the revision that the selector finds. Pods are asked for after their ReplicaSets:
        one that was born of an older template is then among them.
        """
        sets = await self._cluster.replica_sets(self._all)
        return Attachment(sets, await self._cluster.pods(self._all), selector)

    async def attach(self, found: Attachment) -> None:
        """The template first, then the pods that are there."""
        for one in found.unlabeled_sets:
            await self._cluster.label_template(one.name, {LIVE: ATTACHED}, {DETACHED: None})
        await asyncio.gather(
            *(self._cluster.label_pod(pod, {LIVE: ATTACHED}, {DETACHED: None}) for pod in found.unlabeled_pods)
        )

    async def detach(self, found: Attachment) -> None:
        """All but the revision: the templates first, then the pods; both note when it was."""
        noted = _now()
        for one in found.other_sets:
            await self._cluster.label_template(one.name, {LIVE: None}, noted)
        await asyncio.gather(*(self._cluster.label_pod(pod, {LIVE: None}, noted) for pod in found.other_pods))

    async def note_served(self, served: Mapping[str, str], target: Mapping[str, str]) -> None:
        """Note on what took the traffic by another selector, and is not the target, that it did so until now."""
        found = await self.find(target)
        for one in found.sets:
            if selects(served, one.labels) and not selects(target, one.labels):
                await self._cluster.label_template(one.name, {}, _now())
        pods = [pod for pod in found.pods if selects(served, pod.labels) and not selects(target, pod.labels)]
        await asyncio.gather(*(self._cluster.label_pod(pod, {}, _now()) for pod in pods))


def _now() -> dict[str, str]:
    return {DETACHED: datetime.now(UTC).isoformat(timespec="seconds")}
