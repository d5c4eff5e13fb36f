"""While the engine waits for a workload: say why it will not come up, the moment the cluster has said so.

The provider waits until its time limit, whatever the kubelet or an admission says. So a hook before the step begins to
look, and one after it ends that. Plain `pulumi up` waits on; the driver hears it and stops the engine.
"""

import asyncio
from collections.abc import Callable

from components.cluster.cluster import Cluster
from components.gates.readiness import Readiness, hopeless
from components.gates.side import Side
from components.rules.errors import ClusterUnreachable

POLL_SECONDS = 1.0


class Lookout:
    """Looks at one side while the engine brings it up. `warn` takes what is to be said at once."""

    def __init__(self, service: str, cluster: Cluster, side: Side, warn: Callable[[str], None]) -> None:
        self._service, self._cluster, self._side, self._warn = service, cluster, side, warn
        self._watch: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Before the step."""
        await self.end()
        self._watch = asyncio.ensure_future(self._look())

    async def end(self) -> None:
        """After it."""
        if self._watch:
            self._watch.cancel()
            self._watch = None

    async def _look(self) -> None:
        ready = Readiness(self._cluster, self._side, self._side.replicas)
        while not ready.lost:
            await asyncio.sleep(POLL_SECONDS)
            try:
                await ready.unmet()
            except ClusterUnreachable:
                continue
        self._warn(str(hopeless(self._service, self._side, ready.lost)))
