"""Whether it is worth waiting for one side any longer: the cluster may have said already that it will not come up."""

import time
from collections.abc import Collection

from components.cluster.cluster import Cluster
from components.gates.side import Side
from components.rules import hope
from components.rules.errors import NotReady
from components.rules.facts import Pod, Workload
from components.rules.hope import Trouble

LOOK_SECONDS = 1.0  # between two looks at the workloads: they say less often something new than pods do


class Hope:
    """What keeps one side from being ready, while a gate waits for it."""

    def __init__(self, cluster: Cluster, side: Side) -> None:
        self._cluster, self._side = cluster, side
        self._workloads: list[Workload] = []
        self._looked: float | None = None
        self._since: float | None = None

    async def look(self, pods: Collection[Pod]) -> Trouble | None:
        """The trouble now; it is final too once it has lasted for the grace, whatever its words were meanwhile."""
        now = time.monotonic()
        if not self._side.adopted and (self._looked is None or now - self._looked >= LOOK_SECONDS):
            self._workloads, self._looked = await self._cluster.workloads(self._side.selector), now
        found = hope.trouble(pods, self._workloads)
        if found is None:
            self._since = None
            return None
        self._since = now if self._since is None else self._since
        if not found.final and now - self._since >= hope.GRACE_SECONDS:
            return Trouble(f"{found.what} (for {hope.GRACE_SECONDS:g} s)", final=True)
        return found


def hopeless(service: str, side: Side, what: str) -> NotReady:
    """The refusal of a side that waiting does not make ready."""
    return NotReady(
        f"{service}: {side.color} {side.revision} cannot become ready: {what}",
        "requests would meet nobody; waiting does not change what the cluster has said",
        f"mend what it names (image, quota, policy), or the release of {side.color}; then `pulumi up`",
    )
