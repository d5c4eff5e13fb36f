"""The registration of a resource: what the SDK notes of the place in the program that made it.

It sends the whole call stack to the engine, which keeps it with each resource: 1.5 KB of some 8 KB, the frames of the
SDK and of Python's event loop for the most part. The engine writes all of its state at each step.
"""

import contextlib
import sys
from collections.abc import Iterator

FRAMES = 8
"""Five are the SDK's and the base class's; what is left names the place, and who called that."""


@contextlib.contextmanager
def few_frames() -> Iterator[None]:
    """While a resource is made: the call stack ends after a few frames."""
    before = getattr(sys, "tracebacklimit", None)
    sys.tracebacklimit = FRAMES
    try:
        yield
    finally:
        if before is None:
            del sys.tracebacklimit
        else:
            sys.tracebacklimit = before
