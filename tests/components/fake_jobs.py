"""A cluster in memory with Jobs. Each ends as it is told to by its name, the moment it is let go or made to run."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from components.rules.facts import WorkloadSize
from components.rules.job_facts import JobFacts, State
from tests.components.fakes import START, FakeCluster


class JobCluster(FakeCluster):
    """`ends` says how a Job of a name ends; others succeed. `asked` has what was done to them, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs: dict[str, JobFacts] = {}
        self.ends: dict[str, State] = {}
        self._uids = 0

    def register(self, manifest: Mapping[str, Any], state: State = "waiting") -> None:
        """What the engine does, or what an earlier run left."""
        meta = manifest["metadata"]
        self._uids += 1
        self.jobs[meta["name"]] = JobFacts(meta["name"], f"uid-{self._uids}", state, "", meta["annotations"])

    async def workload(self, kind: str, name: str) -> WorkloadSize | None:
        return WorkloadSize(START + timedelta(hours=1), 1, {})  # after every switch: it never served

    async def job(self, name: str) -> JobFacts | None:
        found = self.jobs.get(name)
        if found and found.state == "running":  # it takes one look
            end = self.ends.get(name, "done")
            reason = "BackoffLimitExceeded" if end == "failed" else ""
            self.jobs[name] = replace(found, state=end, reason=reason)
        return found

    async def let_go(self, job: JobFacts) -> None:
        self.asked.append(f"let go {job.name}")
        self.jobs[job.name] = replace(job, state="running")

    async def create_job(self, manifest: Mapping[str, Any]) -> None:
        assert manifest["spec"]["suspend"] is False
        self.asked.append(f"create {manifest['metadata']['name']}")
        self.register(manifest, "running")

    async def delete_job(self, job: JobFacts) -> None:
        self.asked.append(f"delete {job.name}")
        del self.jobs[job.name]

    async def last_words(self, job: str) -> list[str]:
        return [f"exit code 1, 'last words of {job}'"]
