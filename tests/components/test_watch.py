"""Waiting for what the cluster is to become: how often it is looked at."""

import asyncio
import time

import pytest

from components.cluster import watch as limits
from components.cluster.watch import Watch
from tests.components.fakes import FakeCluster


def test_the_first_looks_come_sooner_and_those_of_a_long_wait_later(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    async def unmet() -> str | None:
        return "not yet" if sum(pauses) < 60 else None

    monkeypatch.setattr(limits, "POLL_SECONDS", 0.1)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    monkeypatch.setattr(time, "monotonic", lambda: sum(pauses))
    watch = Watch("shop", FakeCluster(), lambda _: None)
    assert asyncio.run(watch.until_none(unmet, 600, "nothing")) is None
    assert pauses[:5] == [0.0125, 0.025, 0.05, 0.1, 0.1]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 1
    assert len(pauses) < 150, "600 at one pace"
