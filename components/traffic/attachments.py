"""The attachments of `cutover: labels`: pods and pod templates that carry the label which the live Service selects."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from components.cluster.cluster import Cluster
from components.rules.attachment import NOBODY, Attachment, Beside
from components.rules.facts import Pod, selects
from components.rules.labels import selector_labels
from contract.annotations import DETACHED
from contract.labels import ATTACHED, LIVE


class Attachments:
    """The labels of one service's pods and pod templates, in the cluster. `beside` is its canary."""

    def __init__(self, service: str, cluster: Cluster, beside: Beside = NOBODY) -> None:
        self._all = selector_labels(service)
        self._cluster, self._beside = cluster, beside

    async def find(self, selector: Mapping[str, str]) -> Attachment:
        """What is attached, seen from the revision that the selector finds. Pods are asked for after their ReplicaSets:
        one that was born of an older template is then among them.
        """
        sets = await self._cluster.replica_sets(self._all)
        return Attachment(sets, await self._cluster.pods(self._all), selector, self._beside)

    async def attach(self, found: Attachment) -> None:
        """The template first, then the pods that are there."""
        for one in found.unlabeled_sets:
            await self._cluster.label_template(one.name, {LIVE: ATTACHED}, {DETACHED: None})
        await self.attach_pods(found.unlabeled_pods)

    async def detach(self, found: Attachment) -> None:
        """All but the revision and its canary: the templates first, then the pods; both note when it was."""
        for one in found.other_sets:
            await self._cluster.label_template(one.name, {LIVE: None}, _now())
        await self.detach_pods(found.other_pods)

    async def attach_pods(self, pods: Iterable[Pod]) -> None:
        """These pods alone: what is born later is not attached."""
        await asyncio.gather(*(self._cluster.label_pod(pod, {LIVE: ATTACHED}, {DETACHED: None}) for pod in pods))

    async def detach_pods(self, pods: Iterable[Pod]) -> None:
        """These pods alone; they note when it was."""
        noted = _now()
        await asyncio.gather(*(self._cluster.label_pod(pod, {LIVE: None}, noted) for pod in pods))

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
