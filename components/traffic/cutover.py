"""The gates of a cutover: what must hold before the live Service moves, after it, and before the old color shrinks.

Owns the questions, their order and their time limits. The cluster is asked (never the stack's state), through
`components.cluster`; the answers are judged by `components.rules.facts`. Every gate is async: a synchronous one would
block the program's event loop and so every other registration.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping

from components.checks.readiness import Readiness, hopeless, pods_as_asked
from components.checks.served_before import mark_of
from components.checks.smoke import Smoke
from components.cluster.cluster import Cluster
from components.drain.recycling import Recycling
from components.releases.view import ReleaseView
from components.rules.errors import (
    ClusterUnreachable,
    GateRefused,
    LiveReleaseEdit,
    MixedImages,
    Moved,
    NotReady,
    SwitchUnverified,
)
from components.rules.facts import LiveService, Pod, selects, why_not_switched
from components.rules.facts import served_before as served_before_switch
from components.rules.images import why_not_one_image
from components.rules.labels import live_selector
from components.rules.served import read_served, with_served
from components.traffic import adoption
from components.traffic.capacity import Capacity
from contract.annotations import ADOPTED, COMPLETED, REFUSED, SERVED
from contract.labels import COLOR, REVISION
from contract.refusal import Refusal, read_refusal
from contract.releases import runs_release
from contract.words import NOT_ASKED

POLL_SECONDS = 0.1
SAY_EVERY_SECONDS = 5.0
VERIFY_SECONDS = 30.0
_TRIES = 20  # of a write that somebody else's change gets in the way of


class Gates:
    """The gates of one blue/green service, named as its live Service. `say` takes one line of progress at a time."""

    def __init__(self, service: str, cluster: Cluster, say: Callable[[str], None]) -> None:
        self._service = service
        self._cluster = cluster
        self._say = say
        self._capacity = Capacity(service, cluster, say)

    async def refuse_live_edit(self, view: ReleaseView) -> None:
        """Before a workload is made or changed: its color must not be serving another release. Raises LiveReleaseEdit.

        Another image under the same version and build is another release too.
        """
        live = await self._cluster.live_service(self._service)
        serving = await self._other_release(live, view) if live else None
        if serving is None:
            return
        raise LiveReleaseEdit(
            f"{self._service}: {view.color} takes the traffic with release {serving}, and the config gives it release "
            f"{view.release.id} from image {view.release.image}",
            "the release that serves would be replaced without a preview of it and without a standby to roll back to",
            f"put the release on the other color and set `active` to it, or set `allow_in_place_updates: true` on "
            f"{self._service}",
        )

    async def refuse_loss(self, target: ReleaseView, idle: ReleaseView | None) -> None:
        """Before a member of a group is switched: the release that serves must stay what the config has on its color.
        Pods that drain go on calling their own color of the other members. Raises LiveReleaseEdit.
        """
        live = await self._cluster.live_service(self._service)
        if live is None or (idle and idle.adopted) or await self._serves(live, target):
            return
        if idle:
            lost, now = await self._other_release(live, idle), f"release {idle.release.id} from {idle.release.image}"
        else:
            lost, now = await self._serving_beside(live, target), "no release"
        if lost:
            raise LiveReleaseEdit(
                f"{self._service}: {target.color} is to take the traffic from release {lost}, and the same edit gives "
                f"the color of that one {now}",
                "callers in the group that still drain would meet another release of it, or nobody",
                "leave the release that serves as it is and cut over; change or remove it in the next edit",
            )

    async def _serving_beside(self, live: LiveService, target: ReleaseView) -> str | None:
        """The release on another color than the target's that a live Service of our making, or adopted, sends to."""
        if not adoption.serving_color(live) and live.selector != live_selector(self._service):
            return None
        pods = [pod for pod in await self._cluster.pods(live.selector) if not pod.terminating]
        found = {pod.labels.get(REVISION, "adopted") for pod in pods if pod.labels.get(COLOR) != target.color}
        return ", ".join(sorted(found)) or None

    async def check(self, target: ReleaseView, *, timeout_seconds: float, smoke: Smoke | None) -> None:
        """Whether the target may serve: every wanted pod is ready and of the wanted release, and one that never served
        answers rightly.

        Raises NotReady after `timeout_seconds`, SmokeFailed from the smoke check.
        """
        wanted = await self._capacity.match(target, await self._serving_now(target))
        await self._wait_ready(target, timeout_seconds, wanted)
        if smoke is None:
            return
        if proof := await self._proof(target):
            self._say(f"{self._service}: {target.color} {target.revision} is ready; {NOT_ASKED}: {proof}")
        else:
            await smoke.check(self._cluster, target.release)

    async def announce(self, target: ReleaseView, *, smoke: bool) -> None:
        """For a preview: say where fewer pods would serve than do now, and where a smoke check will not be asked."""
        self._capacity.warn(target, await self._serving_now(target))
        if smoke and (proof := await self._proof(target)):
            self._say(f"{self._service}: {target.color} {target.revision} must be ready; {NOT_ASKED}: {proof}")

    async def _proof(self, target: ReleaseView) -> str | None:
        """Why the target need not be asked whether it answers rightly. A check that was written for the release after
        it would refuse the way back, or leave a rollback that was made at once without its end.
        """
        live = await self._cluster.live_service(self._service)
        if live is None:
            return None
        if await self._sent_there(live, target):
            return "it takes the traffic already"
        return "it served before" if mark_of(target, self._place(target)) in read_served(live.annotations) else None

    async def _sent_there(self, live: LiveService, target: ReleaseView) -> bool:
        """Whether the target takes the traffic, by a switch that ours made: who moves the Service by hand leaves the
        note of what served before.
        """
        return live.annotations.get(COMPLETED, target.revision) == target.revision and await self._serves(live, target)

    def _place(self, target: ReleaseView) -> str:  # noqa: ARG002 - a service is one place, whatever its color
        return ""

    async def before_switch(self, target: ReleaseView, *, timeout_seconds: float) -> None:
        """Right before the live Service moves: still ready? The checks before may have taken a while, or have been what
        broke the release. Raises NotReady.
        """
        await self._wait_ready(target, timeout_seconds)
        # From here on both colors may hold connections, also if this run dies and the next one goes back.
        await self._note_leaving(target, COMPLETED, lambda _: None)

    async def _note_leaving(self, target: ReleaseView, key: str, value: Callable[[LiveService], str | None]) -> None:
        """Set a note of a Service that does not send to the target yet, made of what it says at that moment."""
        for _ in range(_TRIES):
            live = await self._cluster.live_service(self._service)
            if live is None or await self._serves(live, target):
                return
            if await self._cluster.annotate_service(self._service, key, value(live), version=live.version):
                return
        raise self._changes(key)

    async def note_refusal(self, target: ReleaseView, refused: GateRefused) -> None:
        """Write down on the live Service that a release was refused, for who looks later; not where it serves after
        all. A note that cannot be written hides no refusal.
        """
        with contextlib.suppress(ClusterUnreachable):
            for _ in range(_TRIES):
                live = await self._cluster.live_service(self._service)
                if live is None or await self._serves(live, target):
                    return
                text = Refusal.now("refused", target.color, target.revision, refused.what).text()
                if await self._cluster.annotate_service(self._service, REFUSED, text, version=live.version):
                    return

    async def after_switch(self, target: ReleaseView) -> None:
        """After the live Service moved: its endpoints are the target's ready pods and nobody else's."""

        async def unmet() -> str | None:
            endpoints, pods = await asyncio.gather(
                self._cluster.endpoints(self._service), self._cluster.pods(target.selector)
            )
            return why_not_switched(endpoints, pods)

        if reason := await self._until_none(unmet, VERIFY_SECONDS, f"endpoints of {target.color}"):
            raise SwitchUnverified(
                f"{self._service}: {VERIFY_SECONDS:g} s after the switch to {target.revision}, {reason}",
                "requests may still reach the old release, or nobody",
                f"see `kubectl get endpointslices -l kubernetes.io/service-name={self._service}`; `pulumi up` checks "
                "again, setting `active` back rolls back",
            )

    async def before_shrink(self, old: ReleaseView) -> None:
        """Before the old color's workload changes: the live Service no longer selects it. Raises GateRefused."""
        live = await self._cluster.live_service(self._service)
        if live is None:
            return
        pods, endpoints = await asyncio.gather(self._cluster.pods(old.selector), self._cluster.endpoints(self._service))
        names = {pod.name for pod in pods}
        serving = sorted(names & {endpoint.pod for endpoint in endpoints if endpoint.ready})
        if serving or any(selects(live.selector, pod.labels) for pod in pods if not pod.terminating):
            raise GateRefused(
                f"{self._service}: {old.color} is to become the standby, but the live Service still sends to it "
                f"({', '.join(serving) or 'its selector ' + str(dict(live.selector))})",
                "its pods would be stopped while they take requests",
                "`pulumi refresh` shows who changed the Service; then `pulumi up` switches it and goes on",
            )

    async def restore(
        self,
        target: ReleaseView,
        *,
        timeout_seconds: float,
        smoke: Smoke | None,
        permit: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Move the live Service back where somebody else moved it: the engine compares with its own state only, and so
        sees no difference to carry out. Behind `permit` and the gate of every switch. Raises what they raise.
        """
        live = await self._cluster.live_service(self._service)
        if live is None or live.selector == self._selector(target):
            return
        self._say(
            f"{self._service}: the live Service selects {dict(live.selector)}, which is not of this stack's making; "
            f"the config wants {target.color} {target.revision}: switching it back"
        )
        if permit:
            await permit()
        await self.check(target, timeout_seconds=timeout_seconds, smoke=smoke)
        await self.before_switch(target, timeout_seconds=timeout_seconds)
        now = await self._cluster.live_service(self._service)
        same = now is not None and now.selector == live.selector
        if now is None or not same or not await self._cluster.select(self._service, now, self._selector(target)):
            raise Moved(
                f"{self._service}: the live Service was changed while it was to be moved back",
                "moving it now could undo what somebody did a moment ago",
                "look who changes it (`kubectl get service -o yaml --show-managed-fields`), then `pulumi up`",
            )

    async def finish(self, target: ReleaseView, old: ReleaseView | None, *, recycle: bool) -> None:
        """Carry a cutover through to its end, also one that an earlier run began: verify, recycle, take note.

        A selector moves new connections only: what was opened before stays on the old pods for as long as both ends
        like. So pods of the old color that were there before the switch are stopped gracefully (their preStop pause,
        then SIGTERM), in turn, so that the standby stays warm. Does nothing where it is done. Raises Moved where
        somebody moves the Service meanwhile, before anything more is stopped or noted.
        """
        live = await self._cluster.live_service(self._service)
        if live is None:
            return
        await self._keep_strength(target, old)
        if live.annotations.get(COMPLETED) == target.revision:
            await self._note_served(target, live)
            return
        await self.after_switch(target)
        if ADOPTED in live.annotations and not target.adopted:
            # Pods without a preStop pause: whoever has not heard of the switch yet must find them still there.
            await asyncio.sleep(target.settle_seconds)
        if old:
            await self._still_serves(target)
            await self._shrink(old)
        stale = self._served_before(await self._cluster.pods(old.selector), live) if old else []
        if old and stale and recycle:
            self._say(f"{self._service}: draining {old.color}, {len(stale)} pods that served before the switch")
            recycling = Recycling(self._service, self._cluster, self._until_none, VERIFY_SECONDS)
            at = live.switched_at.isoformat() if live.switched_at else target.revision
            await recycling.recycle(old, stale, at, lambda: self._still_serves(target))
        elif old and stale:
            kept = f"{len(stale)} pods of {old.color} that served before the switch go on"
            self._say(f"{self._service}: `recycle` is off: {kept}, and answer on the connections that they hold")
        await self._note_served(target, live)
        noted = read_refusal(live.annotations)
        if noted and noted.revision == target.revision:  # as a standby later on, it must not pass for refused
            await self._note(target, REFUSED, None)
        await self._note(target, COMPLETED, target.revision)
        if adoption.note_changes(live, target, old):
            await self._note(target, ADOPTED, adoption.adopted_color(target, old))

    async def _keep_strength(self, target: ReleaseView, old: ReleaseView | None) -> None:
        """Bring both colors back to what the config says where somebody scaled them down: the engine does not look."""
        if old:
            await self._capacity.restore(old)
        if seconds := await self._capacity.restore(target):
            await self._wait_ready(target, seconds)

    async def _other_release(self, live: LiveService, view: ReleaseView) -> str | None:
        """The release that serves on this view's color, where it is another one than the view's."""
        if COLOR not in live.selector and ADOPTED in live.annotations:  # its first selector still
            serves = live.annotations[ADOPTED] == view.color
            return f"{live.annotations.get(COMPLETED, '')}, which was adopted".lstrip(", ") if serves else None
        by_label = live.selector == live_selector(self._service)
        if not (by_label or live.selector.get(COLOR) == view.color):
            return None
        pods, revisions = await self._cluster.pods(live.selector), {live.selector.get(REVISION, "")}
        if by_label:  # it may find both colors while a cutover is under way
            pods = [pod for pod in pods if pod.labels.get(COLOR) == view.color and not pod.terminating]
            revisions = {pod.labels.get(REVISION, "") for pod in pods}
        serving = ", ".join(sorted(revisions))
        if all(runs_release(revision, view.release.id) for revision in revisions):
            images = {pod.image for pod in await pods_as_asked(self._cluster, view, pods)}
            if images <= {view.release.image}:
                return None
            serving += f" from image {', '.join(sorted(images))}"
        return serving

    def _selector(self, target: ReleaseView) -> Mapping[str, str]:
        """What the live Service shall select."""
        return target.selector

    async def _serves(self, live: LiveService, target: ReleaseView) -> bool:
        """Whether the target, and nothing else, takes the traffic."""
        return live.selector == self._selector(target)

    def _served_before(self, pods: list[Pod], live: LiveService) -> list[Pod]:
        """Those pods of the old color that may still hold connections from when it was live."""
        return served_before_switch(pods, live.switched_at)

    async def _shrink(self, old: ReleaseView) -> None:
        """An autoscaler left the old color at any size, of which the engine knows nothing."""
        if old.scale and sum(not pod.terminating for pod in await self._cluster.pods(old.selector)) > old.replicas:
            await self._cluster.scale(old.scale.kind, old.scale.workload, old.replicas)

    async def until_stopped(self, view: ReleaseView) -> None:
        """Until no pod of a color is on its way out any more: it may still call what is to stop after it."""

        async def unmet() -> str | None:
            left = [pod.name for pod in await self._cluster.pods(view.selector) if pod.terminating]
            return f"{', '.join(left)} still there" if left else None

        await self._until_none(unmet, view.stop_seconds + VERIFY_SECONDS, f"{view.color} stopped")

    async def _still_serves(self, target: ReleaseView) -> LiveService:
        """The live Service, looked at right before a step that takes for granted whom it sends to. Raises Moved."""
        live = await self._cluster.live_service(self._service)
        if live is None or not await self._serves(live, target):
            now = f"selects {dict(live.selector)}" if live else "is gone"
            raise Moved(
                f"{self._service}: the live Service {now} now, no longer {target.color} {target.revision}",
                "somebody moved it while this run was draining; its next step would stop pods that serve",
                f"set `active` to what shall serve, then `pulumi up`; `cutover status` shows {self._service}",
            )
        return live

    async def _note_served(self, target: ReleaseView, live: LiveService) -> None:
        """Once a release takes the traffic and only it: it is a way back from then on."""
        one, marks = mark_of(target, self._place(target)), read_served(live.annotations)
        if marks[-1:] != (one,):
            await self._note(target, SERVED, with_served(marks, one))

    async def _note(self, target: ReleaseView, key: str, value: str | None) -> None:
        """Set a note of a Service that sends to the target: never of one that has moved since it was looked at."""
        for _ in range(_TRIES):
            live = await self._still_serves(target)
            if await self._cluster.annotate_service(self._service, key, value, version=live.version):
                return
        raise self._changes(key)

    def _changes(self, key: str) -> Moved:
        return Moved(
            f"{self._service}: the live Service changed {_TRIES} times while {key} was to be noted on it",
            "a note on a Service that somebody changes could be of another release than the one that serves",
            "look who changes it (`kubectl get service -o yaml --show-managed-fields`), then `pulumi up`",
        )

    async def _serving_now(self, target: ReleaseView) -> int:
        """How many ready pods take the traffic that is to go to the target; 0 where it has it, or nobody."""
        live = await self._cluster.live_service(self._service)
        if live is None or await self._serves(live, target):
            return 0
        pods = await self._cluster.pods(live.selector)
        return sum(pod.ready and not pod.terminating and not selects(target.selector, pod.labels) for pod in pods)

    async def _wait_ready(self, target: ReleaseView, timeout_seconds: float, wanted: int | None = None) -> None:
        ready = Readiness(self._cluster, target, target.replicas if wanted is None else wanted)
        reason = await self._until_none(ready.unmet, timeout_seconds, f"{target.color} ready")
        lost, pods = ready.lost, ready.pods
        if (reason or lost) and await self._relieves(target, pods):
            what = f"{target.color} takes the traffic already, with less than it should"
            self._say(f"{self._service}: {what}: {lost or reason}")
            return
        if lost:
            raise hopeless(self._service, target, lost)
        if reason:
            raise NotReady(
                f"{self._service}: {target.color} {target.revision} is not ready after {timeout_seconds:g} s: {reason}",
                "requests would meet pods that cannot answer, or the wrong release",
                f"mend the release of {target.color} or give it longer (`gate_timeout_seconds`); then `pulumi up`",
            )
        if wanted is not None and (instead := ready.rewritten()):
            self._say(f"{self._service}: pods of {target.color} run {instead}: an admission of the cluster rewrote it")
        if reason := why_not_one_image(pods, target.release.image):
            await self._refuse_mixed(target, reason)

    async def _relieves(self, target: ReleaseView, pods: list[Pod]) -> bool:
        """Whether the target has the traffic and answers it, if with too few pods. To refuse would keep nobody from it,
        and leave the old color answering on the connections that it holds.
        """
        staying = [pod for pod in pods if not pod.terminating]
        able = any(pod.ready for pod in staying) and all(pod.image == target.release.image for pod in staying)
        live = await self._cluster.live_service(self._service) if able else None
        return live is not None and await self._sent_there(live, target)

    async def _refuse_mixed(self, target: ReleaseView, reason: str) -> None:
        """A release that has the traffic already is only warned of: to refuse would keep nobody from it."""
        what = f"{self._service}: pods of {target.color} {target.revision} run different images under one tag"
        live = await self._cluster.live_service(self._service)
        if live and await self._serves(live, target):
            self._say(f"{what}, {target.release.image}: {reason}; a release named by digest settles it")
            return
        raise MixedImages(
            f"{what}, {target.release.image}: {reason}",
            "the tag was moved between two pulls: users would get one or the other by chance, a rollback too",
            "name the image by its digest: `cutover release … --pin`, or `image: name:tag@sha256:…`",
        )

    async def _until_none(
        self, unmet: Callable[[], Awaitable[str | None]], limit_seconds: float, what: str
    ) -> str | None:
        """Poll until `unmet` has no reason any more, or the time is over: then its last reason."""
        start = said = time.monotonic()
        while reason := await unmet():
            now = time.monotonic()
            if now - start >= limit_seconds:
                return reason
            if now - said >= SAY_EVERY_SECONDS:
                said = now
                self._say(f"{self._service}: waiting for {what}, {now - start:.0f} of {limit_seconds:g} s: {reason}")
            await asyncio.sleep(POLL_SECONDS)
        return None
