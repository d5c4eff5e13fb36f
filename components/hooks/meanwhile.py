"""Something that is looked at again and again while the engine carries out a step."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from components.hooks.engine import Hook, hook
from components.rules.errors import ClusterUnreachable

POLL_SECONDS = 1.0


class Meanwhile:
    """Calls `look` from the hook before a step until the one after it."""

    def __init__(self, look: Callable[[], Awaitable[None]]) -> None:
        self._look = look
        self._task: asyncio.Task[None] | None = None

    def around(self, name: str) -> tuple[list[Hook], list[Hook]]:
        """The hooks before and after the step of that name."""
        return [hook(f"{name}-meanwhile", self.begin)], [hook(f"{name}-meanwhile-end", self.end)]

    async def begin(self) -> None:
        """Before the step."""
        await self.end()
        self._task = asyncio.ensure_future(self._go_on())

    async def end(self) -> None:
        """After it."""
        if self._task:
            self._task.cancel()
            self._task = None

    async def _go_on(self) -> None:
        while True:
            with contextlib.suppress(ClusterUnreachable):  # the next look asks again; the engine is not held up
                await self._look()
            await asyncio.sleep(POLL_SECONDS)
