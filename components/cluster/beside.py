"""The event loop of the gates, in a thread of its own: the program's own threads may all be taken.

Every registration holds one thread of the SDK's pool (as many as four times the engine's `--parallel`) until the engine
is done with that step. A step that waits for a gate holds its thread as long as the gate takes. A gate needs threads
too, to look up a host name or to run a command: in the same pool the two would wait for each other for ever.
"""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
_starting = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


async def beside(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` on the loop beside the program's, whose threads nobody else takes. Raises what it raises."""
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, _own_loop()))


def _own_loop() -> asyncio.AbstractEventLoop:
    global _loop
    with _starting:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="beside-the-program", daemon=True).start()
        return _loop
