"""The canary by replicas: the live Service sends to both colors, and the idle one has as many pods as its share takes.

The number of pods is config, and the engine makes it. One more resource carries the share while there is a `canary`:
its hooks ask the gate and then widen the selector, so a color is at its size before it is let in. While it is in, each
pod more of it would get traffic at once: the gate of its release is asked before, by the hook of its workload. The end
of the share is seen by no hook, and comes first of all in a run: `take_back`. From there on it is a switch that is not
complete yet, which is carried to its end as every other (docs/adr/0032).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import cast

import pulumi

from components.checks.live_edit import LiveEdit
from components.cluster import watch as limits
from components.cluster.watch import Watch
from components.releases.planned import PlannedRelease
from components.rules.errors import LiveReleaseEdit, NotReady
from components.rules.facts import LiveService
from components.rules.labels import both_selector, selector_labels
from components.strategies.blue_green.settings import BlueGreenSettings
from components.traffic.replicas import ReplicaRouter, named
from contract.attachment import selects
from contract.both_colors import sends_to_both, serving
from contract.labels import COLOR, INSTANCE, REVISION
from contract.pod_shares import pods_for, said
from contract.releases import Color, other
from contract.words import counted


@dataclass(frozen=True)
class Gates:
    """What a share asks of the service's gates: `admit` lets the idle color's release get traffic, `grow` a release get
    more pods, which it is given with at the size that it has; `restore` puts a live Service right that somebody moved.
    """

    admit: Callable[[], Awaitable[None]]
    grow: Callable[[PlannedRelease], Awaitable[None]]
    restore: Callable[[], Awaitable[None]]


class ReplicaCanary:
    """The share of one service's idle color."""

    def __init__(
        self,
        watch: Watch,
        router: ReplicaRouter,
        settings: BlueGreenSettings,
        target: PlannedRelease,
        idle: PlannedRelease | None,
        gates: Gates,
    ) -> None:
        self._watch, self._router, self._target, self._idle, self._gates = watch, router, target, idle, gates
        self._live_edit = LiveEdit(watch, router)
        self._color = other(target.color)
        self._wanted = pods_for(settings.weight, settings.fewest)
        self.shared = self._wanted > 0
        """Whether the idle color is to get a share."""
        self.words = f"{self._color} {said(self._wanted, settings.fewest) if self.shared else 'no pods'}"
        """What it is to get, for people."""

    async def plan(self) -> None:
        """In a preview: tell the share that the weight comes to."""
        if pulumi.runtime.is_dry_run():
            self._say(self.words)

    async def stands(self) -> bool:
        """Whether the live Service sends to both colors now, as it is to."""
        live = await self._live()
        return self.shared and live is not None and self._router.is_wide(live, self._target.view)

    async def before(self) -> None:
        """The gate before both colors get traffic, for the release of the idle one. Raises GateRefused, Moved."""
        await self._gates.restore()
        if not self.shared or await self.stands():
            return
        assert self._idle is not None  # noqa: S101 - the settings refuse a share without a release
        await self._gates.admit()
        await self._router.stop_strangers(self._target.view)
        limit_seconds = self._idle.stop_seconds + limits.VERIFY_SECONDS
        if reason := await self._router.until_alone(self._target.view, limit_seconds):
            raise NotReady(
                f"{self._watch.service}: both colors are to get traffic, and {reason}",
                "its selector would find every pod of the service: users would meet what no gate saw",
                f"see `kubectl get pods -n {self._watch.namespace} -l {INSTANCE}={self._watch.service} -L {REVISION}`; "
                "delete what is of neither release, then `pulumi up`",
            )

    async def after(self) -> None:
        """Send to both colors, and verify it by the endpoints. Raises SwitchUnverified, Moved."""
        if self.shared:
            await self._router.widen(self._target.view)
            await self._router.moved(self._target.view)
            await self._tell()

    async def settle(self) -> None:
        """Put right what is not as the config says: a run ended before the share was given, or somebody gave the idle
        color more pods. A share that the config does not give, `restore` takes back.
        """
        live = await self._live()
        if not self.shared or live is None:
            return
        if self._router.is_wide(live, self._target.view):
            await self._fewer()
        elif self._router.fits(live, self._target.view):
            self._say(f"{self._color} has no share, and the config gives it one: settling it")
            await self.before()
            await self.after()

    async def take_back(self) -> None:
        """The way back, before anything else of a run: the live Service sends to the active color alone, if that one
        answers. Not while a cutover is under way, whose own order holds. Raises SwitchUnverified, Moved.
        """
        live = await self._live()
        if self.shared or live is None or not self._router.is_wide(live, self._target.view):
            return
        if (await self._router.shares(self._target.selector))[0]:
            await self._narrow(*named(self._target.view))

    async def refuse_edit(self, slot: PlannedRelease) -> None:
        """Before a workload is made or changed: while both colors get traffic, none of another release may come beside
        them. Where the config gives no share any more, the live Service sends to the active color alone first. Raises
        LiveReleaseEdit, Moved.
        """
        live = await self._live()
        if live is None or live.selector != both_selector(self._watch.service):
            return
        found = await self._others(slot)
        if not found:
            return
        color, revision = serving(live.selector, live.annotations)
        if not self.shared:
            if not pulumi.runtime.is_dry_run():
                await self._narrow(color, revision)
            return
        raise LiveReleaseEdit(
            f"{self._watch.service}: pods of {slot.color} with release {', '.join(sorted(found))} take new "
            f"connections, and the config gives it {slot.revision} from image {slot.release.image}",
            "while both colors get traffic, users would meet its first pods before any gate has seen them",
            f"remove `canary` of {self._watch.service} in the same edit; the next one can give it a weight again",
        )

    async def before_growth(self, slot: PlannedRelease) -> None:
        """Before a color that has a share gets more pods, or others: its release passes its gate, at the size that it
        has: that of the cutover which fills it, too. Raises GateRefused.
        """
        live = await self._live()
        if live is None or not sends_to_both(live.selector):
            return
        if serving(live.selector, live.annotations)[0] == slot.color:
            return  # the active color: readiness lets its pods in, as ever
        pods = [pod for pod in await self._router.pods() if selects(slot.selector, pod.labels)]
        if pods:
            await self._gates.grow(replace(slot, replicas=len(pods)))

    async def _others(self, slot: PlannedRelease) -> set[str]:
        """The releases beside the slot's own on its color, whose pods take new connections."""
        own = slot.selector.get(REVISION, "")
        pods = [pod for pod in await self._router.pods() if pod.labels.get(COLOR) == slot.color]
        changed = await self._live_edit.other_release(slot.view)
        return {pod.labels.get(REVISION, "") for pod in pods} - {own} | ({changed} if changed else set())

    async def _narrow(self, color: str, revision: str) -> None:
        """Take the share away: the live Service sends to the noted release alone. Raises NotReady where nobody of it
        answers.
        """
        selector = selector_labels(self._watch.service, color=cast("Color", color), revision=revision)
        if not (await self._router.shares(selector))[0]:
            raise NotReady(
                f"{self._watch.service}: no pod of {color} gets new connections, and {other(color)} is to lose its "
                "share",
                "requests would meet nobody",
                f"mend the release of {color}, or set `active` to {other(color)}; then `pulumi up`",
            )
        await self._router.narrow((color, revision), selector)
        self._say(f"{other(color)} gets no new connections")

    async def _fewer(self) -> None:
        """Scale the idle color back where somebody gave it more pods: each of them takes new connections."""
        assert self._idle is not None  # noqa: S101 - the settings refuse a share without a release
        for one in await self._watch.cluster.workloads(self._idle.selector):
            if one.replicas > self._wanted:
                found = f"{one.name} is to have {counted(one.replicas, 'pod')} in the cluster"
                self._say(f"{found}, and the share takes {self._wanted}: somebody scaled it; scaling it back")
                await self._watch.cluster.scale(one.kind, one.name, self._wanted)

    async def _tell(self) -> None:
        active, pods = await self._router.shares(self._target.selector)
        self._say(f"{self._color} has {said(pods, active)}")

    async def _live(self) -> LiveService | None:
        return await self._watch.cluster.live_service(self._watch.service)

    def _say(self, text: str) -> None:
        self._watch.say(f"{self._watch.service}: {text}")
