"""The size of the color that does not serve: what `scale_down_after` lets it keep for a while after it was left.

When it was left the cluster tells, never the state of the stack or an earlier run: the live Service when its selector
moved, or a ReplicaSet when it was detached. A color keeps what it has and is never scaled up for this, so what never
took the traffic, or is scaled down already, has its standby.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pulumi

from components.cluster.access import ASKS
from components.cluster.cluster import Cluster
from components.hooks.engine import Once
from components.releases.planned import PlannedRelease
from components.releases.view import ReleaseView
from components.rules.errors import ClusterUnreachable, CutoverError
from components.rules.facts import LiveService, WorkloadSize
from components.strategies.blue_green.settings import BlueGreenSettings
from contract.annotations import DETACHED
from contract.both_colors import serving
from contract.labels import REVISION
from contract.words import counted


class ScaleDown:
    """The size of the idle color of one service, found once per run: before a switch of that run."""

    def __init__(
        self,
        name: str,
        settings: BlueGreenSettings,
        cluster: Cluster,
        idle: PlannedRelease | None,
        say: Callable[[str], None],
    ) -> None:
        self._name, self._settings, self._cluster, self._idle, self._say = name, settings, cluster, idle, say
        self._size = Once(self._find)
        kept = settings.keeps_seconds
        self._keeps = timedelta(seconds=kept) if kept and idle and not idle.adopted and not settings.exposed else None

    async def view(self) -> ReleaseView | None:
        """The idle color as it is to be now; None without one. Raises ClusterUnreachable."""
        return replace(self._idle.view, replicas=await self._size()) if self._idle else None

    @property
    def replicas(self) -> pulumi.Input[int] | None:
        """The number of its pods for the engine; None where the config alone says it."""
        return pulumi.Output.from_input(self._for_engine()) if self._keeps else None

    async def _for_engine(self) -> int:
        try:
            return await self._size()
        except CutoverError as error:
            raise pulumi.RunError(str(error)) from None

    async def _find(self) -> int:
        assert self._idle is not None  # noqa: S101 - the caller asked
        idle, standby = self._idle, self._idle.replicas
        if self._keeps is None or not ASKS.get():
            return standby
        try:
            live = await self._cluster.live_service(self._name)
            found = await self._cluster.workload(self._settings.workload_plural, idle.name)
        except ClusterUnreachable:
            if not pulumi.runtime.is_dry_run():
                raise
            return standby
        if live is None or found is None or found.replicas <= standby:
            return standby
        size = found.replicas if self._settings.scaling else min(found.replicas, self._settings.fewest)
        if self._serves(idle, live, found):  # so it is left in this run, or a run that was killed is leaving it
            return size
        left = self._left(live, found)
        if left is None or datetime.now(UTC) >= left + self._keeps:
            return standby
        self._say(
            f"{self._name}: {idle.color} keeps {counted(size, 'pod')} until {left + self._keeps:%Y-%m-%d %H:%M:%S} "
            f"UTC, then it has {standby}: the next `up`, or `cutover tidy`"
        )
        return size

    def _serves(self, idle: PlannedRelease, live: LiveService, found: WorkloadSize) -> bool:
        if self._settings.cutover == "labels":
            return DETACHED not in found.annotations
        return serving(live.selector, live.annotations) == (idle.color, idle.selector.get(REVISION, ""))

    def _left(self, live: LiveService, found: WorkloadSize) -> datetime | None:
        """When it lost the traffic, by the cluster; None where it never had it, or that cannot be read."""
        if self._settings.cutover == "labels":
            try:
                at = datetime.fromisoformat(found.annotations.get(DETACHED, ""))
            except ValueError:
                return None
            return at if at.tzinfo else None
        return live.left_at if live.left_at and found.created < live.left_at else None
