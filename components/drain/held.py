"""The end of a pod that holds up the update of its StatefulSet, because it will never be ready.

Kubernetes replaces one pod at a time and waits until it is ready. Once a release is bad, that is for ever: with a good
release in its place the set still waits for the pod of the bad one ("forced rollback" in Kubernetes' own pages). Such a
pod gets no traffic, and the update would end it anyway.
"""

import time
from collections.abc import Callable

from components.cluster.cluster import Cluster
from components.rules.facts import HASH, Pod, Rollout

HELD_SECONDS = 10.0
"""How long a pod of a release that was given up may take to get ready, while an update waits for it."""


_STARTS = ("", "ContainerCreating", "PodInitializing")  # the kubelet's words for a container that may start yet


def in_the_way(found: Rollout, pods: list[Pod]) -> list[Pod]:
    """The pods that an update of a StatefulSet has to replace, and that are not ready. Pure."""
    if not found.hash:  # its controller has not seen the update yet
        return []
    return [
        pod
        for pod in sorted(pods, key=lambda one: ordinal_of(one.name))
        if not (pod.ready or pod.terminating)
        and pod.labels.get(HASH, found.hash) != found.hash
        and ordinal_of(pod.name) >= found.partition
    ]


def ordinal_of(pod: str) -> int:
    """The number of a pod of a StatefulSet by its name; -1 for another pod."""
    number = pod.rpartition("-")[2]
    return int(number) if number.isdecimal() else -1


class Held:
    """The obstacles to the updates of one StatefulSet. `say` takes one line at a time; a pod of the wanted template, or
    of the one before, may take `patience_seconds` to be ready.
    """

    def __init__(self, service: str, cluster: Cluster, say: Callable[[str], None], patience_seconds: float) -> None:
        self._service, self._cluster, self._say = service, cluster, say
        self._patience_seconds = patience_seconds
        self._since: dict[str, float] = {}

    async def let_go(self, found: Rollout, pods: list[Pod]) -> None:
        """Look once, and end the first pod that was in the way for long enough or that its kubelet cannot start."""
        waiting = [pod for pod in pods if not (pod.ready or pod.terminating)]
        now = time.monotonic()
        self._since = {pod.uid: self._since.get(pod.uid, now) for pod in waiting}
        for pod in in_the_way(found, pods):
            # One of the release before may only be starting again, or at work on its data: it has its whole time.
            given_up = pod.labels.get(HASH) != found.before
            limit_seconds = HELD_SECONDS if given_up else self._patience_seconds
            if pod.waits_for not in _STARTS or now - self._since[pod.uid] >= limit_seconds:
                why = f": {pod.problem}" if pod.problem else ""
                self._say(
                    f"{self._service}: {pod.name} is of another release than the wanted one and not ready{why}; "
                    "a StatefulSet waits for such a pod for ever, so it is ended, and comes back with the release"
                )
                await self._cluster.end_pod(pod)
                return  # the next one once this one is back: one at a time

    def late(self, found: Rollout, pods: list[Pod]) -> str:
        """Why the update will not get further, after a look: its newest pod had its time to be ready; empty where it
        may. A StatefulSet has no deadline of its own.
        """
        now = time.monotonic()
        for pod in pods:
            since = self._since.get(pod.uid, now)
            if found.hash and pod.labels.get(HASH) == found.hash and now - since >= self._patience_seconds:
                why = f": {pod.problem}" if pod.problem else ""
                return f"{pod.name} was not ready for {self._patience_seconds:g} s{why}"
        return ""
