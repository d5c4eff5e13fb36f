"""The three stages of one blue/green service: bring up the active color, switch, stand by.

Owns two workloads, their ConfigMaps, Secrets and budgets, the live Service, one Service per color and, if wanted, one
over both. Does not own the Namespace, an Ingress, or the existing Secrets that pods name. Does not own the order of the
stages either: BlueGreenService, ReleaseGroup and Environments each have one.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pulumi

from components.cluster.cluster import Cluster
from components.cluster.watch import Watch
from components.hooks.claim import Claim
from components.hooks.engine import Hook, hook, hook_with_arguments, teller
from components.hooks.pod_advice import tell_advice
from components.manifests.beside import wants_budget
from components.manifests.content import Content
from components.releases.backend import Backend
from components.releases.content import plan_content
from components.releases.instance import ALONE, InstanceContext
from components.releases.planned import PlannedRelease
from components.rules import names, ownership
from components.settings import Release
from components.strategies.blue_green.gate import ReleaseGate
from components.strategies.blue_green.group_share import GroupShare
from components.strategies.blue_green.handover import Handover
from components.strategies.blue_green.plan import plan_release
from components.strategies.blue_green.pod_canary import PodCanary
from components.strategies.blue_green.replica_canary import ReplicaCanary
from components.strategies.blue_green.resources import Resources
from components.strategies.blue_green.route import RouteGate
from components.strategies.blue_green.settings import BlueGreenSettings
from components.strategies.blue_green.workload_hooks import WorkloadHooks
from contract.releases import Color, color_service_name

Gate = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Membership:
    """The place of a service in the component that runs its stages, a ReleaseGroup or an Environments.

    Args:
        peers: The other members of a group, by name: the pods of a color get the address of that color of each.
        instance: The labels, names and variables of its environment.
        share: The share that it has with the other members of a group; None where none of them has a route.
    """

    peers: Mapping[str, BlueGreenSettings] = field(default_factory=dict)
    instance: InstanceContext = ALONE
    share: GroupShare | None = None


class Stages:
    """The resources and hooks of one blue/green service, below `component`. Each stage returns what the next one has to
    wait for.
    """

    def __init__(
        self,
        component: pulumi.ComponentResource,
        name: str,
        settings: BlueGreenSettings,
        namespace: str,
        cluster: Cluster,
        membership: Membership,
    ) -> None:
        self._name = name
        self._settings = settings
        self._namespace = namespace
        self._cluster = cluster
        if not pulumi.runtime.is_dry_run():
            self._cluster.prepare()
        self._claim = Claim(name, namespace, cluster, ownership.TWO_COLORS)
        self._instance = membership.instance
        header = membership.share.color_header if membership.share else None
        self._resources = Resources(component, name, settings, namespace, cluster, self._claim, self._instance, header)
        self._by_label = settings.cutover == "labels"
        self._peers = membership.peers
        target = self._planned(settings.active)
        assert target is not None  # noqa: S101 - the settings refuse an active color without a release
        self.target: PlannedRelease = target
        """The release that is to serve."""
        self.idle: PlannedRelease | None = self._planned(settings.idle)
        """The release of the other color."""
        fragments = bool(settings.pod) or any(one.release.pod for one in self.releases)
        tell_advice(component, [one.template for one in self.releases], fragments=fragments)
        self.gate = ReleaseGate(
            name,
            settings,
            namespace,
            cluster,
            target,
            self.idle,
            claim=self._claim,
            grouped=bool(self._peers),
            say=teller(component),
            url=self._resources.url,
            group=membership.share,
        )
        """What must hold before the traffic moves, and what follows."""
        self._workload_hooks = WorkloadHooks(component, name, settings, cluster, self.gate)
        watch = Watch(name, cluster, teller(component))
        self._handover = Handover(watch, settings, self._claim.stack, target, self.idle, self.gate)

    @property
    def releases(self) -> Sequence[PlannedRelease]:
        """The planned releases, the one that is to serve first."""
        return [one for one in (self.target, self.idle) if one]

    @property
    def address(self) -> str:
        """URL of the live Service inside the cluster."""
        return self._resources.url(self._name)

    @property
    def preview_address(self) -> str | None:
        """URL of the idle color's own Service inside the cluster; None without an idle release."""
        return self._resources.url(self.idle.service) if self.idle else None

    def _planned(self, color: Color) -> PlannedRelease | None:
        variables = {
            names.peer_variable(peer): self._resources.url(color_service_name(peer, color), settings)
            for peer, settings in self._peers.items()
            if settings.port is not None  # a worker cannot be called
        }

        def planned(color: Color, release: Release) -> Content:
            return plan_content(self._name, self._namespace, color, self._settings, release)

        part_of = pulumi.get_project()
        return plan_release(self._name, part_of, self._settings, color, planned, variables, self._instance)

    def backend(self, key: str) -> Backend:
        """The service as a backend of a front; `key` is its name in the config."""
        view = replace(self.target.view, color=key)
        patience_seconds = self._settings.progress_deadline_seconds
        return Backend(view, self.target.service, self._settings.workload_plural, self.target.name, patience_seconds)

    def bring_up(self) -> list[pulumi.Resource]:
        """The first stage: the own Service of the active color, its workload, awaited, its smoke Job."""
        return self._color(self.target, live=True, after=self._instance.after, shrink=None)

    def switch(self, after: Sequence[pulumi.Resource], gate: Gate | None = None) -> pulumi.Resource:
        """The second stage: the one Service that moves. It selects a revision, so it can never match two versions at
        once. With `cutover: labels` it selects a label, which its hooks move; the engine then changes a note of the
        revision.

        `gate` takes the place of `check` and `prepare` before the switch.
        """

        async def ready() -> None:
            await self.gate.cutover.before_switch(self.target.view, timeout_seconds=self._settings.gate_timeout_seconds)

        async def before() -> None:
            await self.gate.noted((gate or self.gate.pass_all)())
            await self.gate.noted(ready())

        async def verify() -> None:
            await self.gate.jobs.settle(self.target)
            await self.gate.cutover.after_switch(self.target.view)
            await self.gate.jobs.settle(self.target)  # with `cutover: labels` it takes the traffic only now

        plan: list[Hook] = [hook(f"{self._name}-plan", self.gate.plan, on_dry_run=True)]

        async def born() -> None:
            if self.idle and await self._cluster.pods(self.idle.selector):  # it was there, and somebody deleted it
                await before()
            elif self._by_label:
                await ready()

        gates: list[Hook] = [hook(f"{self._name}-gate", before)]
        births: list[Hook] = [hook(f"{self._name}-born", born)]
        gated = self._settings.scaling or self._settings.before_cutover
        hooks = pulumi.ResourceHookBinding(
            # The engine has awaited every pod of a new workload, but for one whose number is an autoscaler's. A Service
            # that selects by label finds its pods labeled from its first moment on.
            before_create=[*plan, *gates] if gated else births,
            before_update=[*plan, *gates],
            after_update=[hook(f"{self._name}-verify", verify)],
        )
        live = self._resources.live_service(self.target, after, hooks)
        if not self.target.adopted:
            live = self._resources.further_services(self.target, live, self._follows)
        return live

    def scale(self, live: pulumi.Resource, after: Sequence[pulumi.Resource] = ()) -> list[pulumi.Resource]:
        """The autoscaler, behind the live Service and what is `after` that: it follows the traffic."""
        if not self._settings.scaling:
            return []
        gates: list[Hook] = [hook_with_arguments(f"{self._name}-scaler", self._handover.before)]
        hooks = pulumi.ResourceHookBinding(before_create=gates, before_update=gates)
        return [self._resources.autoscaler(self.target, live, after, hooks)]

    def _follows(self, service: str) -> pulumi.ResourceHookBinding:
        """What a further Service is held to: the old pods may go only once it sends to the new ones alone."""

        async def verify() -> None:
            await self.gate.follows(service)

        return pulumi.ResourceHookBinding(after_update=[hook(f"{service}-verify", verify)])

    def weigh(self, after: Sequence[pulumi.Resource]) -> list[pulumi.Resource]:
        """The share of the idle color, beside the third stage: in the service's route or in pods. It comes once that
        color is up; where it has none, its pods may stop only after this.
        """
        route, pods = self.gate.route, self.gate.pods
        if route and self._settings.route:
            return [self._resources.route(self._settings.route, route.wanted, after, self._share_hooks("route", route))]
        if pods and self._settings.canary:
            return [self._resources.canary(pods.words, after, self._share_hooks("canary", pods))]
        return []

    def _share_hooks(self, what: str, share: RouteGate | PodCanary | ReplicaCanary) -> pulumi.ResourceHookBinding:
        before: list[Hook] = [hook(f"{self._name}-{what}", share.before)]
        plan: list[Hook] = [hook(f"{self._name}-{what}-plan", share.plan, on_dry_run=True)]
        after: list[Hook] = [hook(f"{self._name}-{what}-seen", share.after)]
        return pulumi.ResourceHookBinding(
            before_create=[*plan, *before],
            before_update=[*plan, *before],
            after_create=after,
            after_update=after,
        )

    def stand_by(self, after: Sequence[pulumi.Resource], gate: Gate | None = None) -> list[pulumi.Resource]:
        """The third stage: the idle color, at its standby size. `gate` must hold too before its workload changes."""
        if self._settings.expose_both:
            self._resources.all_service()
        if self.idle is None:
            return []
        idle = self.idle

        async def shrink() -> None:
            await self.gate.before_shrink(idle)
            if gate:
                await gate()

        made = self._color(idle, live=False, after=after, shrink=shrink)
        return [*made, *([self._resources.autoscaler_beside(idle, made)] if self._settings.scaled_beside else [])]

    def _color(
        self, slot: PlannedRelease, *, live: bool, after: Sequence[pulumi.Resource], shrink: Gate | None
    ) -> list[pulumi.Resource]:
        make = self._resources
        if slot.adopted:  # what watches over it, a budget for one, is there or not, as its owner chose
            release = make.adopted_workload(slot, after)
            return [release, make.color_service(slot, [release])]
        edits = self._workload_hooks.edits(slot, live=live, shrink=shrink)
        hooks = self._workload_hooks.of(slot, edits)
        kept = None if live else self.gate.scale_down.replicas
        if self._settings.allow_in_place_updates:  # its Service may have users, who must find the old pods meanwhile
            release = make.workload(slot, after, hooks, live=live, kept=kept)
            own = make.color_service(slot, [release])
        else:  # load balancers ask a pod to wait for them (readiness gates) if a Service selects it when it is made
            refused = pulumi.ResourceHookBinding(before_create=edits, before_update=edits)
            own = make.color_service(slot, after, refused)
            release = make.workload(slot, [own], hooks, live=live, kept=kept)
        made = [release, own]
        if self._settings.smoke_job:
            made.append(make.smoke_job(slot, made))
        jobs = self.gate.jobs.register(slot, make.child)
        if wants_budget(self._settings, slot.replicas):
            make.budget(slot, release)
        return [*made, *jobs]
