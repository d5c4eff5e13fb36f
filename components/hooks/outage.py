"""The measured outage of an update that stops all pods before it starts new ones.

The engine does not wait for the new pods of such a workload. So a hook before the step begins to look at the pods, and
the end of the rollout tells for how long none of them was ready.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping

from components.cluster.cluster import Cluster
from components.hooks.engine import Hook, hook
from components.rules.errors import ClusterUnreachable

POLL_SECONDS = 0.2


class Outage:
    """Looks at the pods that `selector` finds. `tell` hears the length of the outage in seconds, if there was one."""

    def __init__(self, cluster: Cluster, selector: Mapping[str, str], tell: Callable[[float], None]) -> None:
        self._cluster, self._selector, self._tell = cluster, dict(selector), tell
        self._watch: asyncio.Task[None] | None = None
        self._seen: float | None = None
        self._longest = 0.0

    def before(self, name: str) -> list[Hook]:
        """The hook before an update of the workload of that name."""
        return [hook(f"{name}-outage", self.begin)]

    async def begin(self) -> None:
        """Begin to watch, before the step."""
        self._seen, self._longest = None, 0.0
        self._watch = asyncio.ensure_future(self._look())

    async def end(self) -> None:
        """End the watch once the rollout is complete, and tell the outage."""
        if self._watch is None:  # nothing was changed
            return
        self._watch.cancel()
        self._watch = None
        with contextlib.suppress(ClusterUnreachable):
            await self.look()
        if self._longest > 2 * POLL_SECONDS:  # else it is between two looks
            self._tell(self._longest)

    async def look(self) -> None:
        """Whether a pod is ready now, and if so, how long none was before."""
        pods = await self._cluster.pods(self._selector)
        if any(pod.ready and not pod.terminating for pod in pods):
            now = time.monotonic()
            if self._seen is not None:
                self._longest = max(self._longest, now - self._seen)
            self._seen = now

    async def _look(self) -> None:
        while True:
            with contextlib.suppress(ClusterUnreachable):  # the engine itself is not held up
                await self.look()
            await asyncio.sleep(POLL_SECONDS)
