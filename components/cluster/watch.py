"""A service under watch: its name, its cluster, and a function that gets lines of progress."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from components.cluster.cluster import Cluster

POLL_SECONDS = 0.1
POLL_SHARE = 0.05
MAX_POLL_SECONDS = 1.0
"""The longer a wait has lasted, the longer the pause between two looks: this share of it, up to that."""
SAY_EVERY_SECONDS = 5.0
VERIFY_SECONDS = 30.0
"""Time for what the cluster's own controllers have to follow: endpoints, labels, the end of pods."""
TRIES = 20
"""Of a write that somebody else's change gets in the way of."""

Unmet = Callable[[], Awaitable[str | None]]
"""Why something is not so yet; None where it is."""


@dataclass(frozen=True)
class Watch:
    """`service` is the name of its live Service; `say` takes one line of progress at a time."""

    service: str
    cluster: Cluster
    say: Callable[[str], None]

    @property
    def namespace(self) -> str:
        """What `-n` of a printed kubectl takes."""
        return self.cluster.namespace

    async def until_none(self, unmet: Unmet, limit_seconds: float, what: str) -> str | None:
        """Poll until `unmet` has no reason any more, or the time is over: then the reason of a look that began after
        that, as the process may have been kept from looking. The first looks follow each other sooner: what the
        cluster's controllers do after a write they do within some 20 ms. A long wait looks less often, as many services
        may wait at the same API server.
        """
        start = said = time.monotonic()
        pause_seconds = POLL_SECONDS / 8
        over = False
        while reason := await unmet():
            if over:
                return reason
            now = time.monotonic()
            waited_seconds = now - start
            if over := waited_seconds >= limit_seconds:
                continue
            if now - said >= SAY_EVERY_SECONDS:
                said = now
                self.say(f"{self.service}: waiting for {what}, {waited_seconds:.0f} of {limit_seconds:g} s: {reason}")
            await asyncio.sleep(pause_seconds)
            longest_seconds = min(max(POLL_SECONDS, POLL_SHARE * waited_seconds), MAX_POLL_SECONDS)
            pause_seconds = min(2 * pause_seconds, longest_seconds)
        return None
