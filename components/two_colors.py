"""Two colors of one service side by side, in three stages: bring up what is to serve, switch, stand by.

Owns two workloads, their ConfigMaps, Secrets and budgets, the live Service, one Service per color and, if wanted, one
over both. Does not own the Namespace, an Ingress, or the existing Secrets that pods name, nor the order of the stages:
that is the business of BlueGreenService for one service and of ReleaseGroup for several.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pulumi

from components import adopted
from components.cluster.cluster import Cluster
from components.gates import adoption
from components.gates.claims import claims_of, refuse_one_node_claims
from components.gates.cutover import Gates
from components.gates.front import Stand
from components.gates.hooks import Hook, hook, teller, unless_out_of_reach
from components.gates.labels import LabelGates
from components.gates.ownership import Claim
from components.gates.provenance import provenance_hook
from components.gates.smoke import Smoke
from components.manifests import objects, workload
from components.manifests.content import Content
from components.manifests.smoke_job import job
from components.placement import ALONE, Placement
from components.pod_advice import tell_advice
from components.release_content import make_content, plan_content, refuse_unusable_secrets
from components.release_jobs import ReleaseJobs
from components.rules import names, ownership
from components.rules.digest import stable_digest
from components.rules.labels import live_selector, object_labels, selector_labels
from components.settings import BlueGreenSettings, Release
from components.slot import Slot, plan_slot
from contract.annotations import SERVES
from contract.releases import COLORS, Color

Gate = Callable[[], Awaitable[None]]


class TwoColors(pulumi.ComponentResource):
    """The resources of one blue/green service. Each stage returns what the next one has to wait for."""

    active: pulumi.Output[str]
    """The color that serves, known once its endpoints are verified."""
    address: pulumi.Output[str]
    """URL of the live Service inside the cluster."""
    preview_address: pulumi.Output[str | None]
    """URL of the idle color's own Service inside the cluster; None without an idle release."""
    releases: pulumi.Output[dict[str, str]]
    """Release id per color."""

    def __init__(
        self,
        name: str,
        settings: BlueGreenSettings,
        namespace: str,
        cluster: Cluster,
        opts: pulumi.ResourceOptions | None,
        peers: Mapping[str, BlueGreenSettings] | None = None,
        placement: Placement = ALONE,
    ) -> None:
        """`peers` are the other members of its group: the pods of a color are told where that color of each is.
        `placement` is for what stands side by side.
        """
        refuse_unusable_secrets(name, settings, {color: settings.release(color) for color in COLORS})
        super().__init__("cutover:index:BlueGreenService", name, {"namespace": namespace}, opts)
        self._name = name
        self._settings = settings
        self._namespace = namespace
        self._part_of = pulumi.get_project()
        self._cluster = cluster
        if not pulumi.runtime.is_dry_run():
            self._cluster.prepare()
        self._claim = Claim(name, namespace, cluster, ownership.TWO_COLORS)
        self._by_label = settings.cutover == "labels"
        self.gates = self._make_gates()
        self.jobs = ReleaseJobs(name, settings, namespace, cluster, teller(self), lambda service: self._url(service))
        self._peers = peers or {}
        self._placement = placement
        target = self._slot(settings.active)
        assert target is not None  # noqa: S101 - the settings refuse an active color without a release
        self.target: Slot = target
        """The slot that is to serve."""
        self.idle: Slot | None = self._slot(settings.idle)
        """The slot of the other color."""
        slots = [slot for slot in (target, self.idle) if slot]
        fragments = bool(settings.pod) or any(slot.release.pod for slot in slots)
        tell_advice(self, [slot.template for slot in slots], fragments=fragments)

    def _make_gates(self) -> Gates:
        say = teller(self)
        if self._by_label:
            return LabelGates(self._name, self._cluster, say, overlap_seconds=self._settings.overlap_seconds)
        return Gates(self._name, self._cluster, say)

    def _slot(self, color: Color) -> Slot | None:
        variables = {
            names.peer_variable(peer): self._url(names.color_service_name(peer, color), settings)
            for peer, settings in self._peers.items()
        }

        def planned(color: Color, release: Release) -> Content:
            return plan_content(self._name, self._namespace, color, self._settings, release)

        return plan_slot(self._name, self._part_of, self._settings, color, planned, variables, self._placement)

    def stand(self, key: str) -> Stand:
        """What a front sends to where it sends here; `key` is what the config calls it."""
        side = replace(self.target.side, color=key)
        patience_seconds = self._settings.progress_deadline_seconds
        return Stand(side, self.target.service, self._settings.workload_plural, self.target.name, patience_seconds)

    def bring_up(self) -> list[pulumi.Resource]:
        """First stage: the workload that is to serve, awaited, its own Service, its smoke Job."""
        return self._color(self.target, live=True, after=self._placement.after, shrink=None)

    async def check(self) -> None:
        """Whether what is to serve may: ready, of the wanted release, answering rightly. Raises GateRefused."""
        await self._may_switch()
        await self.gates.check(self.target.side, **self._limits())

    async def _permit(self) -> None:
        await self.jobs.may_serve(self.target, self.idle)

    async def _may_switch(self) -> None:
        await self._permit()
        if self._peers and not self._settings.allow_in_place_updates:
            await self.gates.refuse_loss(self.target.side, self.idle.side if self.idle else None)

    async def prepare(self) -> bool:
        """Run the Job that has to succeed before the switch. Whether it ran now. Raises JobFailed."""
        return await self.jobs.before(self.target, self.idle)

    async def _pass(self) -> None:
        await self.check()
        if await self.prepare():
            await self.check()  # it took its time, and changed what the release lives on

    def switch(self, after: Sequence[pulumi.Resource], gate: Gate | None = None) -> pulumi.Resource:
        """Second stage: the one Service that moves. It selects a revision, so it can never match two versions at once.
        With `cutover: labels` it selects a label, which its hooks move: what the engine sees to change is a note of the
        revision. An autoscaler follows it.

        `gate` takes the place of `check` and `prepare` before the switch.
        """

        async def ready() -> None:
            await self.gates.before_switch(self.target.side, timeout_seconds=self._settings.gate_timeout_seconds)

        async def before() -> None:
            await (gate or self._pass)()
            await ready()

        async def verify() -> None:
            await self.jobs.settle(self.target)
            await self.gates.after_switch(self.target.side)
            await self.jobs.settle(self.target)  # with `cutover: labels` it takes the traffic only now

        plan: list[Hook] = [hook(f"{self._name}-plan", self._plan, on_dry_run=True)]
        gates: list[Hook] = [hook(f"{self._name}-gate", before)]
        births: list[Hook] = [hook(f"{self._name}-attach", ready)] if self._by_label else []
        gated = self._settings.autoscale or self._settings.before_cutover
        hooks = pulumi.ResourceHookBinding(
            # The engine has awaited every pod of a new workload, but for one whose number is an autoscaler's. A Service
            # that selects by label finds its pods labeled from its first moment on.
            before_create=[*plan, *gates] if gated else births,
            before_update=[*plan, *gates],
            after_update=[hook(f"{self._name}-verify", verify)],
        )
        live = self._adopted_service(after, hooks) if self._settings.adopt_service else self._own_service(after, hooks)
        if self._settings.autoscale:  # one for both colors, moved after the traffic: it never sees the target idle
            kind = "Deployment" if self._settings.workload == "deployment" else "ReplicaSet"
            meta = self._metadata(self._name, "autoscaler")
            manifest = workload.autoscaler(meta, self._settings.autoscale, kind, self.target.name)
            return objects.HorizontalPodAutoscaler(self._name, manifest, self._child(depends_on=[live]))
        return live

    def stand_by(self, after: Sequence[pulumi.Resource], gate: Gate | None = None) -> list[pulumi.Resource]:
        """Third stage: the idle color, at its standby size. `gate` must hold too before its workload changes."""
        if self._settings.expose_both:
            self._service(names.all_service_name(self._name), "all", self._selects(), None, [])
        if self.idle is None:
            return []
        idle = self.idle

        async def shrink() -> None:
            await self._settle()
            await self.gates.before_shrink(idle.side)
            if gate:
                await gate()

        return self._color(idle, live=False, after=after, shrink=shrink)

    async def restore(self) -> None:
        """Move the live Service back where somebody else moved it. What is adopted must be as the config says."""
        for slot in (self.target, self.idle):
            if slot and slot.adopted:
                await adoption.refuse_change(self._cluster, self._name, slot.side)
        await self.gates.restore(self.target.side, permit=self._permit, **self._limits())

    async def _settle(self) -> None:
        """Carry through what an earlier run left attached to both colors: the engine knows nothing of it, and the idle
        color may not change while it serves.
        """
        if self._by_label:
            await self.restore()

    @property
    def stops_pods(self) -> bool:
        """Whether `finish` may stop pods of the idle color."""
        return self.idle is not None and (self._settings.recycles or self._settings.autoscale is not None)

    async def finish(self) -> None:
        """Verify, drain, take note; what an earlier run left undone is carried on."""
        old = self.idle.side if self.idle else None
        await self.jobs.open(self.target, self.idle)
        await self.jobs.settle(self.target)
        await self.gates.finish(self.target.side, old, recycle=self._settings.recycles)

    async def clear_up(self) -> None:
        """Run the Job that waits for the end of the cutover. Raises AfterJobFailed."""
        await self.jobs.after(self.target)

    async def until_idle_stopped(self) -> None:
        """Until no pod of the idle color is on its way out any more."""
        if self.idle:
            await self.gates.until_stopped(self.idle.side)

    def export(self, done: pulumi.Output[Any]) -> None:
        """Register the outputs; `active` is known when `done` is."""
        self.active = done.apply(lambda _: self.target.color)
        self.address = pulumi.Output.from_input(self._url(self._name))
        self.preview_address = pulumi.Output.from_input(self._url(self.idle.service) if self.idle else None)
        slots = (slot for slot in (self.target, self.idle) if slot)
        self.releases = pulumi.Output.from_input({slot.color: slot.release.id for slot in slots})
        self.register_outputs(
            {
                "active": self.active,
                "address": self.address,
                "previewAddress": self.preview_address,
                "releases": self.releases,
            }
        )

    def _color(
        self, slot: Slot, *, live: bool, after: Sequence[pulumi.Resource], shrink: Gate | None
    ) -> list[pulumi.Resource]:
        release = (
            adopted.deployment(slot.name, self._namespace, self._child(depends_on=list(after)))
            if slot.adopted
            else self._workload(slot, live=live, after=after, shrink=shrink)
        )
        own = self._service(slot.service, "preview", slot.selector, slot, [release])
        if slot.adopted:  # what watches over it, a budget for one, is there or not, as its owner chose
            return [own]
        last = self._smoke_job(slot, [own]) if self._settings.smoke_job else own
        jobs = self.jobs.register(slot, self._child)
        if self._settings.disruption_budget and slot.replicas > 1:
            selector = self._selects(slot.color)
            meta = self._metadata(slot.service, "budget", color=slot.color)  # of the color, whatever its release
            budget = workload.disruption_budget(meta, selector)
            objects.PodDisruptionBudget(slot.service, budget, self._child(depends_on=[release]))
        return [last, *jobs]

    def _workload(
        self, slot: Slot, *, live: bool, after: Sequence[pulumi.Resource], shrink: Gate | None
    ) -> pulumi.Resource:
        content = make_content(slot.content, lambda name, role: self._metadata(name, role, slot), self._child)
        limit = workload.timeout(self._settings)
        scaled = live and self._settings.autoscale is not None
        opts = self._child(
            depends_on=[*after, *content],
            custom_timeouts=pulumi.CustomTimeouts(create=limit, update=limit),
            ignore_changes=["spec.replicas"] if scaled else [],  # a live count is never written over
            hooks=self._workload_hooks(slot, live=live, shrink=shrink),
        )
        meta = self._metadata(slot.name, "workload", slot)
        template = dict(slot.template)
        if self._settings.workload == "replica-set":
            made = workload.replica_set(meta, self._settings, slot.selector, template, slot.replicas, scaled=scaled)
            return objects.ReplicaSet(slot.name, made, opts)
        made = workload.deployment(meta, self._settings, slot.selector, template, slot.replicas)
        return objects.Deployment(slot.name, made, opts)

    def _workload_hooks(self, slot: Slot, *, live: bool, shrink: Gate | None) -> pulumi.ResourceHookBinding:
        """Active color: no new release in place, said in a preview too. Idle one: not while it still serves."""
        edits: list[Hook] = []
        if not self._settings.allow_in_place_updates:
            edits.append(hook(f"{slot.name}-live-edit", lambda: self._refuse_live_edit(slot, live), on_dry_run=live))
        if claims_of(slot.template):
            edits.append(hook(f"{slot.name}-claims", lambda: self._refuse_claims(slot), on_dry_run=True))
        if live:  # before a cold color is brought up for nothing
            edits.append(hook(f"{slot.name}-switch", self._refuse_switch, on_dry_run=True))
        shrinks: list[Hook] = [hook(f"{slot.name}-shrink", shrink)] if shrink else []
        digest = stable_digest(dict(slot.template))
        kind = self._settings.workload_plural
        origin: list[Hook] = [provenance_hook(self._cluster, kind, slot.name, slot.release, digest, slot.selector)]
        return pulumi.ResourceHookBinding(
            before_create=edits, before_update=[*edits, *shrinks], after_create=origin, after_update=origin
        )

    async def _refuse_claims(self, slot: Slot) -> None:
        await unless_out_of_reach(refuse_one_node_claims(self._cluster, self._name, slot.template))

    async def _refuse_live_edit(self, slot: Slot, live: bool) -> None:
        async def refuse() -> None:
            if not live:
                await self._settle()
            await self.gates.refuse_live_edit(slot.side)

        await unless_out_of_reach(refuse())

    async def _refuse_switch(self) -> None:
        await unless_out_of_reach(self._may_switch())

    async def _plan(self) -> None:
        """In a preview: what would refuse the switch, and which Jobs would run around it."""
        if pulumi.runtime.is_dry_run():
            await self._refuse_switch()
            await unless_out_of_reach(self.jobs.announce(self.target, self.idle))

    def _smoke_job(self, slot: Slot, after: list[pulumi.Resource]) -> pulumi.Resource:
        settings = self._settings.smoke_job
        assert settings is not None  # noqa: S101 - the caller asked
        name = names.job_name(self._name, slot.color, slot.revision)
        limit = f"{settings.timeout_seconds + workload.TIMEOUT_MARGIN_SECONDS}s"
        opts = self._child(depends_on=after, custom_timeouts=pulumi.CustomTimeouts(create=limit, update=limit))
        labels = object_labels(
            f"{self._name}-smoke",
            part_of=self._part_of,
            component="smoke",
            version=slot.release.version,
            color=slot.color,
        )
        meta = workload.metadata(name, self._namespace, labels | self._placement.described)
        return objects.Job(name, job(meta, settings, self._settings.security, self._url(slot.service)), opts)

    def _limits(self) -> dict[str, Any]:
        smoke = Smoke(self._settings.smoke, self.target.service) if self._settings.smoke else None
        return {"timeout_seconds": self._settings.gate_timeout_seconds, "smoke": smoke}

    def _own_service(self, after: Sequence[pulumi.Resource], hooks: pulumi.ResourceHookBinding) -> pulumi.Resource:
        selector, notes = self.target.selector, {}
        if self._by_label:
            selector, notes = live_selector(self._name), {SERVES: f"{self.target.color}/{self.target.revision}"}
        return self._service(self._name, "live", selector, None, after, hooks, notes)

    def _adopted_service(self, after: Sequence[pulumi.Resource], hooks: pulumi.ResourceHookBinding) -> pulumi.Resource:
        return adopted.live_service(
            self._name,
            self._namespace,
            self._cluster,
            self.target.selector,
            first=self.target.adopted,
            opts=self._child(depends_on=list(after), hooks=hooks),
        )

    def _service(
        self,
        name: str,
        role: str,
        selector: Any,
        slot: Slot | None,
        after: Sequence[pulumi.Resource],
        hooks: pulumi.ResourceHookBinding | None = None,
        notes: Mapping[str, str] | None = None,
    ) -> pulumi.Resource:
        by_number = slot is not None and slot.adopted
        manifest = workload.service(self._metadata(name, role, slot), self._settings, selector, by_number=by_number)
        manifest["metadata"]["annotations"] |= notes or {}
        return objects.Service(name, manifest, self._child(depends_on=list(after), hooks=hooks))

    def _metadata(self, name: str, role: str, slot: Slot | None = None, color: Color | None = None) -> dict[str, Any]:
        labels = object_labels(
            self._name,
            part_of=self._part_of,
            component=role,
            version=slot.release.version if slot else None,
            color=slot.color if slot else color,
            revision=slot.revision if slot else None,
        )
        return workload.metadata(name, self._namespace, labels | self._placement.described)

    def _selects(self, color: Color | None = None) -> dict[str, str]:
        return selector_labels(self._name, color=color) | dict(self._placement.labels)

    def _url(self, service: str, settings: BlueGreenSettings | None = None) -> str:
        return f"http://{service}.{self._namespace}.svc:{(settings or self._settings).service_port}"

    def _child(self, **options: Any) -> pulumi.ResourceOptions:
        """Options of a child: only the parent is passed down, so no alias or protection of the component leaks."""
        return self._claim.options(parent=self, **options)
