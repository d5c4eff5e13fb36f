"""The readiness of one release: why it is not ready, and whether waiting can help."""

import time
from collections.abc import Mapping
from dataclasses import replace

from components.cluster.cluster import Cluster
from components.releases.adopted import as_adopted
from components.releases.view import ReleaseView
from components.rules import trouble as trouble_rules
from components.rules.errors import NeverReady, RolloutLate
from components.rules.facts import HASH, Pod, Workload, why_not_ready
from components.rules.images import rewritten
from components.rules.trouble import Trouble, trouble
from contract.labels import REVISION

LOOK_SECONDS = 1.0  # between two looks at the workloads: they say less often something new than pods do


class Readiness:
    """The readiness of one release of which `least` pods are wanted, while a gate waits for it. `made_by` finds the
    workload of its pods, where that has not all of their labels.
    """

    def __init__(
        self, cluster: Cluster, view: ReleaseView, least: int, made_by: Mapping[str, str] | None = None
    ) -> None:
        self._cluster, self._view, self._least = cluster, view, least
        self._made_by = made_by or view.selector
        self._workloads: list[Workload] = []
        self._looked: float | None = None
        self._since: float | None = None
        self.pods: list[Pod] = []
        """The pods at the last look, as in `pods_as_asked`."""
        self.lost = ""
        """Why it will not be ready; empty where it may be."""

    async def unmet(self) -> str | None:
        """Why it is not ready; None where it is, or where `lost` says that it will not be."""
        self.pods = await pods_as_asked(self._cluster, self._view, await self._cluster.pods(self._view.selector))
        reason = why_not_ready(self.pods, self._view.release.image, self._least)
        found = await self._trouble() if reason else None
        if found and found.final:
            self.lost = found.what
            return None
        return f"{reason}; {found.what}" if reason and found and found.what not in reason else reason

    async def generations(self) -> dict[str, int]:
        """The generation of each of its workloads: a number that changes with what is wanted of it."""
        return {one.name: one.generation for one in await self._found()}

    async def _found(self) -> list[Workload]:
        return await self._cluster.workloads(self._made_by, stateful=self._view.stateful)

    async def _trouble(self) -> Trouble | None:
        """The trouble now; it is final too once it has lasted for the grace, whatever its words were meanwhile."""
        now = time.monotonic()
        if not self._view.adopted and (self._looked is None or now - self._looked >= LOOK_SECONDS):
            self._workloads, self._looked = await self._found(), now
        image = self._view.release.image  # pods of the image before say nothing of this one
        found = trouble([pod for pod in self.pods if pod.image == image or pod.admitted], self._workloads)
        if found is None:
            self._since = None
            return None
        self._since = now if self._since is None else self._since
        if not found.final and now - self._since >= trouble_rules.GRACE_SECONDS:
            return Trouble(f"{found.what} (for {trouble_rules.GRACE_SECONDS:g} s)", final=True)
        return found

    def rewritten(self) -> str:
        """The images that the pods run in place of the one that was asked for, for people; empty where they run it."""
        found = sorted({pod.admitted for pod in self.pods if pod.admitted and pod.image == self._view.release.image})
        return f"{', '.join(found)} in place of {self._view.release.image}" if found else ""


async def pods_as_asked(cluster: Cluster, view: ReleaseView, pods: list[Pod]) -> list[Pod]:
    """The pods of a release, with the image that they were asked to run.

    An admission of the cluster may rewrite the image of pods, if the settings allow that. Their ReplicaSet tells what
    they were asked to run, or the StatefulSet while they are of its template; `admitted` is then what they do run.
    Pods of an adopted Deployment are `as_adopted`.
    """
    image = view.release.image
    if view.adopted:
        return as_adopted(pods, view.release)
    if all(pod.image == image for pod in pods):
        return pods
    # Only a StatefulSet's pods carry the revision that they are of: it is the same object for all of them.
    selector = {key: value for key, value in view.selector.items() if not (view.stateful and key == REVISION)}
    found = await cluster.replica_sets(selector, stateful=view.stateful)
    asked = {(one.name, one.labels.get(HASH)): one.image for one in found if one.seen or not view.stateful}
    return [
        replace(pod, image=image if rewritten(image, pod.image, view.rewrites) else pod.image, admitted=pod.image)
        if pod.image != image and asked.get((pod.owner, pod.labels.get(HASH))) == image
        else pod
        for pod in pods
    ]


def hopeless(service: str, view: ReleaseView, what: str) -> NeverReady:
    """The refusal of a release that waiting does not make ready."""
    return NeverReady(
        f"{service}: {view.color} {view.revision} cannot become ready: {what}",
        "requests would meet nobody, or another image than the release's; waiting does not change it",
        f"mend what it names (image, quota, policy), or the release of {view.color}; then `pulumi up`",
    )


def late(service: str, revision: str, what: str, deadline_seconds: int) -> RolloutLate:
    """The error of a release whose pods are not ready when their time is over. What was served before is untouched."""
    return RolloutLate(
        f"{service}: {revision} is not ready: {what}; no further pod got ready for {deadline_seconds} s",
        "a rollout gets on within `progress_deadline_seconds`, and pods that are not ready get no traffic",
        "mend what keeps the pods from being ready (the release, its configuration, its readiness probe), or raise "
        f"`progress_deadline_seconds` ({deadline_seconds}) where it needs longer to start; then `pulumi up`",
    )
