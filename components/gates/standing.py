"""What takes a service's traffic now, as the Jobs around a release and the limit to rollbacks see it, and its notes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from components.cluster.cluster import Cluster
from components.rules import facts
from contract.annotations import COMPLETED, SERVES
from contract.labels import REVISION
from contract.releases import runs_release


@dataclass(frozen=True)
class Standing:
    """The revision that takes the traffic and since when, whether its cutover was carried to its end, and the notes."""

    revision: str
    since: datetime | None
    complete: bool
    notes: Mapping[str, str]

    def runs(self, release: str) -> bool:
        """Whether it is of the release of this id."""
        return runs_release(self.revision, release)


class Keeper(Protocol):
    """Where the notes are: annotations of the object that takes the traffic. They are no difference to the engine."""

    async def read(self) -> Standing | None:
        """As it is now; None where there is none yet."""

    async def note(self, key: str, value: str | None) -> None:
        """Set one note; None removes it."""


class LiveService:
    """The notes on the live Service of a blue/green service."""

    def __init__(self, service: str, cluster: Cluster) -> None:
        self._service = service
        self._cluster = cluster

    async def read(self) -> Standing | None:
        """See Keeper."""
        live = await self._cluster.live_service(self._service)
        if live is None:
            return None
        revision = live.selector.get(REVISION) or await self._attached(live)
        return Standing(revision, live.switched_at, live.annotations.get(COMPLETED) == revision, live.annotations)

    async def _attached(self, live: facts.LiveService) -> str:
        """With `cutover: labels` the pods tell. While several revisions are attached, or none is, the note does."""
        found = {p.labels.get(REVISION, "") for p in await self._cluster.pods(live.selector) if not p.terminating}
        noted = live.annotations.get(SERVES, "").partition("/")[2]
        return noted if noted in found or not found else min(found)

    async def note(self, key: str, value: str | None) -> None:
        """See Keeper."""
        await self._cluster.annotate_service(self._service, key, value)


class Rollout:
    """The notes on the Deployment of a rolling app."""

    def __init__(self, deployment: str, cluster: Cluster) -> None:
        self._deployment = deployment
        self._cluster = cluster

    async def read(self) -> Standing | None:
        """See Keeper."""
        found = await self._cluster.rollout(self._deployment)
        return Standing(found.revision, None, found.complete, found.annotations) if found else None

    async def note(self, key: str, value: str | None) -> None:
        """See Keeper."""
        await self._cluster.annotate_workload("deployments", self._deployment, {key: value})
