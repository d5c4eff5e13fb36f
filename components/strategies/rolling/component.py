"""One Deployment or StatefulSet that is rolled in place, and its Service.

Owns the workload, its ConfigMaps, Secret, budget and autoscaler, and a Service, unless it is a worker that nobody
calls; of a StatefulSet also the Service that its pods are named by. Does not own the Namespace, an Ingress, claims, or
the existing Secrets that pods name.
"""

from typing import Any, Unpack, overload

import pulumi

from components.cluster.cluster import Cluster
from components.drain.rollout import RolloutGate, Wanted
from components.hooks.claim import Claim
from components.hooks.component import Component
from components.hooks.engine import Hook, leave_on_error, on_error, teller, unless_out_of_reach
from components.hooks.pod_advice import tell_advice
from components.hooks.provenance import provenance_hook
from components.manifests.stateful import without_claims
from components.releases.backend import Backend
from components.releases.content import make_content, plan_content, refuse_unusable_secrets
from components.releases.instance import ALONE, InstanceContext
from components.releases.state import Rollout
from components.rules import ownership
from components.rules.digest import stable_digest
from components.strategies.arguments import Arguments, Place, read_arguments
from components.strategies.blue_green.jobs import Who
from components.strategies.rolling.adoption import RollingAdoption
from components.strategies.rolling.claims import tell_claims
from components.strategies.rolling.companions import Companions
from components.strategies.rolling.fields import RollingFields
from components.strategies.rolling.jobs import RollingJobs
from components.strategies.rolling.lookout import Around, lookout
from components.strategies.rolling.outage import outage_of
from components.strategies.rolling.plan import RollingPlan
from components.strategies.rolling.preview import ReleasePreview
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
        self, name: str, settings: RollingSettings, *, instance: InstanceContext = ALONE, **place: Unpack[Place]
    ) -> None: ...

    @overload
    def __init__(self, name: str, **fields: Unpack[RollingFields]) -> None: ...

    def __init__(
        self,
        name: str,
        settings: RollingSettings | None = None,
        *,
        instance: InstanceContext = ALONE,
        **given: Any,
    ) -> None:
        """The service, made. With a provider of its own and no `cluster` no gate looks, and nothing is noted on its
        Deployment.

        Args:
            name: Name of the service, of its objects in the cluster and of its resources.
            settings: All settings as one object; or give them as keyword arguments, field by field.
            instance: The environment or the front that it belongs to.
            given: Keyword arguments: `namespace`, `cluster`, `opts`, and the fields of the settings.

        Raises:
            ConfigError: The settings are wrong. Every problem is named, and nothing is made.
        """
        asked = read_arguments(RollingSettings, name, settings, **given)
        self._settings = asked.settings
        self._plan = RollingPlan(name, asked.settings, asked.namespace, pulumi.get_project(), instance)
        refuse_unusable_secrets(name, asked.settings, {("release",): asked.settings.release})
        super().__init__("RollingApp", name, asked.namespace, asked.opts)
        self._cluster = _cluster_of(asked)
        kind = ownership.WORKER if self._settings.port is None else ownership.ROLLING
        self._claim = Claim(name, asked.namespace, self._cluster, kind) if self._cluster else None
        self._adoption: RollingAdoption | None = None
        if self._settings.adopt_service and self._cluster:
            self._adoption = RollingAdoption(name, self._settings, asked.namespace, self._cluster, self)
        self._outage = outage_of(self, name, self._settings, self._cluster, self._plan.selector)
        tell_claims(self, name, self._settings)
        self._jobs: RollingJobs | None = None
        self._preview: ReleasePreview | None = None
        self._rollout: RolloutGate | None = None
        companions = Companions(
            name,
            self._settings,
            self._plan.selector,
            self._plan.workload,
            metadata=self._plan.metadata,
            child=self._child,
            after=self._plan.instance.after,
        )
        first = [] if self._adoption else companions.services()
        workload = self._adopted() if self._settings.release.adopt else self._made(first, asked)
        self.resources: list[pulumi.Resource] = [*first, workload, *self._beside(companions, workload)]
        """What has to be there before it may serve: its Service, and the workload, awaited."""
        self.address = pulumi.Output.from_input(self._plan.url)
        self.release = pulumi.Output.all(*(resource.urn for resource in self.resources)).apply(self._finish)
        self.publish({"address": self.address, "release": self.release})

    def backend(self, key: str) -> Backend:
        """The service as a backend of a front; `key` is its name in the config."""
        return self._plan.backend(key)

    async def _finish(self, _: Any) -> str:
        if self._claim:
            await leave_on_error(unless_out_of_reach(self._claim.look_over()))
        if self._adoption:
            await self._adoption.finish()
        if self._rollout and not pulumi.runtime.is_dry_run():
            await leave_on_error(self._rollout.finish(self._permit))
        if self._outage:
            await self._outage.end()
        if self._jobs and not pulumi.runtime.is_dry_run():
            await leave_on_error(self._jobs.finish())
        if self._preview and not pulumi.runtime.is_dry_run():
            await leave_on_error(self._preview.finish())
        return self._settings.release.id

    async def _permit(self) -> None:
        """The checks before the gates roll the workload themselves: those before the engine does."""
        if self._jobs:
            await self._jobs.permit()
        if self._preview:
            await self._preview.permit()

    def _beside(self, made: Companions, workload: pulumi.Resource) -> list[pulumi.Resource]:
        """Make the other objects. Returns the Services that come after the workload: the adopted one moves to it."""
        services: list[pulumi.Resource] = []
        if self._adoption:
            opts = self._child(depends_on=[workload])
            services = [self._adoption.service(self._plan.workload, self._plan.selector, opts)]
        if not self._settings.release.adopt:  # the pods of an adopted release do not carry our labels
            services += made.further_services(workload) if self._adoption else []
            made.budget()
            made.autoscaler(workload)
        return services

    def _adopted(self) -> pulumi.Resource:
        assert self._adoption is not None  # noqa: S101 - the settings refuse `adopt` without `adopt_service`
        return self._adoption.deployment({**self._settings.pod_labels, **self._plan.pod_labels("")}, self._child())

    def _made(self, first: list[pulumi.Resource], asked: Arguments[RollingSettings]) -> pulumi.Resource:
        """The workload, after its content, its Jobs and `first`."""
        plan, settings = self._plan, self._settings
        content = plan_content(plan.service, plan.namespace, None, settings, settings.release)
        template = plan.template(content)
        tell_advice(self, [template], fragments=bool(settings.pod or settings.release.pod))
        self._jobs = self._planned_jobs(template, asked)
        self._preview = self._planned_preview(template, asked)
        self._rollout = self._gate(template)
        made = make_content(content, plan.metadata, self._child)
        jobs = self._jobs.register(self._child) if self._jobs else []
        return make_workload(
            plan.service,
            settings,
            plan.metadata(plan.workload, "workload"),
            plan.selector,
            template,
            child=self._child,
            depends_on=[*made, *jobs],
            hooks=self._hooks(template),
            follows=[*plan.instance.after, *first],
            awaited=self._cluster is not None,
        )

    def _planned_jobs(self, template: dict[str, Any], asked: Arguments[RollingSettings]) -> RollingJobs | None:
        """Only where there is something to do: nothing else of a rolling app needs the cluster."""
        plan, settings = self._plan, self._settings
        if plan.instance is not ALONE:  # its Deployment has one release for ever
            return None
        if not (settings.before_cutover or settings.after_cutover or settings.release.rollback or self._cluster):
            return None
        return RollingJobs(
            Who(plan.service, plan.namespace, settings.release),
            settings,
            self._cluster or asked.gated_cluster(),
            without_claims(template, settings.volume_claims),
            plan.url,
            teller(self),
            workload=plan.workload,
            selector=plan.selector,
        )

    def _planned_preview(self, template: dict[str, Any], asked: Arguments[RollingSettings]) -> ReleasePreview | None:
        plan, settings = self._plan, self._settings
        if plan.instance is not ALONE or settings.stateful or not (settings.smoke or self._cluster):
            return None
        cluster = self._cluster or asked.gated_cluster()
        who = Who(plan.service, plan.namespace, settings.release)
        notes = Rollout(plan.workload, cluster)
        return ReleasePreview(who, settings, plan.view("release"), template, notes, cluster, teller(self))

    def _gate(self, template: dict[str, Any]) -> RolloutGate | None:
        plan, settings = self._plan, self._settings
        if self._cluster is None:
            return None
        wanted = Wanted(
            plan.service,
            plan.workload,
            settings.release.id,
            template,
            plan.selector,
            settings.progress_deadline_seconds,
            settings.termination_grace_seconds,
            plan.view("release"),
            plan.release,
            recreate=settings.update == "recreate",
            kind=settings.kind,
        )
        return RolloutGate(wanted, self._cluster, lambda line: pulumi.info(line, self))

    def _hooks(self, template: dict[str, Any]) -> pulumi.ResourceHookBinding:
        plan, release, jobs = self._plan, self._settings.release, self._jobs
        note: list[Hook] = []
        around: Around = ([], [])
        if self._cluster and self._rollout:
            digest, pods = stable_digest(template), plan.release_selector
            note = [provenance_hook(self._cluster, self._settings.kind, plan.workload, release, digest, pods)]
            around = lookout(
                self,
                plan.workload,
                plan.release,
                self._rollout,
                self._cluster,
                plan.selector,
                self._settings.progress_deadline_seconds,
            )
        begin, end = around
        stop = self._outage.before(plan.workload) if self._outage else []
        before = [*(jobs.before() if jobs else []), *(self._preview.before() if self._preview else []), *begin]
        return pulumi.ResourceHookBinding(
            before_create=before,
            before_update=[*before, *stop],
            after_create=[*end, *note, *(jobs.after_create() if jobs else [])],
            after_update=[*end, *note],
            on_error=[on_error(f"{plan.workload}-remedy", stuck(plan.service, release.id, plan.namespace), self)],
        )

    def _child(self, **options: Any) -> pulumi.ResourceOptions:
        """Options of a child: only the parent is passed down, so no alias or protection of the component leaks."""
        if self._claim:
            return self._claim.options(parent=self, **options)
        return pulumi.ResourceOptions(parent=self, **options)


def _cluster_of(asked: Arguments[RollingSettings]) -> Cluster | None:
    """The cluster that the gates ask; None with a provider of its own, whose cluster nobody knows. The gates of an
    adopted Service have to know it.
    """
    own_provider = asked.opts is not None and bool(asked.opts.provider or asked.opts.providers)
    if asked.cluster is None and own_provider and not asked.settings.adopt_service:
        return None
    return asked.gated_cluster()
