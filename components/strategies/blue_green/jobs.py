"""The Jobs around the releases of one blue/green service, and its limit to rollbacks, as its stages use them.

A Job is a resource of its release's color, registered held back and never changed by the engine; the gates run it when
its time has come (docs/adr/0009).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from components.checks.rollback_limit import RollbackLimit
from components.cluster.cluster import Cluster
from components.hooks.jobs import Jobs, PlannedJob, Served
from components.manifests import objects, workload
from components.manifests.release_job import release_job
from components.releases.planned import PlannedRelease
from components.releases.state import LiveService, TrafficState
from components.rules import names
from components.rules.labels import job_labels
from components.rules.ledger import PHASES, Phase
from components.settings import Release, ReleaseJob
from components.strategies.blue_green.settings import BlueGreenSettings
from contract.annotations import DETACHED
from contract.releases import Color

_WHEN: dict[Phase, str] = {"before": "before the switch", "after": "once the cutover is complete"}


class ReleaseJobs:
    """The Jobs of both colors. `url` is the address of a color's own Service."""

    def __init__(
        self,
        service: str,
        settings: BlueGreenSettings,
        namespace: str,
        cluster: Cluster,
        say: Callable[[str], None],
        url: Callable[[str], str],
    ) -> None:
        self._service = service
        self._settings = settings
        self._namespace = namespace
        self._url = url
        self._say = say
        self._cluster = cluster
        notes = LiveService(service, cluster)
        self._jobs = Jobs(service, notes, cluster, say)
        self._limit = RollbackLimit(service, notes)

    @property
    def any(self) -> bool:
        """Whether there are Jobs at all."""
        return bool(self._settings.before_cutover or self._settings.after_cutover)

    def register(self, slot: PlannedRelease, child: Callable[..., pulumi.ResourceOptions]) -> list[pulumi.Resource]:
        """The Jobs of one color's release as resources."""
        return register_jobs((job for phase in PHASES if (job := self._planned(slot, phase))), child)

    async def may_serve(self, target: PlannedRelease, idle: PlannedRelease | None) -> None:
        """Whether no release forbids to go (back) to the target. Raises RollbackForbidden."""
        await self._limit.check(target.release, target.color, [slot.release for slot in (target, idle) if slot])

    async def announce(self, target: PlannedRelease, idle: PlannedRelease | None) -> None:
        """For a preview: say which Jobs would run."""
        for phase in PHASES:
            job = self._planned(target, phase)
            if job and await self._jobs.due(job, self._served(target, idle)):
                self._say(f"{self._service}: {job.setting} Job {job.name} would run {_WHEN[phase]}")

    async def before(self, target: PlannedRelease, idle: PlannedRelease | None) -> bool:
        """Run the `before_cutover` Job where it has not run yet; whether it ran now. Raises JobFailed."""
        if not self.any:
            return False
        job = self._planned(target, "before")
        if job is None:
            await self._jobs.open(self._served(target, idle))
            return False
        return await self._jobs.before(job, self._served(target, idle))

    async def settle(self, target: PlannedRelease) -> None:
        """Once the target takes the traffic: note whether it forbids a rollback."""
        await self._limit.settle(target.release)

    async def open(self, target: PlannedRelease, idle: PlannedRelease | None) -> None:
        """Begin the ledger of Jobs, before the cutover is noted as complete."""
        if self.any:
            await self._jobs.open(self._served(target, idle))

    async def after(self, target: PlannedRelease) -> None:
        """Run the `after_cutover` Job, once the cutover is complete. Raises AfterJobFailed."""
        if self.any:
            await self._jobs.after(self._planned(target, "after"), target.release.id, self._served(target))

    def _served(self, *slots: PlannedRelease | None) -> Served:
        """The releases that have taken the traffic: the one that does, and those that were there before the switch."""

        async def served(state: TrafficState) -> list[str]:
            return [slot.release.id for slot in slots if slot and await self._has_served(slot, state)]

        return served

    async def _has_served(self, slot: PlannedRelease, state: TrafficState) -> bool:
        if state.runs(slot.release.id):
            return True
        made = await self._cluster.workload(self._settings.workload_plural, slot.name)
        if made is None:
            return False
        # With `cutover: labels` the Service's own time says nothing: it never moved.
        return DETACHED in made.annotations or state.left(slot.release.id, made.created)

    def _planned(self, slot: PlannedRelease, phase: Phase) -> PlannedJob | None:
        settings = self._settings.before_cutover if phase == "before" else self._settings.after_cutover
        if settings is None:
            return None
        who = Who(self._service, self._namespace, slot.release, slot.color)
        return plan_job(who, phase, settings, slot.template, self._url(slot.service), slot.stop_seconds)


@dataclass(frozen=True)
class Who:
    """The release that a Job belongs to. A rolling app has no color."""

    service: str
    namespace: str
    release: Release
    color: Color | None = None


def plan_job(
    who: Who, phase: Phase, settings: ReleaseJob, template: Mapping[str, Any], url: str | None, stop_seconds: int
) -> PlannedJob:
    """One Job of a release whose pods are of that template. `url` is where the release answers, if it does."""
    release = who.release
    labels = job_labels(
        who.service,
        part_of=pulumi.get_project(),
        component=f"{phase}-cutover",
        version=release.version,
        release=release.id,
        color=who.color,
    )
    name = names.release_job_name(who.service, who.color, release.id, phase)
    known = {
        "CUTOVER_BUILD": str(release.build),
        "CUTOVER_PHASE": phase,
        "CUTOVER_RELEASE": release.id,
        "CUTOVER_URL": url,
        "CUTOVER_VERSION": release.version,
        "CUTOVER_COLOR": who.color,
    }
    variables = {name: value for name, value in known.items() if value}
    meta = workload.metadata(name, who.namespace, labels)
    manifest = release_job(meta, settings, template, variables)
    return PlannedJob(phase, release.id, name, manifest, settings.timeout_seconds + stop_seconds)


def register_jobs(jobs: Iterable[PlannedJob], child: Callable[..., pulumi.ResourceOptions]) -> list[pulumi.Resource]:
    """Jobs as suspended resources. The engine never changes them once they exist; the gates run them."""
    opts = {"ignore_changes": ["metadata", "spec"]}
    return [objects.Job(job.name, job.manifest, child(**opts)) for job in jobs]
