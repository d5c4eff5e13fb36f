"""The attachments of `cutover: labels`: pods and pod templates that carry the label which the live Service selects."""

import asyncio
from collections.abc import Iterable, Mapping

from components.cluster.cluster import Cluster
from components.rules.attachment import NO_CANARY, Attachment, CanaryShare
from components.rules.facts import Pod
from components.rules.labels import selector_labels
from contract.attachment import ATTACH, detach, selects


class Attachments:
    """The labels of one service's pods and pod templates, in the cluster. `canary` is its canary."""

    def __init__(self, service: str, cluster: Cluster, canary: CanaryShare = NO_CANARY) -> None:
        self._all = selector_labels(service)
        self._cluster, self._canary = cluster, canary

    async def find(self, selector: Mapping[str, str]) -> Attachment:
        """The attached pods and ReplicaSets, seen from the revision that the selector finds. Pods are asked for after
        their ReplicaSets: one that was born of an older template is then among them.
        """
        sets = await self._cluster.replica_sets(self._all)
        return Attachment(sets, await self._cluster.pods(self._all), selector, self._canary)

    async def attach(self, found: Attachment) -> None:
        """Attach the revision: its template first, then the pods that exist."""
        for one in found.unlabeled_sets:
            await self._cluster.label_template(one.name, ATTACH.labels, ATTACH.notes)
        await self.attach_pods(found.unlabeled_pods)

    async def detach(self, found: Attachment) -> None:
        """Detach all but the revision and its canary: templates first, then pods. Both note the time."""
        marks = detach()
        for one in found.other_sets:
            await self._cluster.label_template(one.name, marks.labels, marks.notes)
        await self.detach_pods(found.other_pods)

    async def attach_pods(self, pods: Iterable[Pod]) -> None:
        """Attach these pods alone: pods that are born later are not attached."""
        await asyncio.gather(*(self._cluster.label_pod(pod, ATTACH.labels, ATTACH.notes) for pod in pods))

    async def detach_pods(self, pods: Iterable[Pod]) -> None:
        """Detach these pods alone. They note the time."""
        marks = detach()
        await asyncio.gather(*(self._cluster.label_pod(pod, marks.labels, marks.notes) for pod in pods))

    async def note_served(self, served: Mapping[str, str], target: Mapping[str, str]) -> None:
        """Note the time on pods that took the traffic by another selector and are not the target's."""
        found = await self.find(target)
        for one in found.sets:
            if selects(served, one.labels) and not selects(target, one.labels):
                await self._cluster.label_template(one.name, {}, detach().notes)
        pods = [pod for pod in found.pods if selects(served, pod.labels) and not selects(target, pod.labels)]
        await asyncio.gather(*(self._cluster.label_pod(pod, {}, detach().notes) for pod in pods))
