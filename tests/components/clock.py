"""The time in tests of long waits: it passes only in sleeps, and each test begins at 0."""

import asyncio
import time

import pytest


class Clock:
    """The time, as whoever waits sees it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(asyncio, "sleep", self._sleep)
        monkeypatch.setattr(time, "monotonic", lambda: self.now)

    async def _sleep(self, seconds: float) -> None:
        self.now += seconds
