"""Waits for what comes about by itself, on a machine of any speed."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

POLL_SECONDS = 0.1
PATIENCE_SECONDS = 90.0  # of waits that end with an error; never a measure of how fast something has to be


def eventually(what: str, look: Callable[[], T | None], poll_seconds: float = POLL_SECONDS) -> T:
    """What `look` finds, as soon as it finds something; fails with `what` where it never does."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        if found := look():
            return found
        assert time.monotonic() < end, f"waited {PATIENCE_SECONDS:.0f} s in vain for {what}"
        time.sleep(poll_seconds)
