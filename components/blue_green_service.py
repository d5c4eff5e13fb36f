"""Two colors of one service side by side, and the order of one `up`.

Owns two workloads, their ConfigMaps and budgets, the live Service, one Service per color and, if wanted, one over both.
Does not own the Namespace, an Ingress, or the Secrets that pods name.

Resources are registered active workload -> its own Service -> smoke job -> live Service -> idle workload, each
depending on the one before, so the engine keeps that order and stops at the first failure. The edges turn round with
the active color. A workload's name, in the cluster and in the stack, carries its revision: another release is another
resource, and the old one is deleted at the very end of a run that went well (docs/adr/0003).
"""

from typing import Any, Unpack, overload

import pulumi

from components.cluster.access import cluster_for
from components.cluster.cluster import Cluster
from components.gates.cutover import Gates
from components.gates.hooks import Hook, hook, leave
from components.gates.smoke import Smoke
from components.manifests import objects, workload
from components.manifests.smoke_job import job
from components.rules import names
from components.rules.errors import ClusterUnreachable, CutoverError
from components.rules.labels import object_labels, selector_labels
from components.settings import BlueGreenSettings
from components.settings.fields import BlueGreenFields
from components.settings.load import from_fields
from components.slot import Slot, plan_slot


class BlueGreenService(pulumi.ComponentResource):
    """A service with a blue and a green release, one of them live.

    `active` is a plain value, so that a preview shows the cutover. A change of it performs the cutover; the same change
    back is the rollback.
    """

    active: pulumi.Output[str]
    """The color that serves, known once its endpoints are verified."""
    address: pulumi.Output[str]
    """URL of the live Service inside the cluster."""
    preview_address: pulumi.Output[str | None]
    """URL of the idle color's own Service inside the cluster; None without an idle release."""
    releases: pulumi.Output[dict[str, str]]
    """Release id per color."""

    @overload
    def __init__(
        self,
        name: str,
        settings: BlueGreenSettings,
        *,
        namespace: str,
        cluster: Cluster | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None: ...

    @overload
    def __init__(
        self,
        name: str,
        *,
        namespace: str,
        cluster: Cluster | None = None,
        opts: pulumi.ResourceOptions | None = None,
        **fields: Unpack[BlueGreenFields],
    ) -> None: ...

    def __init__(
        self,
        name: str,
        settings: BlueGreenSettings | None = None,
        *,
        namespace: str,
        cluster: Cluster | None = None,
        opts: pulumi.ResourceOptions | None = None,
        **fields: Any,
    ) -> None:
        """Settings come as one object or field by field. `cluster` is where the gates look: by default where the
        default provider of this program deploys to. Raises ConfigError.
        """
        self._settings = settings or from_fields(BlueGreenSettings, fields, name)
        self._name = name
        self._namespace = namespace
        self._part_of = pulumi.get_project()
        super().__init__("cutover:index:BlueGreenService", name, {"namespace": namespace}, opts)
        self._cluster = cluster or cluster_for(name, namespace, opts)
        if not pulumi.runtime.is_dry_run():
            self._cluster.prepare()
        self._gates = Gates(name, self._cluster, lambda line: pulumi.info(line, self))

        active = plan_slot(name, self._part_of, self._settings, self._settings.active)
        idle = plan_slot(name, self._part_of, self._settings, names.other(self._settings.active))
        assert active is not None  # noqa: S101 - the settings refuse an active color without a release
        live = self._live_service(active, self._color(active, role="live", after=[]))
        standby = self._color(idle, role="standby", after=[live]) if idle else []
        self._shared()
        self._export(active, idle, live, standby)

    def _color(self, slot: Slot, *, role: str, after: list[pulumi.Resource]) -> list[pulumi.Resource]:
        """All that belongs to one color, in order; returns what has to be done before the next stage."""
        release = self._workload(slot, live=role == "live", after=after)
        own = self._service(slot.service, "preview", slot.selector, slot, [release])
        made: list[pulumi.Resource] = [release, own]
        if self._settings.smoke_job:
            made.append(self._smoke_job(slot, made))
        if self._settings.disruption_budget and slot.replicas > 1:
            selector = selector_labels(self._name, color=slot.color)
            meta = self._metadata(slot.service, "budget", color=slot.color)  # of the color, whatever its release
            budget = workload.disruption_budget(meta, selector)
            objects.PodDisruptionBudget(slot.service, budget, self._child(depends_on=[release]))
        return made

    def _workload(self, slot: Slot, *, live: bool, after: list[pulumi.Resource]) -> pulumi.Resource:
        before = list(after)
        if slot.config_map:
            meta = self._metadata(slot.config_map, "config", slot)
            data = {"metadata": meta, "data": dict(slot.config), "immutable": True}
            before.append(objects.ConfigMap(slot.config_map, data, self._child()))
        limit = workload.timeout(self._settings)
        opts = self._child(
            depends_on=before,
            custom_timeouts=pulumi.CustomTimeouts(create=limit, update=limit),
            hooks=self._workload_hooks(slot, live=live),
        )
        meta = self._metadata(slot.name, "workload", slot)
        template = dict(slot.template)
        if self._settings.workload == "replica-set":
            made = workload.replica_set(meta, self._settings, slot.selector, template, slot.replicas)
            return objects.ReplicaSet(slot.name, made, opts)
        made = workload.deployment(meta, self._settings, slot.selector, template, slot.replicas)
        return objects.Deployment(slot.name, made, opts)

    def _workload_hooks(self, slot: Slot, *, live: bool) -> pulumi.ResourceHookBinding:
        """Active color: no new release in place, said in a preview too. Idle one: not while it still serves."""
        edits: list[Hook] = []
        if not self._settings.allow_in_place_updates:
            edits.append(hook(f"{slot.name}-live-edit", lambda: self._refuse_live_edit(slot), on_dry_run=live))
        shrinks: list[Hook] = (
            [] if live else [hook(f"{slot.name}-shrink", lambda: self._gates.before_shrink(slot.side))]
        )
        return pulumi.ResourceHookBinding(before_create=edits, before_update=[*edits, *shrinks])

    async def _refuse_live_edit(self, slot: Slot) -> None:
        try:
            await self._gates.refuse_live_edit(slot.side)
        except ClusterUnreachable:
            if not pulumi.runtime.is_dry_run():  # a plan may be made where the cluster is out of reach
                raise

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
        meta = workload.metadata(name, self._namespace, labels)
        return objects.Job(name, job(meta, settings, self._settings.security, self._url(slot.service)), opts)

    def _live_service(self, target: Slot, after: list[pulumi.Resource]) -> pulumi.Resource:
        """The one Service that moves. It selects a revision, so it can never match two versions at once."""

        def gate() -> Any:
            return self._gates.before_switch(target.side, **self._gate(target))

        hooks = pulumi.ResourceHookBinding(
            before_update=[hook(f"{self._name}-gate", gate)],
            after_update=[hook(f"{self._name}-verify", lambda: self._gates.after_switch(target.side))],
        )
        return self._service(self._name, "live", target.selector, None, after, hooks)

    def _gate(self, target: Slot) -> dict[str, Any]:
        smoke = Smoke(self._settings.smoke, target.service) if self._settings.smoke else None
        return {"timeout_seconds": self._settings.gate_timeout_seconds, "smoke": smoke}

    def _shared(self) -> None:
        if self._settings.expose_both:
            self._service(names.all_service_name(self._name), "all", selector_labels(self._name), None, [])

    def _service(
        self,
        name: str,
        role: str,
        selector: Any,
        slot: Slot | None,
        after: list[pulumi.Resource],
        hooks: pulumi.ResourceHookBinding | None = None,
    ) -> pulumi.Resource:
        manifest = workload.service(self._metadata(name, role, slot), self._settings, selector)
        return objects.Service(name, manifest, self._child(depends_on=after, hooks=hooks))

    def _export(self, active: Slot, idle: Slot | None, live: pulumi.Resource, standby: list[pulumi.Resource]) -> None:
        async def finish(_: Any) -> str:
            if not pulumi.runtime.is_dry_run():
                await self._finish(active, idle)
            return active.color

        done = pulumi.Output.all(*(resource.urn for resource in [live, *standby]))
        self.active = done.apply(finish)
        self.address = pulumi.Output.from_input(self._url(self._name))
        self.preview_address = pulumi.Output.from_input(self._url(idle.service) if idle else None)
        self.releases = pulumi.Output.from_input({slot.color: slot.release.id for slot in (active, idle) if slot})
        self.register_outputs(
            {
                "active": self.active,
                "address": self.address,
                "previewAddress": self.preview_address,
                "releases": self.releases,
            }
        )

    async def _finish(self, active: Slot, idle: Slot | None) -> None:
        try:
            await self._gates.restore(active.side, **self._gate(active))
            await self._gates.finish(active.side, idle.side if idle else None, recycle=self._settings.recycle)
        except CutoverError as error:
            await leave(error)

    def _metadata(
        self, name: str, role: str, slot: Slot | None = None, color: names.Color | None = None
    ) -> dict[str, Any]:
        labels = object_labels(
            self._name,
            part_of=self._part_of,
            component=role,
            version=slot.release.version if slot else None,
            color=slot.color if slot else color,
            revision=slot.revision if slot else None,
        )
        return workload.metadata(name, self._namespace, labels)

    def _url(self, service: str) -> str:
        return f"http://{service}.{self._namespace}.svc:{self._settings.service_port}"

    def _child(self, **options: Any) -> pulumi.ResourceOptions:
        """Options of a child: only the parent is passed down, so no alias or protection of the component leaks."""
        return pulumi.ResourceOptions(parent=self, **options)
