"""The Jobs around a release of a rolling app, and its limit to rollbacks. Its rollout takes the place of a cutover."""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi

from components.checks.rollback_limit import RollbackLimit
from components.cluster.cluster import Cluster
from components.cluster.watch import VERIFY_SECONDS, Watch
from components.hooks.engine import Hook, hook, unless_out_of_reach
from components.hooks.jobs import Jobs, PlannedJob
from components.releases.state import Rollout, TrafficState
from components.rules.errors import SwitchUnverified
from components.rules.labels import selector_labels
from components.rules.ledger import PHASES, Phase
from components.strategies.blue_green.jobs import Who, plan_job, register_jobs
from components.strategies.rolling.settings import RollingSettings
from contract.labels import REVISION

_WHEN: dict[Phase, str] = {"before": "before the first new pod", "after": "once the rollout is complete"}


class RollingJobs:
    """The Jobs of one rolling app. `template` is that of its pods, `url` the address of its Service, if it has one;
    `workload` is the name of its workload, whose pods `selector` finds, where they are not those of a service of that
    name.
    """

    def __init__(
        self,
        who: Who,
        settings: RollingSettings,
        cluster: Cluster,
        template: Mapping[str, Any],
        url: str | None,
        say: Callable[[str], None],
        *,
        workload: str | None = None,
        selector: Mapping[str, str] | None = None,
    ) -> None:
        self._who = who
        self._settings = settings
        self._cluster = cluster
        self._template = template
        self._url = url
        self._say = say
        self._selector = selector or selector_labels(who.service)
        notes = Rollout(workload or who.service, cluster, settings.kind)
        self._jobs = Jobs(who.service, notes, cluster, say)
        self._limit = RollbackLimit(who.service, notes)

    def register(self, child: Callable[..., pulumi.ResourceOptions]) -> list[pulumi.Resource]:
        """The Jobs as resources."""
        return register_jobs((job for phase in PHASES if (job := self._planned(phase))), child)

    def before(self) -> list[Hook]:
        """The hooks before the workload is made or changed. A preview tells refusals, and which Jobs would run."""
        return [hook(f"{self._who.service}-jobs", self._before, on_dry_run=True)]

    def after_create(self) -> list[Hook]:
        """The hooks after the first release: they begin the ledger of Jobs."""
        return [hook(f"{self._who.service}-jobs-noted", self._begin)]

    async def permit(self) -> None:
        """The checks before the gates roll the workload themselves. Raises what the hook raises."""
        await self._before()

    async def finish(self) -> None:
        """Once the rollout is complete: note the rollback limit, run the `after_cutover` Job. Raises AfterJobFailed.

        With a `partition` it is not: pods of the release before go on.
        """
        if self._settings.partition:
            return
        await self._limit.settle(self._who.release)
        if self._any:
            await self._until_rolled()
            await self._jobs.after(self._planned("after"), self._who.release.id, self._served)

    @property
    def _called(self) -> str:
        return "the StatefulSet" if self._settings.stateful else "the Deployment"

    @property
    def _any(self) -> bool:
        return bool(self._settings.before_cutover or self._settings.after_cutover)

    async def _before(self) -> None:
        if pulumi.runtime.is_dry_run():
            await unless_out_of_reach(self._announce())
            return
        await self._limit.check(self._who.release, self._called, [self._who.release])
        if job := self._planned("before"):
            await self._jobs.before(job, self._served)
        elif self._any:
            await self._jobs.open(self._served)

    async def _announce(self) -> None:
        await self._limit.check(self._who.release, self._called, [self._who.release])
        for phase in PHASES:
            job = self._planned(phase)
            if job and await self._jobs.due(job, self._served):
                self._say(f"{self._who.service}: {job.setting} Job {job.name} would run {_WHEN[phase]}")

    async def _begin(self) -> None:
        if self._any:
            await self._jobs.open(self._nothing)

    async def _served(self, state: TrafficState) -> list[str]:
        return [state.revision]

    async def _nothing(self, _: TrafficState) -> list[str]:
        return []

    async def _until_rolled(self) -> None:
        """The engine has awaited the new pods; the old ones may still answer what they have in hand."""
        limit_seconds = self._settings.termination_grace_seconds + VERIFY_SECONDS

        async def unmet() -> str | None:
            pods = await self._cluster.pods(self._selector)
            left = [pod.name for pod in pods if pod.labels.get(REVISION) != self._who.release.id]
            return f"{', '.join(left)} still there" if left else None

        watch = Watch(self._who.service, self._cluster, self._say)
        if reason := await watch.until_none(unmet, limit_seconds, "the old pods"):
            raise SwitchUnverified(
                f"{self._who.service}: {limit_seconds:g} s after the rollout, {reason}",
                "the old release may still answer, so what it needs is not cleared up yet",
                f"`kubectl describe pod -n {self._cluster.namespace}` tells what holds them; `pulumi up` goes on "
                "from here",
            )

    def _planned(self, phase: Phase) -> PlannedJob | None:
        settings = self._settings.before_cutover if phase == "before" else self._settings.after_cutover
        if settings is None:
            return None
        stop_seconds = self._settings.termination_grace_seconds
        return plan_job(self._who, phase, settings, self._template, self._url, stop_seconds)
