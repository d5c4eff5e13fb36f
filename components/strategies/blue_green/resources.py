"""The objects of one blue/green service as Pulumi resources. Makes them; decides nothing about traffic."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pulumi

from components.cluster.cluster import Cluster
from components.hooks.claim import Claim
from components.manifests import beside, objects, routes, workload
from components.manifests.routes import Always
from components.manifests.smoke_job import job
from components.releases.content import make_content
from components.releases.instance import InstanceContext
from components.releases.planned import PlannedRelease
from components.rules import names
from components.rules.labels import live_selector, object_labels, selector_labels
from components.settings.route import Route
from components.settings.scaled_object import is_scaled_object
from components.strategies import adopted
from components.strategies.blue_green.settings import BlueGreenSettings
from contract.annotations import SERVES
from contract.releases import COLORS, Color, color_service_name
from contract.route_kinds import GRPC, HTTP, VIRTUAL
from contract.weights import Shares


class Resources:
    """The workloads, Services, budgets, autoscaler and smoke Jobs of one service, below one component."""

    def __init__(
        self,
        parent: pulumi.ComponentResource,
        name: str,
        settings: BlueGreenSettings,
        namespace: str,
        cluster: Cluster,
        claim: Claim,
        instance: InstanceContext,
        color_header: str | None = None,
    ) -> None:
        self._parent, self._name, self._settings, self._namespace = parent, name, settings, namespace
        self._cluster, self._claim, self._instance, self._color_header = cluster, claim, instance, color_header
        self._part_of = pulumi.get_project()
        self._contents: dict[str, pulumi.Resource] = {}

    def workload(
        self,
        slot: PlannedRelease,
        after: Sequence[pulumi.Resource],
        hooks: pulumi.ResourceHookBinding,
        *,
        live: bool,
        kept: pulumi.Input[int] | None = None,
    ) -> pulumi.Resource:
        """The Deployment or ReplicaSet of a release, and what travels with it. `kept`: so many pods it has instead of
        those that the config says.
        """
        content = make_content(
            slot.content, lambda name, role: self._metadata(name, role, slot), self.child, self._contents
        )
        marked = self._settings.scaling is not None
        beside = self._settings.scaled_beside and slot.release == self._settings.release(slot.color)
        scaled = marked if live else beside  # a kept release has its number
        opts = self.child(
            depends_on=content,
            custom_timeouts=self._limits(slot),
            ignore_changes=["spec.replicas"] if scaled else [],  # a live count is never written over
            hooks=hooks,
        )
        meta = self._metadata(slot.name, "workload", slot)
        template = dict(slot.template)
        if self._settings.workload == "replica-set":
            made = workload.replica_set(
                meta, self._settings, slot.selector, template, slot.replicas, scaled=scaled, marked=marked
            )
            if kept is not None:
                workload.keep_pods(made, kept)
            return objects.ReplicaSet(slot.name, made, opts, after)
        made = workload.deployment(meta, self._settings, slot.selector, template, slot.replicas)
        if kept is not None:
            made["spec"]["replicas"] = kept
        return objects.Deployment(slot.name, made, opts, after)

    def _limits(self, slot: PlannedRelease) -> pulumi.CustomTimeouts:
        settings = self._settings
        at_once = workload.timeout(settings)
        if settings.workload == "replica-set":  # it never rolls its pods
            return pulumi.CustomTimeouts(create=at_once, update=at_once)
        # A color that was left may keep the pods with which it served, whatever it is to have.
        most = settings.scaling.max_replicas if settings.scaling else settings.fewest
        fewest = min(slot.replicas, settings.fewest)
        in_rounds = workload.timeout_in_rounds(settings, fewest, max(slot.replicas, most))
        return pulumi.CustomTimeouts(create=at_once, update=in_rounds)

    def adopted_workload(self, slot: PlannedRelease, after: Sequence[pulumi.Resource]) -> pulumi.Resource:
        """The Deployment that was there before, imported and left as it is."""
        return adopted.deployment(slot.name, self._namespace, self.child(), after)

    def color_service(
        self, slot: PlannedRelease, after: Sequence[pulumi.Resource], hooks: pulumi.ResourceHookBinding | None = None
    ) -> pulumi.Resource:
        """The Service that always points at one color."""
        return self._service(slot.service, "preview", slot.selector, slot, hooks, after)

    def all_service(self) -> None:
        """The Service over both colors."""
        self._service(names.all_service_name(self._name), "all", self._selects(), None)

    def live_service(
        self, target: PlannedRelease, after: Sequence[pulumi.Resource], hooks: pulumi.ResourceHookBinding
    ) -> pulumi.Resource:
        """The one Service that moves. It selects the target's revision, so it can never match two at once. With
        `cutover: labels` it selects a label; what the engine sees to change is a note of the revision.
        """
        if self._settings.adopt_service:
            edges, workloads = objects.edges_of(after)
            opts = self.child(depends_on=edges, hooks=hooks)
            return adopted.live_service(
                self._name, self._namespace, self._cluster, target.selector, workloads, first=target.adopted, opts=opts
            )
        if self._settings.cutover == "labels":
            notes = {SERVES: f"{target.color}/{target.revision}"}
            return self._clients_service(live_selector(self._name), after, hooks, notes)
        return self._clients_service(target.selector, after, hooks, {})

    def further_services(
        self, target: PlannedRelease, live: pulumi.Resource, hooks: Callable[[str], pulumi.ResourceHookBinding]
    ) -> pulumi.Resource:
        """The `services`, one after the other behind the live Service; returns the last, or that one."""
        selector = live_selector(self._name) if self._settings.cutover == "labels" else target.selector
        last = live
        for name, fragment in self._settings.services.items():
            meta = self._metadata(name, "further")
            manifest = beside.further_service(meta, self._settings, selector, fragment)
            last = objects.Service(name, manifest, self.child(depends_on=[last], hooks=hooks(name)))
        return last

    def route(
        self, route: Route, shares: Shares, after: Sequence[pulumi.Resource], hooks: pulumi.ResourceHookBinding
    ) -> pulumi.Resource:
        """The object with the shares of the colors: the service's own route, or of one that exists a ConfigMap that
        says them, as a resource that moves the weights in its hooks.
        """
        opts = self.child(hooks=hooks)
        if route.exists:
            name = names.route_carrier_name(self._name)
            made = routes.carrier(self._metadata(name, "route"), route, shares)
            return objects.ConfigMap(name, made, opts, after)
        settings, own = self._settings, {color: color_service_name(self._name, color) for color in COLORS}
        header = self._color_header if settings.weight else None
        names_of = {own[color]: color for color in COLORS} if header else {}
        always = Always(own[settings.idle], [one.match for one in settings.matches], header or "", names_of)
        make, kind = {
            HTTP: (routes.gateway_route, objects.HTTPRoute),
            GRPC: (routes.gateway_route, objects.GRPCRoute),
            VIRTUAL: (routes.virtual_service, objects.VirtualService),
        }[route.ref(self._name).kind]
        meta, port = self._metadata(self._name, "route"), settings.service_port
        return kind(self._name, make(meta, route, shares, port, always, settings.mirror), opts, after)

    def canary(
        self, words: str, after: Sequence[pulumi.Resource], hooks: pulumi.ResourceHookBinding
    ) -> pulumi.Resource:
        """The object with the share of the idle color in pods: a ConfigMap, whose hooks move the labels."""
        name = names.canary_carrier_name(self._name)
        made = routes.pod_carrier(self._metadata(name, "canary"), words)
        return objects.ConfigMap(name, made, self.child(hooks=hooks), after)

    def autoscaler(
        self,
        target: PlannedRelease,
        live: pulumi.Resource,
        after: Sequence[pulumi.Resource],
        hooks: pulumi.ResourceHookBinding,
    ) -> pulumi.Resource:
        """One for both colors, moved after the traffic: it never sees the target idle."""
        manifest = self._scaler(self._name, target)
        if self._settings.scaled_beside:
            manifest = beside.held(manifest, self._settings.idle)
        return self._scaler_kind(self._name, manifest, self.child(depends_on=[live], hooks=hooks), after)

    def autoscaler_beside(self, idle: PlannedRelease, after: Sequence[pulumi.Resource]) -> pulumi.Resource:
        """That of the idle color while it has a share, under the name of its own Service."""
        settings = self._settings
        manifest = beside.held(self._scaler(idle.service, idle), idle.color, settings.least_beside)
        return self._scaler_kind(idle.service, manifest, self.child(), after)

    def _scaler(self, name: str, slot: PlannedRelease) -> objects.Manifest:
        settings = self._settings
        kind = "Deployment" if settings.workload == "deployment" else "ReplicaSet"
        meta = self._metadata(name, "autoscaler")
        return beside.autoscaler(meta, settings.autoscale, settings.autoscaler, kind, slot.name)

    @property
    def _scaler_kind(self) -> type[objects.KubernetesObject]:
        keda = is_scaled_object(self._settings.autoscaler)
        return objects.ScaledObject if keda else objects.HorizontalPodAutoscaler

    def budget(self, slot: PlannedRelease, release: pulumi.Resource) -> None:
        """The disruption budget of a color, whatever its release."""
        meta = self._metadata(slot.service, "budget", color=slot.color)
        budget = beside.disruption_budget(meta, self._selects(slot.color), self._settings.budget)
        objects.PodDisruptionBudget(slot.service, budget, self.child(depends_on=[release]))

    def smoke_job(self, slot: PlannedRelease, after: Sequence[pulumi.Resource]) -> pulumi.Resource:
        """The Job that checks a release before it gets traffic; the engine waits for its end."""
        settings = self._settings.smoke_job
        assert settings is not None  # noqa: S101 - the caller asked
        name = names.job_name(self._name, slot.color, slot.revision)
        limit = f"{settings.timeout_seconds + workload.TIMEOUT_MARGIN_SECONDS}s"
        opts = self.child(depends_on=list(after), custom_timeouts=pulumi.CustomTimeouts(create=limit, update=limit))
        labels = object_labels(
            f"{self._name}-smoke",
            part_of=self._part_of,
            component="smoke",
            version=slot.release.version,
            color=slot.color,
        )
        meta = workload.metadata(name, self._namespace, labels | self._instance.described)
        made = job(meta, settings, self._settings.security, self.url(slot.service), slot.template)
        return objects.Job(name, made, opts)

    def url(self, service: str, settings: BlueGreenSettings | None = None) -> str:
        """The address of a Service inside the cluster; of a worker's the name alone, which finds its pods."""
        settings, host = settings or self._settings, f"{service}.{self._namespace}.svc"
        return host if settings.port is None else f"http://{host}:{settings.service_port}"

    def child(self, **options: Any) -> pulumi.ResourceOptions:
        """Options of a child: only the parent is passed down, so no alias or protection of the component leaks."""
        return self._claim.options(parent=self._parent, **options)

    def _clients_service(
        self,
        selector: Mapping[str, str],
        after: Sequence[pulumi.Resource],
        hooks: pulumi.ResourceHookBinding,
        notes: Mapping[str, str],
    ) -> pulumi.Resource:
        meta = self._metadata(self._name, "live")
        if self._settings.port is None:
            manifest = workload.worker_service(meta, selector)
        else:
            manifest = beside.clients_service(meta, self._settings, selector)
        manifest["metadata"]["annotations"] |= notes
        edges, workloads = objects.edges_of(after)
        return objects.Service(self._name, manifest, self.child(depends_on=edges, hooks=hooks), workloads)

    def _service(
        self,
        name: str,
        role: str,
        selector: Any,
        slot: PlannedRelease | None,
        hooks: pulumi.ResourceHookBinding | None = None,
        after: Sequence[pulumi.Resource] = (),
    ) -> pulumi.Resource:
        by_number, meta = slot is not None and slot.adopted, self._metadata(name, role, slot)
        if self._settings.port is None:
            manifest = workload.worker_service(meta, selector)
        else:
            manifest = workload.service(meta, self._settings, selector, by_number=by_number)
        return objects.Service(name, manifest, self.child(hooks=hooks), after)

    def _metadata(
        self, name: str, role: str, slot: PlannedRelease | None = None, color: Color | None = None
    ) -> dict[str, Any]:
        labels = object_labels(
            self._name,
            part_of=self._part_of,
            component=role,
            version=slot.release.version if slot else None,
            color=slot.color if slot else color,
            revision=slot.revision if slot else None,
        )
        return workload.metadata(name, self._namespace, labels | self._instance.described)

    def _selects(self, color: Color | None = None) -> dict[str, str]:
        return selector_labels(self._name, color=color) | dict(self._instance.labels)
