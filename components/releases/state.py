"""The traffic state of a service: what takes its traffic now, and the notes on it. For Jobs and the rollback limit."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from components.cluster.cluster import Cluster
from components.cluster.watch import TRIES
from components.rules import facts
from components.rules.errors import Moved
from contract.annotations import COMPLETED, SERVES
from contract.labels import REVISION
from contract.refusal import read_refusal
from contract.releases import runs_release
from contract.served import ids_served, never_served

_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class TrafficState:
    """The revision that takes the traffic and since when (None where it took it from nobody), whether its cutover was
    carried to its end, and the notes; `version` is the object's own.
    """

    revision: str
    since: datetime | None
    complete: bool
    notes: Mapping[str, str]
    version: str = ""

    def runs(self, release: str) -> bool:
        """Whether it is of the release of this id."""
        return runs_release(self.revision, release)

    def left(self, release: str, made: datetime) -> bool:
        """Whether it took the traffic from the release of this id, whose workload was made then."""
        if self.complete and never_served(release, ids_served(self.notes), read_refusal(self.notes)):
            return False
        return self.since is not None and made < self.since


class Notes(Protocol):
    """The place of the notes: annotations of what takes the traffic. They are no difference to the engine."""

    async def read(self) -> TrafficState | None:
        """The state as it is now; None where nothing takes traffic yet."""

    async def note(self, key: str, value: str | None, seen: TrafficState) -> TrafficState:
        """Set one note of what was read as `seen`, None removes it; as it is then. Raises Moved where something else
        takes the traffic by now, or somebody else has written that note.
        """


class LiveService:
    """The notes on the live Service of a blue/green service."""

    def __init__(self, service: str, cluster: Cluster) -> None:
        self._service = service
        self._cluster = cluster

    async def read(self) -> TrafficState | None:
        """See Notes."""
        live = await self._cluster.live_service(self._service)
        if live is None:
            return None
        revision = live.selector.get(REVISION) or await self._attached(live)
        complete = live.annotations.get(COMPLETED) == revision
        return TrafficState(revision, live.left_at, complete, live.annotations, live.version)

    async def _attached(self, live: facts.LiveService) -> str:
        """With `cutover: labels` the pods tell. While several revisions are attached, or none is, the note does."""
        found = {p.labels.get(REVISION, "") for p in await self._cluster.pods(live.selector) if not p.terminating}
        noted = live.annotations.get(SERVES, "").partition("/")[2]
        return noted if noted in found or not found else min(found)

    async def note(self, key: str, value: str | None, seen: TrafficState) -> TrafficState:
        """See Notes."""

        async def write(version: str) -> bool:
            return await self._cluster.annotate_service(self._service, key, value, version=version)

        return await _noted(self, write, key, value, seen, self._cluster.namespace)


class Rollout:
    """The notes on the Deployment of a rolling app, or on a workload of another `kind`."""

    def __init__(self, workload: str, cluster: Cluster, kind: str = "deployments") -> None:
        self._workload = workload
        self._cluster = cluster
        self._kind = kind

    async def read(self) -> TrafficState | None:
        """See Notes."""
        found = await self._cluster.rollout(self._workload, self._kind)
        return TrafficState(found.revision, None, found.complete, found.annotations, found.version) if found else None

    async def note(self, key: str, value: str | None, seen: TrafficState) -> TrafficState:
        """See Notes."""

        async def write(version: str) -> bool:
            return await self._cluster.annotate_workload(self._kind, self._workload, {key: value}, version=version)

        return await _noted(self, write, key, value, seen, self._cluster.namespace)


async def _noted(
    notes: Notes,
    write: Callable[[str], Awaitable[bool]],
    key: str,
    value: str | None,
    seen: TrafficState,
    namespace: str,
) -> TrafficState:
    now: TrafficState | None = seen
    for _ in range(TRIES):
        if now is None or now.revision != seen.revision or now.notes.get(key) != seen.notes.get(key):
            break
        if await write(now.version):
            kept = {one: text for one, text in now.notes.items() if one != key}
            return replace(now, notes=kept if value is None else {**kept, key: value})
        await asyncio.sleep(_POLL_SECONDS)
        now = await notes.read()
    raise Moved(
        f"{key} was to be noted of {seen.revision}, and what takes the traffic was changed by somebody else meanwhile",
        "the note could be of another release than the one that serves, or undo what somebody noted a moment ago",
        f"look who changes it (`kubectl get service,deployment -n {namespace} -o yaml --show-managed-fields`), then "
        "`pulumi up`",
    )
