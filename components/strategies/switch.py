"""One switch of traffic: the checks before it, the router that moves it, the way back.

Composed of checks and one router; `Cutover` and `FrontCutover` add the drain of their kind. The cluster is asked,
never the stack's state. Everything is async: a synchronous check would block the program's event loop and so every
registration.
"""

from collections.abc import Awaitable, Callable, Sequence

from components.checks.check import Check
from components.checks.release_ready import ReleaseReady
from components.checks.served_before import ServedBefore
from components.checks.still_selected import refuse_while_selected
from components.cluster.watch import Watch
from components.releases.view import ReleaseView
from components.rules.errors import Moved
from components.traffic.capacity import Capacity
from components.traffic.router import Router
from contract.attachment import selects
from contract.words import NOT_ASKED

Permit = Callable[[], Awaitable[None]]


class Switch:
    """The switches of the live Service of `watch`, which `router` moves."""

    def __init__(self, watch: Watch, router: Router) -> None:
        self._watch, self._router = watch, router
        self._capacity = Capacity(watch)
        self._ready = ReleaseReady(watch, router)
        self._served = ServedBefore(watch, router)
        self.after_switch = router.moved

    async def check(
        self, target: ReleaseView, *, timeout_seconds: float, checks: Sequence[Check], alone: bool = True
    ) -> None:
        """The checks of the target, which is to serve `alone` or beside what serves now: every wanted pod is ready and
        of the wanted release, and a release that never served passes all `checks`. Raises NotReady after
        `timeout_seconds`, and what the checks raise.
        """
        wanted = await self._capacity.match(target, await self._serving_now(target), alone=alone)
        await self._ready.wait(target, timeout_seconds, wanted)
        if not checks:
            return
        if proof := await self._served.proof(target):
            self._say(f"{target.color} {target.revision} is ready; {NOT_ASKED}: {proof}")
            return
        for check in checks:
            self._say(f"{target.color} {target.revision}: {check.says}")
            await check.ask(self._watch.cluster, target)

    async def announce(self, target: ReleaseView, checks: Sequence[Check]) -> None:
        """The words of a preview: where fewer pods would serve than do now, and where the checks will not be asked."""
        await self._capacity.warn(target, await self._serving_now(target))
        if checks and (proof := await self._served.proof(target)):
            self._say(f"{target.color} {target.revision} must be ready; {NOT_ASKED}: {proof}")

    async def before_switch(self, target: ReleaseView, *, timeout_seconds: float) -> None:
        """The check right before the live Service moves: the target is still ready. The checks may have taken a while,
        or have broken the release. Raises NotReady, SwitchUnverified, Moved.
        """
        await self._ready.wait(target, timeout_seconds)
        await self._router.leave(target)
        await self._router.prepare(target)

    async def before_shrink(self, old: ReleaseView) -> None:
        """The check before the old workload changes: the live Service no longer selects it. Raises GateRefused."""
        await refuse_while_selected(self._watch, old)

    async def restore(
        self, target: ReleaseView, *, timeout_seconds: float, checks: Sequence[Check], permit: Permit | None = None
    ) -> None:
        """The way back of traffic that somebody else moved: the engine compares with its own state only, and so sees
        no difference to carry out. Behind `permit` and the checks of every switch. Raises what they raise.
        """
        cluster, service = self._watch.cluster, self._watch.service
        live = await cluster.live_service(service)
        if live is None:
            return
        selector = self._router.selector(target)
        if not self._router.fits(live, target):
            self._say(
                f"the live Service selects {dict(live.selector)}, which is not of this stack's making; "
                f"the config wants {target.color} {target.revision}: switching it back"
            )
            await self._pass(target, timeout_seconds, checks, permit)
            now = await cluster.live_service(service)
            same = now is not None and now.selector == live.selector
            if now is None or not same or not await cluster.select(service, now, selector):
                raise Moved(
                    f"{service}: the live Service was changed while it was to be moved back",
                    "moving it now could undo what somebody did a moment ago",
                    f"look who changes it (`kubectl get service {service} -n {cluster.namespace} -o yaml "
                    "--show-managed-fields`), then `pulumi up`",
                )
        if reason := await self._router.unsettled(target):
            self._say(f"the config wants {target.color} {target.revision}, but {reason}: settling it")
            await self._pass(target, timeout_seconds, checks, permit)
            await self._router.moved(target)

    async def _pass(
        self, target: ReleaseView, timeout_seconds: float, checks: Sequence[Check], permit: Permit | None
    ) -> None:
        if permit:
            await permit()
        await self.check(target, timeout_seconds=timeout_seconds, checks=checks)
        await self.before_switch(target, timeout_seconds=timeout_seconds)

    async def _serving_now(self, target: ReleaseView) -> int:
        """How many ready pods take the traffic that is to go to the target; 0 where it has it, or nobody."""
        live = await self._watch.cluster.live_service(self._watch.service)
        if live is None or await self._router.serves(live, target):
            return 0
        pods = await self._watch.cluster.pods(live.selector)
        return sum(pod.ready and not pod.terminating and not selects(target.selector, pod.labels) for pod in pods)

    def _say(self, text: str) -> None:
        self._watch.say(f"{self._watch.service}: {text}")
