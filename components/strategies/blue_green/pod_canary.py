"""The canary by pods: some pods of the idle color are attached to the live Service, beside all of the active one.

The number of pods is config, carried by one resource of the engine while there is a `canary`. Its hooks ask the gates,
attach, detach, and look at the endpoints. What no hook of it sees, a pod that died or the end of the canary's key, is
put right by `settle` and `take_back` (docs/adr/0021).
"""

from collections.abc import Awaitable, Callable

import pulumi

from components.checks.live_edit import LiveEdit
from components.cluster.watch import Watch
from components.releases.planned import PlannedRelease
from components.rules.attachment import CanaryShare
from components.rules.errors import LiveReleaseEdit, NotReady
from components.rules.labels import selector_labels
from components.strategies.blue_green.settings import BlueGreenSettings
from components.traffic.canary_pods import CanaryPods
from components.traffic.pod_labels import LabelRouter
from contract.pod_shares import pods_for, said
from contract.releases import other

Gate = Callable[[], Awaitable[None]]


def canary_share(service: str, settings: BlueGreenSettings) -> CanaryShare:
    """The color that is not active, with as many of its pods as its weight takes; 0 without a canary."""
    return CanaryShare(selector_labels(service, color=settings.idle), pods_for(settings.weight, settings.fewest))


class PodCanary:
    """The share of one service's idle color. `admit` is the gate of its release before the share grows; `restore` makes
    the active color whole first, where a run or a hand left it otherwise.
    """

    def __init__(
        self,
        watch: Watch,
        router: LabelRouter,
        settings: BlueGreenSettings,
        target: PlannedRelease,
        idle: PlannedRelease | None,
        admit: Gate,
        restore: Gate,
    ) -> None:
        self._watch, self._router, self._target = watch, router, target
        self._admit, self._restore = admit, restore
        self._color, self._recycles = other(target.color), settings.recycles
        wanted = canary_share(watch.service, settings)
        self._live_edit = LiveEdit(watch, router)
        self._pods = CanaryPods(watch, target.view, wanted, idle.selector if idle else {})
        self.shared = wanted.pods > 0
        """Whether the idle color is to get a share."""
        self.words = f"{self._color} {said(wanted.pods, settings.fewest) if self.shared else 'no pods'}"
        """What it is to get, for people."""

    async def plan(self) -> None:
        """In a preview: tell the share that the weight comes to."""
        if pulumi.runtime.is_dry_run():
            self._watch.say(f"{self._watch.service}: {self.words}")

    async def stands(self) -> bool:
        """Whether pods of the idle color may be attached."""
        return self.shared

    async def before(self) -> None:
        """The gate before pods are attached or detached, for the release whose share grows. Raises GateRefused."""
        share = await self._pods.look()
        if share.to_detach and not share.grows and not (await self._pods.serving())[0]:
            raise NotReady(
                f"{self._watch.service}: no pod of {self._target.color} gets new connections, and {self._color} is to "
                "lose its share",
                "requests would meet nobody",
                f"mend the release of {self._target.color}, or set `active` to {self._color}; then `pulumi up`",
            )
        await self._restore()
        await self._router.announce(self._target.view)
        if (await self._pods.look()).grows:
            await self._admit()

    async def after(self) -> None:
        """Attach pods, then detach others, and verify both by the endpoints. Raises SwitchUnverified, Moved."""
        share = await self._pods.look()
        if share.grows:
            await self._pods.attach()
        await self._pods.detach()
        await self._pods.tell()
        self._tell_left(len(share.to_detach))

    async def settle(self) -> None:
        """Put right what is not as the config says: a pod with a share died, a run ended between two steps. A share
        that the config does not give, `restore` takes back.
        """
        if not self.shared:
            return
        live = await self._watch.cluster.live_service(self._watch.service)
        share = await self._pods.look()
        if not (share.grows or share.to_detach) or live is None:
            return
        if await self._router.serves(live, self._target.view):
            strange = len(share.there) - len(share.fitting)
            found = f"{len(share.fitting)} of {share.wanted} pods of {self._color} attached"
            more = f", and {strange} of another revision" if strange else ""
            self._watch.say(f"{self._watch.service}: {found}{more}: settling it")
            await self.before()
            await self.after()

    async def take_back(self) -> None:
        """The way back, before anything else of a run: what has more than it is to have loses it, if the active color
        answers. Not while a cutover is under way, whose own order holds.
        """
        surplus = (await self._pods.look()).surplus
        if surplus and await self._pods.alone():
            await self._pods.detach(strangers=False)
            await self._pods.tell()
            self._tell_left(len(surplus))

    def _tell_left(self, pods: int) -> None:
        if pods and not self._recycles:
            kept = f"{self._color}'s pods that had a share ({pods}) go on"
            self._watch.say(
                f"{self._watch.service}: `recycle` is off: {kept}, and answer on the connections that they hold"
            )

    async def refuse_edit(self, slot: PlannedRelease) -> None:
        """Before the idle color's workload is made or changed: no other release of it may have a share. Raises
        LiveReleaseEdit.
        """
        if not self.shared:
            return  # the share goes away first
        if serving := await self._live_edit.other_release(slot.view):
            raise LiveReleaseEdit(
                f"{self._watch.service}: pods of {slot.color} with release {serving} take new connections, and the "
                f"config gives it release {slot.release.id} from image {slot.release.image}",
                "users would meet a release that no gate has seen",
                f"remove `canary` of {self._watch.service} in the same edit; the next one can give it a weight again",
            )
