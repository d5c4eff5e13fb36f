"""The early warning: while the engine waits for a workload, the reason why it will not come up.

The provider waits until its time limit, whatever the kubelet or an admission says. So a hook before the step begins to
look, and one after it ends that. Plain `pulumi up` waits on; the driver hears it and stops the engine.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable

from components.checks.readiness import Readiness
from components.hooks.engine import Hook, hook
from components.rules.errors import ClusterUnreachable

POLL_SECONDS = 1.0
STALE_SECONDS = 10.0  # until the engine has changed the workload; what was wrong with it before may be mended by that


class EarlyWarning:
    """The watch over pods while the engine brings them up. `tell` gets the reason, once, why they will not be ready.

    `late` gets the reason why they are not ready yet, once no further pod has got ready for the `deadline_seconds`.
    """

    def __init__(
        self,
        ready: Callable[[], Readiness],
        tell: Callable[[str], None],
        late: Callable[[str], None],
        deadline_seconds: float,
    ) -> None:
        self._ready, self._tell, self._late, self._deadline_seconds = ready, tell, late, deadline_seconds
        self._watch: asyncio.Task[None] | None = None

    def around(self, name: str) -> tuple[list[Hook], list[Hook]]:
        """The hooks before and after the step of a workload of that name."""
        return [hook(f"{name}-lookout", self.begin)], [hook(f"{name}-lookout-end", self.end)]

    async def begin(self) -> None:
        """Begin to watch, before the step."""
        await self.end()
        self._watch = asyncio.ensure_future(self._look())

    async def end(self) -> None:
        """End the watch, after the step."""
        if self._watch:
            self._watch.cancel()
            self._watch = None

    async def _look(self) -> None:
        ready, before, begun = self._ready(), None, time.monotonic()
        most, since = 0, begun
        while not ready.lost:
            with contextlib.suppress(ClusterUnreachable):  # the next look asks again; the engine itself is not held up
                now = await ready.generations()
                before = now if before is None else before
                if now != before or time.monotonic() - begun >= STALE_SECONDS:
                    unmet = await ready.unmet()
                    count = sum(pod.ready for pod in ready.pods)
                    if count > most or not (unmet and ready.pods):
                        most, since = count, time.monotonic()
                    elif time.monotonic() - since >= self._deadline_seconds:
                        self._late(unmet)
                        return
            await asyncio.sleep(POLL_SECONDS)
        self._tell(ready.lost)
