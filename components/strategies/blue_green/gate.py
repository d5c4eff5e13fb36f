"""The gate of one blue/green service: the checks before its traffic moves, and the steps after a move."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pulumi

from components.checks.check import Check
from components.checks.registry import Subject, before_switch
from components.checks.verify import VerifyAfter
from components.cluster.cluster import Cluster
from components.cluster.watch import Watch
from components.hooks.claim import Claim
from components.hooks.engine import check_around, unless_out_of_reach
from components.releases.planned import PlannedRelease
from components.rules.errors import ReleaseRefused
from components.rules.labels import live_selector
from components.strategies.blue_green.group_share import GroupShare
from components.strategies.blue_green.jobs import ReleaseJobs
from components.strategies.blue_green.own_endpoints import until_endpoints
from components.strategies.blue_green.pod_canary import PodCanary, canary_share
from components.strategies.blue_green.replica_canary import Gates, ReplicaCanary
from components.strategies.blue_green.route import RouteGate
from components.strategies.blue_green.scale_down import ScaleDown
from components.strategies.blue_green.settings import BlueGreenSettings
from components.strategies.blue_green.upkeep import Upkeep
from components.strategies.cutover import Cutover
from components.traffic import adoption
from components.traffic.pod_labels import LabelRouter
from components.traffic.replicas import ReplicaRouter
from components.traffic.roles import Roles
from components.traffic.selector import SelectorRouter
from contract.pod_shares import WHOLE


class ReleaseGate:
    """The checks, the router, the Jobs and the drain of one service, in their order. Makes no resources."""

    def __init__(
        self,
        name: str,
        settings: BlueGreenSettings,
        namespace: str,
        cluster: Cluster,
        target: PlannedRelease,
        idle: PlannedRelease | None,
        kept: Sequence[PlannedRelease],
        *,
        claim: Claim,
        grouped: bool,
        say: Callable[[str], None],
        url: Callable[[str], str],
        group: GroupShare | None = None,
    ) -> None:
        """`target` is the release that is to serve, `idle` the other color's, `kept` stand by beside both; `grouped`
        tells that other services of a group call it; `url` is the address of a Service. `group` is the share that it
        has with these others.
        """
        self._name, self._settings, self._namespace, self._cluster = name, settings, namespace, cluster
        self._target, self._idle, self._kept, self._grouped, self._url = target, idle, kept, grouped, url
        self._by_label = settings.cutover == "labels"
        self._say = say
        self._upkeep = Upkeep(name, settings, claim, cluster, say)
        self.scale_down = ScaleDown(name, settings, cluster, idle, say)
        """The size of the idle color."""
        self.jobs = ReleaseJobs(name, settings, namespace, cluster, say, url)
        self._watch = watch = Watch(name, cluster, say)
        router = SelectorRouter(watch)
        self.pods: PodCanary | ReplicaCanary | None = None
        """The share of the idle color in pods; None where it can have none."""
        self.replicas: ReplicaCanary | None = None
        """The same, where it is made by the selector."""
        if self._by_label:
            router = by_label = LabelRouter(
                watch, overlap_seconds=settings.overlap_seconds, canary=canary_share(name, settings)
            )
            self.pods = PodCanary(watch, by_label, settings, target, idle, self._admit, self.restore)
        elif settings.by_replicas:
            router = both = ReplicaRouter(watch, idle.view if idle else None, shared=settings.weight > 0)
            gates = Gates(self._admit, self._let_grow, self.restore)
            self.pods = self.replicas = ReplicaCanary(watch, both, settings, target, idle, gates)
        self._router = router
        command = settings.verify_after
        behind = live_selector(name) if self._by_label else None
        after = VerifyAfter(command, name, namespace, url(name), behind) if command else None
        by_set = settings.workload == "replica-set"
        self.roles = Roles(watch, router.notes, *settings.role_marks, by_set=by_set)
        """The metadata of its pods by role."""
        self.cutover = Cutover(watch, router, after, self.roles)
        self.route = None
        """The route of the service; None without one."""
        if settings.route:
            admit, header = (group.admit, group.color_header) if group else (self._admit, None)
            self.route = RouteGate(watch, router, settings, settings.route, target, idle, admit, after, group, header)
        self.share: RouteGate | PodCanary | ReplicaCanary | GroupShare | None = self.route or self.pods or group
        """Whichever of them there is."""
        if group:
            group.join(self, self.route)

    async def check(self) -> None:
        """The checks of the target: it is ready, of the wanted release and answers rightly. Raises GateRefused."""
        await self.may_switch()
        await self._pass(self._target, alone=True)

    async def _permit(self) -> None:
        await self.jobs.may_serve(self._target, self._idle)

    async def may_switch(self) -> None:
        """The checks that need no pod: no rollback limit forbids the switch, it loses no live release.
        Raises GateRefused.
        """
        await self._permit()
        if self._grouped and not self._settings.allow_in_place_updates:
            await self.cutover.live_edit.refuse_loss(self._target.view, self._idle.view if self._idle else None)

    async def noted(self, work: Awaitable[None], slot: PlannedRelease | None = None) -> None:
        """Do the work; a refusal that is the own one of the target, or of the `slot`, is noted on the live Service, and
        raised.
        """
        try:
            await work
        except ReleaseRefused as refused:
            await self.cutover.note_refusal((slot or self._target).view, refused)
            raise

    async def prepare(self) -> bool:
        """Run the `before_cutover` Job where it has not run yet; whether it ran now. Raises JobFailed."""
        return await self.jobs.before(self._target, self._idle)

    async def pass_all(self) -> None:
        """Check, prepare, and check again what the preparation may have changed. Raises GateRefused."""
        await check_around(self.check, [self.prepare])

    async def _admit(self) -> None:
        """The gate of the idle color before it gets a share: that of a cutover. Raises GateRefused."""
        await check_around(self.check_share, [self.prepare_share])
        await self.cutover.forget_refusal(self._sharing.view)

    @property
    def _sharing(self) -> PlannedRelease:
        assert self._idle is not None  # noqa: S101 - the settings refuse a share without a release
        return self._idle

    async def check_share(self) -> None:
        """The checks of the idle color before it gets a share: those of a cutover. Raises GateRefused."""

        async def check() -> None:
            await self.jobs.may_serve(self._sharing, self._target)
            await self._pass(self._sharing, alone=self._settings.weight == WHOLE)

        await self.noted(check(), self._sharing)

    async def prepare_share(self) -> bool:
        """Run its `before_cutover` Job where it has not run yet; whether it ran now. Raises JobFailed."""
        ran: list[bool] = []

        async def prepare() -> None:
            ran.append(await self.jobs.before(self._sharing, self._target))

        await self.noted(prepare(), self._sharing)
        return any(ran)

    async def admitted(self) -> None:
        """It has passed, and its own Service sends to it. Raises NotReady."""
        await until_endpoints(self._watch, self._sharing)
        await self.cutover.forget_refusal(self._sharing.view)

    async def _let_grow(self, slot: PlannedRelease) -> None:
        """The gate of a release that has traffic, and whose workload is about to change: so nothing is asked that waits
        for the engine to be done with it. Raises GateRefused.
        """
        await self.noted(self._ask(slot, alone=False), slot)

    async def _pass(self, slot: PlannedRelease, *, alone: bool) -> None:
        await self._upkeep.before_traffic(slot)
        await self._ask(slot, alone=alone)

    async def _ask(self, slot: PlannedRelease, *, alone: bool) -> None:
        limit_seconds, checks = self._settings.gate_timeout_seconds, self._checks_of(slot)
        await self.cutover.check(slot.view, timeout_seconds=limit_seconds, checks=checks, alone=alone)

    async def look_over(self) -> None:
        """All must be in the cluster as it was made. In a preview only what is missing is told, a route of
        others too. Raises Gone, RouteUnfit.
        """
        await self._upkeep.look_over(self._target, self._idle, *self._kept)
        if self.route:
            await self.route.plan()

    async def restore(self) -> None:
        """Move the live Service back where somebody else moved it. What is adopted must be as the config says."""
        for slot in (self._target, self._idle):
            if slot and slot.adopted:
                await adoption.refuse_change(self._cluster, self._name, slot.view)
        if self.pods:
            await self.pods.take_back()
        await self.noted(self.cutover.restore(self._target.view, permit=self._permit, **self._limits))

    async def settle(self) -> None:
        """Carry through what an earlier run left attached to both colors: the engine knows nothing of it, and the idle
        color may not change while it serves. A selector of both that the config does not give any more ends here.
        """
        if self._by_label:
            await self.restore()
        elif self.replicas:
            await self.replicas.take_back()

    async def before_shrink(self, idle: PlannedRelease) -> None:
        """Before the idle color's workload changes: no traffic is left on it but a share that it keeps. Raises
        GateRefused.
        """
        await self.settle()
        kept = self.share is not None and self.share.shared
        if not (kept and self.pods and await self.pods.stands()):
            await self.cutover.may_shrink(self._target.view, idle.view)
        if self.share and not kept:
            await self.share.settle()

    async def before_kept_changes(self, kept: PlannedRelease) -> None:
        """The same before a kept release's workload changes: it may have served until this run. Raises GateRefused."""
        await self.settle()
        await self.cutover.may_shrink(self._target.view, kept.view)

    async def follows(self, service: str) -> None:
        """A further Service sends to the pods of the target, and to no others. Raises SwitchUnverified."""
        await self._router.sends_to(self._target.view, service)

    @property
    def stops_pods(self) -> bool:
        """Whether `finish` may stop pods of the idle color."""
        return bool(self._idle or self._kept) and (self._settings.recycles or self._settings.scaling is not None)

    async def finish(self) -> None:
        """Verify, drain, take note; what an earlier run left undone is carried on."""
        old = await self.scale_down.view()
        if self.share:  # no pod is stopped before its share is gone
            await self.share.settle()
        await self.jobs.open(self._target, self._idle)
        await self.jobs.settle(self._target)
        kept = [slot.view for slot in self._kept]
        await self.cutover.finish(self._target.view, old, recycle=self._settings.recycles, kept=kept)
        if self._by_label and old and self._settings.recycles:
            await self.cutover.recycle_left(self._target.view, old)

    async def clear_up(self) -> None:
        """Run the `after_cutover` Job. Raises AfterJobFailed."""
        await self.jobs.after(self._target)

    async def may_scale(self) -> None:
        """Before the idle color loses its autoscaler: no traffic is left on it. Raises what `before_shrink` does."""
        if self._idle:
            await self.before_shrink(self._idle)
        elif self.share:
            await self.share.settle()

    async def shrink_left(self) -> None:
        """Give the idle color its standby size where it had more for a share that is over. Raises GateRefused."""
        if old := await self.scale_down.view():
            await self.cutover.shrink_left(self._target.view, old)

    async def until_idle_stopped(self) -> None:
        """Wait until no pod of the idle color is terminating."""
        if self._idle:
            await self.cutover.until_stopped(self._idle.view)

    async def refuse_switch(self) -> None:
        """Refuse a switch that is forbidden, in a preview too. Raises GateRefused."""
        await unless_out_of_reach(self.may_switch())

    async def plan(self) -> None:
        """In a preview: tell what would refuse the switch, which checks it has, and which Jobs would run."""
        if pulumi.runtime.is_dry_run():
            await self.refuse_switch()
            checks = self._checks_of(self._target)
            await unless_out_of_reach(self.cutover.announce(self._target.view, checks))
            await unless_out_of_reach(self.jobs.announce(self._target, self._idle))

    def _checks_of(self, slot: PlannedRelease) -> tuple[Check, ...]:
        """What a release that never served has to pass, in this order, once it is ready."""
        own = slot.service
        return before_switch(self._settings, Subject(self._name, self._namespace, own, self._url(own)))

    @property
    def _limits(self) -> dict[str, Any]:
        return {"timeout_seconds": self._settings.gate_timeout_seconds, "checks": self._checks_of(self._target)}
