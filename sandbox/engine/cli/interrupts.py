"""Ctrl-C and SIGTERM: the first lets the steps under way finish and be saved, the second ends the run at once."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType


@contextlib.contextmanager
def handled(requested: threading.Event, *, preview: bool) -> Iterator[None]:
    """Set `requested` at the first signal; raise KeyboardInterrupt in the main thread at the second."""

    def on_signal(number: int, _frame: FrameType | None) -> None:
        name, again = ("^C", "press ^C again") if number == signal.SIGINT else ("SIGTERM", "send SIGTERM again")
        if requested.is_set():
            _say(f"{name} received; terminating\n")
            raise KeyboardInterrupt
        _say(f"{name} received; cancelling. If you would like to terminate immediately, {again}.\n")
        if not preview:
            _say("Note that terminating immediately may lead to orphaned resources and other inconsistencies.\n")
        requested.set()

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, on_signal) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(text: str) -> None:
    """Write past Python's buffers: the signal may have arrived in the middle of a print."""
    os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, text.encode())
