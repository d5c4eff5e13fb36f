"""One Deployment or StatefulSet that is rolled in place, and its Service.

Owns the workload, its ConfigMaps, Secret, budget and autoscaler, and a Service, unless it is a worker that nobody
calls; of a StatefulSet also the Service that its pods are named by. Does not own the Namespace, an Ingress, claims, or
the existing Secrets that pods name. The release is a label and never part of the selector, which Kubernetes does not
let change.
"""

from dataclasses import replace
from typing import Any, Unpack, overload

import pulumi

from components.cluster.access import cluster_for
from components.cluster.cluster import Cluster
from components.drain.rollout import RolloutGate, Wanted
from components.hooks.claim import Claim
from components.hooks.component import Component
from components.hooks.engine import Hook, leave_on_error, on_error, teller, unless_out_of_reach
from components.hooks.pod_advice import tell_advice
from components.hooks.provenance import provenance_hook
from components.manifests import workload
from components.manifests.content import Content
from components.manifests.pod import pod_template
from components.manifests.stateful import without_claims
from components.releases.backend import Backend
from components.releases.content import make_content, plan_content, refuse_unusable_secrets
from components.releases.instance import ALONE, InstanceContext
from components.releases.view import ReleaseView, Scale
from components.rules import names, ownership
from components.rules.digest import stable_digest
from components.rules.labels import object_labels, pod_labels, selector_labels
from components.settings.parse import from_fields
from components.strategies.blue_green.jobs import Who
from components.strategies.rolling.adoption import OWN, RollingAdoption
from components.strategies.rolling.beside import Beside
from components.strategies.rolling.claims import tell_claims
from components.strategies.rolling.fields import RollingFields
from components.strategies.rolling.jobs import RollingJobs
from components.strategies.rolling.lookout import Around, lookout
from components.strategies.rolling.outage import outage_of
from components.strategies.rolling.remedy import stuck
from components.strategies.rolling.settings import RollingSettings
from components.strategies.rolling.workload import make_workload


class RollingApp(Component):
    """An application whose pods are replaced a few at a time, within its surge settings."""

    address: pulumi.Output[str | None]
    """URL of the Service inside the cluster; None for a worker, which has no port and so no Service."""
    release: pulumi.Output[str]
    """Release id, known once the rollout is complete."""

    @overload
    def __init__(
        self,
        name: str,
        settings: RollingSettings,
        *,
        namespace: str,
        cluster: Cluster | None = None,
        opts: pulumi.ResourceOptions | None = None,
        instance: InstanceContext = ALONE,
    ) -> None: ...

    @overload
    def __init__(
        self,
        name: str,
        *,
        namespace: str,
        cluster: Cluster | None = None,
        opts: pulumi.ResourceOptions | None = None,
        **fields: Unpack[RollingFields],
    ) -> None: ...

    def __init__(
        self,
        name: str,
        settings: RollingSettings | None = None,
        *,
        namespace: str,
        cluster: Cluster | None = None,
        opts: pulumi.ResourceOptions | None = None,
        instance: InstanceContext = ALONE,
        **fields: Any,
    ) -> None:
        """Settings come as one object or field by field; `instance` is for what stands side by side.
        Raises ConfigError.

        `cluster` is where it is noted on the Deployment where the release came from: by default where the default
        provider deploys to; with a provider of its own and no `cluster` it is not noted.
        """
        self._settings = settings or from_fields(RollingSettings, fields, name)
        self._name = name
        self._namespace = namespace
        self._instance = instance
        beside = self._settings.adopt_service
        self._workload = names.rolling_name(name, beside=beside, stateful=self._settings.stateful)
        self._selector = selector_labels(name) | dict(instance.labels) | (dict(OWN) if beside else {})
        refuse_unusable_secrets(name, self._settings, {"release": self._settings.release})
        super().__init__("RollingApp", name, namespace, opts)
        own_provider = opts is not None and bool(opts.provider or opts.providers)
        unknown = own_provider and not beside  # the gates of an adopted Service have to know where to look
        self._cluster = cluster or (None if unknown else cluster_for(name, namespace, opts))
        kind = ownership.WORKER if self._settings.port is None else ownership.ROLLING
        self._claim = Claim(name, namespace, self._cluster, kind) if self._cluster else None
        self._adoption: RollingAdoption | None = None
        if beside and self._cluster:
            self._adoption = RollingAdoption(name, self._settings, namespace, self._cluster, self)
        adopts = self._settings.release.adopt is not None
        self._outage = outage_of(self, name, self._settings, self._cluster, self._selector)
        tell_claims(self, name, self._settings)
        jobs: RollingJobs | None = None
        rollout: RolloutGate | None = None
        beside_it = Beside(
            name, self._settings, self._selector, self._workload, metadata=self._metadata, child=self._child
        )
        first = beside_it.services() if self._settings.stateful else []
        if adopts:
            deployment = self._adopted()
        else:
            content = plan_content(name, namespace, None, self._settings, self._settings.release)
            template = self._template(content)
            tell_advice(self, [template], fragments=bool(self._settings.pod or self._settings.release.pod))
            jobs = self._jobs(template, opts)
            rollout = self._rollout(template)
            around: Around = self._around(rollout) if rollout else ([], [])
            made = make_content(content, self._metadata, self._child)
            deployment = self._deployed([*made, *first], template, jobs, around)
        self.resources: list[pulumi.Resource] = [*first, deployment]
        """What has to be there before it may serve: the workload, awaited, and its Service."""
        self.resources += self._beside(beside_it, deployment, adopts=adopts)

        async def finish(_: Any) -> str:
            if self._claim:
                await leave_on_error(unless_out_of_reach(self._claim.look_over()))
            if self._adoption:
                await self._adoption.finish()
            if rollout and not pulumi.runtime.is_dry_run():
                await leave_on_error(rollout.finish(jobs.permit if jobs else None))
            if self._outage:
                await self._outage.end()
            if jobs and not pulumi.runtime.is_dry_run():
                await leave_on_error(jobs.finish())
            return self._settings.release.id

        self.address = pulumi.Output.from_input(self._url)
        self.release = pulumi.Output.all(*(resource.urn for resource in self.resources)).apply(finish)
        self.register_outputs({"address": self.address, "release": self.release})

    def _beside(self, made: Beside, deployment: pulumi.Resource, *, adopts: bool) -> list[pulumi.Resource]:
        """Make what stands beside the workload. Returns its Services that come after it."""
        services: list[pulumi.Resource] = []
        if self._adoption:
            services = [self._adoption.service(self._workload, self._selector, self._child(depends_on=[deployment]))]
        elif not self._settings.stateful:
            services = made.clients_service(deployment)
        if not adopts:  # the pods of an adopted release do not carry our labels
            services += [] if self._settings.stateful else made.further_services(deployment)
            made.budget()
            made.autoscaler(deployment)
        return services

    def backend(self, key: str) -> Backend:
        """What a front sends to where it sends here; `key` is what the config calls it."""
        settings, scale = self._settings, self._settings.scaling
        view = ReleaseView(
            key,
            settings.release,
            settings.release.id,
            self._selector,
            settings.fewest,
            settings.termination_grace_seconds,
            Scale(settings.kind, self._workload, scale.max_replicas) if scale else None,
            stateful=settings.stateful,
            rewrites=settings.image_rewrites,
        )
        return Backend(view, self._name, settings.kind, self._workload, settings.progress_deadline_seconds)

    def _adopted(self) -> pulumi.Resource:
        assert self._adoption is not None  # noqa: S101 - the settings refuse `adopt` without `adopt_service`
        return self._adoption.deployment({**self._settings.pod_labels, **self._pod_labels("")}, self._child())

    def _pod_labels(self, version: str) -> dict[str, str]:
        labels = pod_labels(
            self._name, part_of=pulumi.get_project(), version=version, named=not self._settings.adopt_service
        )
        return labels | self._instance.described

    @property
    def _url(self) -> str | None:
        if self._settings.port is None:
            return None
        return f"http://{self._name}.{self._namespace}.svc:{self._settings.service_port}"

    def _template(self, content: Content) -> dict[str, Any]:
        release = self._settings.release
        return pod_template(
            self._settings,
            release,
            labels=self._pod_labels(release.version) | selector_labels(self._name, revision=release.id),
            spread=self._selector,
            content=content,
            variables=self._instance.variables,
        )

    def _jobs(self, template: dict[str, Any], opts: pulumi.ResourceOptions | None) -> RollingJobs | None:
        """Only where there is something to do: nothing else of a rolling app needs the cluster."""
        settings = self._settings
        if self._instance is not ALONE:  # its Deployment has one release for ever
            return None
        if not (settings.before_cutover or settings.after_cutover or settings.release.rollback or self._cluster):
            return None
        cluster = self._cluster or cluster_for(self._name, self._namespace, opts)
        who = Who(self._name, self._namespace, settings.release)
        return RollingJobs(
            who,
            settings,
            cluster,
            without_claims(template, settings.volume_claims),
            self._url,
            teller(self),
            workload=self._workload,
            selector=self._selector,
        )

    def _rollout(self, template: dict[str, Any]) -> RolloutGate | None:
        settings = self._settings
        if self._cluster is None:
            return None
        wanted = Wanted(
            self._name,
            self._workload,
            settings.release.id,
            template,
            self._selector,
            settings.progress_deadline_seconds,
            settings.termination_grace_seconds,
            self.backend("release").view,
            self._new,
            recreate=settings.update == "recreate",
            kind=settings.kind,
        )
        return RolloutGate(wanted, self._cluster, lambda line: pulumi.info(line, self))

    def _deployed(
        self, first: list[pulumi.Resource], template: dict[str, Any], jobs: RollingJobs | None, around: Around
    ) -> pulumi.Resource:
        return make_workload(
            self._name,
            self._settings,
            self._metadata(self._workload, "workload"),
            self._selector,
            template,
            child=self._child,
            depends_on=[*first, *(jobs.register(self._child) if jobs else [])],
            hooks=self._hooks(template, jobs, around),
            follows=self._instance.after,
            awaited=self._cluster is not None,
        )

    def _around(self, rollout: RolloutGate) -> Around:
        assert self._cluster is not None  # noqa: S101 - there is no gate of the rollout without
        return lookout(self, self._workload, self._new, rollout, self._cluster, self._selector)

    @property
    def _new(self) -> ReleaseView:
        """The pods of the release, and of no other."""
        view = self.backend("release").view
        return replace(view, selector=self._selector | selector_labels(self._name, revision=view.revision))

    def _hooks(self, template: dict[str, Any], jobs: RollingJobs | None, around: Around) -> pulumi.ResourceHookBinding:
        note: list[Hook] = []
        if self._cluster:
            release, digest = self._settings.release, stable_digest(template)
            pods = selector_labels(self._name, revision=release.id)
            note = [provenance_hook(self._cluster, self._settings.kind, self._workload, release, digest, pods)]
        begin, end = around
        stop = self._outage.before(self._workload) if self._outage else []
        before = [*(jobs.before() if jobs else []), *begin]
        return pulumi.ResourceHookBinding(
            before_create=before,
            before_update=[*before, *stop],
            after_create=[*end, *note, *(jobs.after_create() if jobs else [])],
            after_update=[*end, *note],
            on_error=[on_error(f"{self._workload}-remedy", stuck(self._name, self._settings.release.id), self)],
        )

    def _metadata(self, name: str, role: str) -> dict[str, Any]:
        version = self._settings.release.version if role == "workload" else None
        labels = object_labels(self._name, part_of=pulumi.get_project(), component=role, version=version)
        return workload.metadata(name, self._namespace, labels | self._instance.described)

    def _child(self, **options: Any) -> pulumi.ResourceOptions:
        """Options of a child: only the parent is passed down, so no alias or protection of the component leaks."""
        if self._claim:
            return self._claim.options(parent=self, **options)
        return pulumi.ResourceOptions(parent=self, **options)
