"""The first check of every release: all its wanted pods are ready, of the wanted release, and of one image."""

from components.checks.readiness import Readiness, hopeless
from components.cluster.watch import Watch
from components.releases.view import ReleaseView
from components.rules.errors import MixedImages, NotReady
from components.rules.facts import Pod
from components.rules.images import why_not_one_image
from components.traffic.router import Router, sent_there


class ReleaseReady:
    """Waits until a release is ready. For one that takes the traffic already it only warns: a refusal would send nobody
    elsewhere, and the old release would go on answering on the connections that it holds.
    """

    def __init__(self, watch: Watch, router: Router) -> None:
        self._watch, self._router = watch, router

    async def wait(self, target: ReleaseView, timeout_seconds: float, wanted: int | None = None) -> None:
        """Until `wanted` pods are ready, or as many as the config wants. Raises NotReady, NeverReady, MixedImages."""
        ready = Readiness(self._watch.cluster, target, target.replicas if wanted is None else wanted)
        reason = await self._watch.until_none(ready.unmet, timeout_seconds, f"{target.color} ready")
        lost, pods, service = ready.lost, ready.pods, self._watch.service
        if (reason or lost) and await self._relieves(target, pods):
            what = f"{target.color} takes the traffic already, with less than it should"
            self._watch.say(f"{service}: {what}: {lost or reason}")
            return
        if lost:
            raise hopeless(service, target, lost)
        if reason:
            raise NotReady(
                f"{service}: {target.color} {target.revision} is not ready after {timeout_seconds:g} s: {reason}",
                "requests would meet pods that cannot answer, or the wrong release",
                f"mend the release of {target.color} or give it longer (`gate_timeout_seconds`); then `pulumi up`",
            )
        if wanted is not None and (instead := ready.rewritten()):
            self._watch.say(f"{service}: pods of {target.color} run {instead}: an admission of the cluster rewrote it")
        if reason := why_not_one_image(pods, target.release.image):
            await self._refuse_mixed(target, reason)

    async def _relieves(self, target: ReleaseView, pods: list[Pod]) -> bool:
        """Whether the target has the traffic and answers it, if with too few pods."""
        staying = [pod for pod in pods if not pod.terminating]
        able = any(pod.ready for pod in staying) and all(pod.image == target.release.image for pod in staying)
        live = await self._watch.cluster.live_service(self._watch.service) if able else None
        return live is not None and await sent_there(self._router, live, target)

    async def _refuse_mixed(self, target: ReleaseView, reason: str) -> None:
        what = f"{self._watch.service}: pods of {target.color} {target.revision} run different images under one tag"
        live = await self._watch.cluster.live_service(self._watch.service)
        if live and await self._router.serves(live, target):
            self._watch.say(f"{what}, {target.release.image}: {reason}; a release named by digest settles it")
            return
        raise MixedImages(
            f"{what}, {target.release.image}: {reason}",
            "the tag was moved between two pulls: users would get one or the other by chance, a rollback too",
            "name the image by its digest: `cutover release … --pin`, or `image: name:tag@sha256:…`",
        )
