"""The preview of a rolling release: one pod of it, without traffic, that has to pass the smoke check before all others.

A release that served before is not asked again (docs/adr/0016): which those are is noted on the workload.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pulumi

from components.checks.served_before import mark_of
from components.checks.smoke import Smoke
from components.cluster.cluster import Cluster
from components.cluster.watch import Watch
from components.hooks.engine import Hook, hook, unless_out_of_reach
from components.hooks.jobs import deleted
from components.manifests import workload
from components.manifests.preview_job import preview_job
from components.releases.state import Rollout, TrafficState
from components.releases.view import ReleaseView
from components.rules import names
from components.rules.errors import NeverReady, NotReady
from components.rules.facts import why_not_ready
from components.rules.labels import job_labels, label_value
from components.rules.served import with_served
from components.rules.trouble import trouble
from components.settings import SmokeCheck
from components.strategies.blue_green.jobs import Who
from components.strategies.rolling.settings import RollingSettings
from contract.annotations import SERVED
from contract.labels import COMPONENT, JOB_OF, RELEASE
from contract.served import read_served

ROLE = "preview"
MARGIN_SECONDS = 30


class ReleasePreview:
    """The preview of one release. `view` is the service as checks see it, `notes` are those on its workload; `say`
    takes one line of progress at a time.
    """

    def __init__(
        self,
        who: Who,
        settings: RollingSettings,
        view: ReleaseView,
        template: Mapping[str, Any],
        notes: Rollout,
        cluster: Cluster,
        say: Callable[[str], None],
    ) -> None:
        self._who, self._settings, self._view = who, settings, view
        self._template, self._notes, self._cluster, self._say = template, notes, cluster, say
        self._watch = Watch(who.service, cluster, say)
        self._name = names.release_job_name(who.service, None, who.release.id, ROLE)
        self._selector = {JOB_OF: label_value(who.service), RELEASE: who.release.id, COMPONENT: ROLE}

    def before(self) -> list[Hook]:
        """The hook before the workload is made or changed; in a preview it says what would be asked."""
        if not self._settings.smoke:
            return []
        return [hook(f"{self._who.service}-preview", self.permit, on_dry_run=True)]

    async def permit(self) -> None:
        """The smoke check of a release that never served. Raises NotReady, NeverReady, SmokeFailed."""
        smoke = self._settings.smoke
        if smoke is None:
            return
        if pulumi.runtime.is_dry_run():
            await unless_out_of_reach(self._announce(smoke))
        elif await self._due():
            await self._ask(smoke)

    async def finish(self) -> None:
        """Once the rollout is complete: note that the release served. Raises Moved."""
        state = await self._notes.read()
        if state is None or not state.runs(self._who.release.id) or self._settings.partition:
            return
        one, marks = mark_of(self._view), read_served(state.notes)
        if marks[-1:] != (one,):
            await self._notes.note(SERVED, with_served(marks, one), state)

    async def _due(self) -> bool:
        state = await self._notes.read()
        return state is None or not self._proven(state)

    def _proven(self, state: TrafficState) -> bool:
        return state.runs(self._who.release.id) or mark_of(self._view) in read_served(state.notes)

    async def _announce(self, smoke: SmokeCheck) -> None:
        if await self._due():
            says = Smoke(smoke, self._who.service).says
            self._say(f"{self._who.service}: a preview pod of {self._who.release.id} would have to pass {says}")

    async def _ask(self, smoke: SmokeCheck) -> None:
        await self._end_old()
        limit_seconds = self._settings.progress_deadline_seconds + math.ceil(smoke.timeout_seconds) + MARGIN_SECONDS
        await self._cluster.create_job(preview_job(self._meta(), self._template, limit_seconds))
        pod = await self._until_ready(self._settings.progress_deadline_seconds)
        port = self._settings.port
        assert port is not None  # noqa: S101 - the settings refuse `smoke` without one
        get = partial(self._cluster.get_through_pod, pod, port)
        check = Smoke(smoke, self._who.service, get, f"{self._logs} has what its pod said, for who may read logs")
        self._say(f"{self._who.service}: {check.says}, asked of the preview pod {pod}")
        await check.ask(self._cluster, self._view)
        if found := await self._cluster.job(self._name):
            await self._cluster.delete_job(found)

    async def _end_old(self) -> None:
        """What an earlier run left is deleted, and waited for: its pods carry the same labels."""
        found = await self._cluster.job(self._name)
        limit_seconds = self._settings.termination_grace_seconds + MARGIN_SECONDS
        if found and not await deleted(self._cluster, found, limit_seconds):
            raise self._never("the preview before it cannot be deleted")

    async def _until_ready(self, limit_seconds: float) -> str:
        """The name of the preview pod once it is ready."""
        ready: list[str] = []
        lost: list[str] = []

        async def unmet() -> str | None:
            # Made here with that image, so another one in it is what an admission of the cluster wrote.
            found = await self._cluster.pods(self._selector)
            pods = [replace(pod, image=self._who.release.image) for pod in found]
            reason = why_not_ready(pods, self._who.release.image, 1)
            ready[:] = [pod.name for pod in pods if pod.ready and not pod.terminating]
            if reason is None:
                return None
            seen, job = trouble(pods, []), await self._cluster.job(self._name)
            if job is None:
                lost.append("its Job was deleted")
            elif job.state == "failed":
                lost.append("; ".join([job.reason, *await self._cluster.last_words(self._name)]))
            elif seen and seen.final:
                lost.append(seen.what)
            return None if lost else f"{reason}; {seen.what}" if seen else reason

        reason = await self._watch.until_none(unmet, limit_seconds, f"a preview pod of {self._who.release.id}")
        if lost:
            raise self._never(lost[0])
        if reason:
            raise NotReady(
                f"{self._called} is not ready after {limit_seconds:g} s: {reason}",
                "the pods of the release that are to take the traffic would not be either",
                f"{self._logs} has what it said, for who may read logs; mend the release; then `pulumi up`",
            )
        return ready[0]

    def _never(self, why: str) -> NeverReady:
        return NeverReady(
            f"{self._called} cannot become ready: {why}",
            "the pods of the release that are to take the traffic could not either; waiting does not change it",
            f"{self._logs} has what it said, for who may read logs; mend the release; then `pulumi up`",
        )

    @property
    def _called(self) -> str:
        return f"{self._who.service}: the preview pod of {self._who.release.id}"

    @property
    def _logs(self) -> str:
        return f"`kubectl logs -n {self._who.namespace} job/{self._name}`"

    def _meta(self) -> dict[str, Any]:
        release = self._who.release
        labels = job_labels(
            self._who.service,
            part_of=pulumi.get_project(),
            component=ROLE,
            version=release.version,
            release=release.id,
        )
        return workload.metadata(self._name, self._who.namespace, labels)
