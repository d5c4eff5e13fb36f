"""The Jobs around the releases of a service: what became of each."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contract.annotations import JOBS_DONE
from contract.labels import COLOR, COMPONENT, JOB_OF, RELEASE
from cutover.observe.pods import read_time
from cutover.observe.records import JobState, JobStatus

Json = dict[str, Any]
PHASES = ("before", "after")


@dataclass(frozen=True)
class JobFacts:
    """One Job in the cluster, as far as it tells itself."""

    name: str
    phase: str
    color: str | None
    release: str
    state: JobState
    reason: str
    ended: datetime | None


@dataclass(frozen=True)
class Done:
    """The ids of the releases that had, or did not need, their Jobs: as noted on the live Service."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    def of(self, phase: str) -> tuple[str, ...]:
        """The Jobs of a phase."""
        return self.before if phase == "before" else self.after


def read_done(annotations: Mapping[str, str]) -> Done:
    """The note on the live Service; what is no such note counts as none."""
    try:
        found = json.loads(annotations.get(JOBS_DONE, ""))
        return Done(tuple(map(str, found["before"])), tuple(map(str, found["after"])))
    except (ValueError, KeyError, TypeError):
        return Done()


def read_jobs(items: Iterable[Json]) -> dict[str, list[JobFacts]]:
    """The Jobs around releases by service; smoke jobs and others are left out."""
    found: dict[str, list[JobFacts]] = {}
    for item in items:
        labels = item["metadata"].get("labels") or {}
        if JOB_OF in labels:
            found.setdefault(labels[JOB_OF], []).append(_read_job(item, labels))
    return found


def status_of(
    settings: Mapping[str, Any], jobs: Iterable[JobFacts], done: Done, color: str | None, release: str
) -> tuple[JobStatus, ...]:
    """The states of the Jobs of a color's release that the config asks for."""
    jobs = list(jobs)
    found = []
    for phase in PHASES:
        setting = f"{phase}_cutover"
        if not settings.get(setting):
            continue
        job = next((j for j in jobs if (j.phase, j.color, j.release) == (phase, color, release)), None)
        noted = release in done.of(phase)
        if job is None or (noted and job.state == "waiting"):
            found.append(JobStatus(setting, job.name if job else "", "done" if noted else "waiting"))
        else:
            found.append(JobStatus(setting, job.name, job.state, job.reason, job.ended))
    return tuple(found)


def _read_job(item: Json, labels: Mapping[str, str]) -> JobFacts:
    status = item.get("status") or {}
    true = {c["type"]: c for c in status.get("conditions") or [] if c.get("status") == "True"}
    failed, state = true.get("Failed", {}), "waiting" if item["spec"].get("suspend") else "running"
    state = "done" if "Complete" in true else "failed" if failed else state
    ended = true.get("Complete", failed).get("lastTransitionTime")
    return JobFacts(
        name=item["metadata"]["name"],
        phase=labels.get(COMPONENT, "").removesuffix("-cutover"),
        color=labels.get(COLOR),
        release=labels.get(RELEASE, ""),
        state=state,  # type: ignore[arg-type]
        reason=": ".join(failed[key] for key in ("reason", "message") if failed.get(key)),
        ended=read_time(ended) if ended else None,
    )
