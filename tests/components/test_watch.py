"""Waiting for what the cluster is to become: how often it is looked at."""

import asyncio

import pytest

from components.cluster import watch as limits
from components.cluster.watch import Watch
from tests.components.fakes import FakeCluster


def test_the_first_looks_come_sooner_and_none_later_than_the_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    async def unmet() -> str | None:
        return "not yet" if len(pauses) < 5 else None

    monkeypatch.setattr(limits, "POLL_SECONDS", 0.1)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    watch = Watch("shop", FakeCluster(), lambda _: None)
    assert asyncio.run(watch.until_none(unmet, 60, "nothing")) is None
    assert pauses == [0.0125, 0.025, 0.05, 0.1, 0.1]
