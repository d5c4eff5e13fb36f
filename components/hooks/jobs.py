"""The Jobs around a release: each runs once per release, before its first traffic or after its cutover is complete.

The engine registers a Job held back and removes it with its release; here it is let go, waited for and, where it
failed, made anew by the next run. One that an interrupted run left at work is waited for, never begun beside itself.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from components.cluster.cluster import Cluster
from components.releases.state import Notes, TrafficState
from components.rules.errors import AfterJobFailed, JobFailed
from components.rules.job_facts import JobFacts
from components.rules.ledger import Ledger, Phase, read_ledger
from contract.annotations import DIGEST, JOBS_DONE

POLL_SECONDS = 0.3
SAY_EVERY_SECONDS = 10.0
MARGIN_SECONDS = 20.0  # what the cluster takes to notice the deadline and to report it

Served = Callable[[TrafficState], Awaitable[list[str]]]
"""Which releases of the config have taken the traffic so far; asked where nothing was noted yet."""


@dataclass(frozen=True)
class PlannedJob:
    """One Job of one release. `limit_seconds` is its own deadline and what its pod may take to stop."""

    phase: Phase
    release: str
    name: str
    manifest: dict[str, Any]
    limit_seconds: float

    @property
    def setting(self) -> str:
        """The key of the config."""
        return f"{self.phase}_cutover"


async def deleted(cluster: Cluster, found: JobFacts, limit_seconds: float) -> bool:
    """Delete a Job, and wait until its pods, which may be on their way out, are gone; False where that takes longer."""
    await cluster.delete_job(found)
    end = time.monotonic() + limit_seconds
    while (left := await cluster.job(found.name)) and left.uid == found.uid:
        if time.monotonic() > end:
            return False
        await asyncio.sleep(POLL_SECONDS)
    return True


class Jobs:
    """The Jobs of one service. `say` takes one line of progress at a time."""

    def __init__(self, service: str, notes: Notes, cluster: Cluster, say: Callable[[str], None]) -> None:
        self._service = service
        self._notes = notes
        self._cluster = cluster
        self._say = say

    async def open(self, served: Served) -> tuple[TrafficState | None, Ledger]:
        """The traffic state with its ledger, begun where there was none.

        Where nothing was noted yet the Jobs are new to this service, and a release that served has no need of them any
        more: a rollback to it must not run them.
        """
        state, ledger = await self._look(served)
        if state and read_ledger(state.notes) != ledger:
            state = await self._notes.note(JOBS_DONE, ledger.text(), state)
        return state, ledger

    async def _look(self, served: Served) -> tuple[TrafficState | None, Ledger]:
        state = await self._notes.read()
        ledger = read_ledger(state.notes) if state else Ledger()
        if state is None or ledger.known:
            return state, ledger
        for release in await served(state):
            ledger = ledger.with_done("before", release)
            if state.complete or not state.runs(release):
                ledger = ledger.with_done("after", release)
        return state, replace(ledger, known=True)

    async def due(self, job: PlannedJob, served: Served) -> bool:
        """Whether the Job has still to run. Changes nothing."""
        state, ledger = await self._look(served)
        serves = bool(state and state.runs(job.release)) and job.phase == "before"
        return job.release not in ledger.done(job.phase) and not serves

    async def before(self, job: PlannedJob, served: Served) -> bool:
        """Run the `before_cutover` Job unless it ran; whether it ran now. Raises JobFailed."""
        state, ledger = await self.open(served)
        if job.release in ledger.before or (state and state.runs(job.release)):
            return False
        ran = await self._run(job)
        if state:
            await self._notes.note(JOBS_DONE, ledger.with_done("before", job.release).text(), state)
        return ran

    async def after(self, job: PlannedJob | None, serving: str, served: Served) -> None:
        """Run the `after_cutover` Job unless it ran. Raises AfterJobFailed."""
        state, ledger = await self.open(served)
        if state is None or not state.runs(serving):
            return  # somebody has taken it away, or moved it, meanwhile
        if serving not in ledger.before:  # it served while there was no such Job, or as the first release of all
            ledger = ledger.with_done("before", serving)
            state = await self._notes.note(JOBS_DONE, ledger.text(), state)
        if job is None or serving in ledger.after:
            return
        await self._run(job)
        await self._notes.note(JOBS_DONE, ledger.with_done("after", serving).text(), state)

    async def _run(self, job: PlannedJob) -> bool:
        """Bring the Job to its end. False where it was there already."""
        found = await self._cluster.job(job.name)
        if found and found.state == "done":  # by a run that did not live to note it
            return False
        wanted = job.manifest["metadata"]["annotations"][DIGEST]
        if found and found.state == "waiting" and found.annotations.get(DIGEST) == wanted:
            await self._cluster.let_go(found)
        elif found is None or found.state != "running":
            await self._make_anew(job, found)
        going_on = "goes on" if found and found.state == "running" else "runs"
        self._say(f"{self._service}: {job.setting} Job {job.name} {going_on} (at most {job.limit_seconds:.0f} s)")
        await self._until_done(job)
        return True

    async def _make_anew(self, job: PlannedJob, found: JobFacts | None) -> None:
        if found and not await deleted(self._cluster, found, job.limit_seconds + MARGIN_SECONDS):
            raise self._failed(job, "the failed one before it cannot be deleted")
        spec = {**job.manifest["spec"], "suspend": False}
        await self._cluster.create_job({**job.manifest, "spec": spec})

    async def _until_done(self, job: PlannedJob) -> None:
        start = said = time.monotonic()
        limit_seconds = job.limit_seconds + MARGIN_SECONDS
        while True:
            found = await self._cluster.job(job.name)
            if found is None:
                raise self._failed(job, "it was deleted")
            if found.state == "done":
                return
            now = time.monotonic()
            if found.state == "failed" or now - start > limit_seconds:
                words = await self._cluster.last_words(job.name)
                reason = found.reason or f"it is {found.state} after {limit_seconds:.0f} s"
                raise self._failed(job, "; ".join([reason, *words]))
            if now - said >= SAY_EVERY_SECONDS:
                said = now
                words = await self._cluster.last_words(job.name)
                what = "; ".join([f"{now - start:.0f} of {job.limit_seconds:.0f} s", *words])
                self._say(f"{self._service}: waiting for {job.setting} Job {job.name}, {what}")
            await asyncio.sleep(POLL_SECONDS)

    def _failed(self, job: PlannedJob, reason: str) -> JobFailed | AfterJobFailed:
        what = f"{self._service}: {job.setting} Job {job.name} of release {job.release} failed: {reason}"
        logs = (
            f"`kubectl logs -n {job.manifest['metadata']['namespace']} job/{job.name}` has all it said, for who may "
            "read logs"
        )
        fix = f"{logs}; mend the release or its `{job.setting}` settings; `pulumi up` then makes the Job anew"
        if job.phase == "before":
            return JobFailed(what, "the release would serve without what it needs", fix)
        return AfterJobFailed(what, "what only the old release needed is still there", fix)
