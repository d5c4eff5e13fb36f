"""How long the pods that a front has left may take to be replaced: its limit is the time since the last one went."""

import asyncio

import pytest

from components.cluster.watch import Watch
from components.drain.replacing import Replacing
from components.rules.errors import SwitchUnverified
from tests.components.clock import Clock
from tests.components.fakes import FakeCluster

LIMIT_SECONDS = 10.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def wait(clock: Clock, left: list[tuple[float, int]]) -> list[str]:
    """What is said in a wait for pods of which so many are left from a moment on."""
    said: list[str] = []

    async def look() -> list[str]:
        count = [count for moment, count in left if moment <= clock.now][-1]
        return [f"pod-{number}" for number in range(count)]

    asyncio.run(Replacing(Watch("api", FakeCluster(), said.append))._until_none(look, LIMIT_SECONDS, "api-v1"))
    return said


def test_as_long_as_one_goes_in_time_there_may_be_many(clock: Clock) -> None:
    said = wait(clock, [(9.0 * number, 5 - number) for number in range(6)])
    assert 45 <= clock.now < 47
    assert said[0].startswith("api: waiting for api-v1 to be replaced, 5 of 10 s: pod-0, pod-1")


def test_none_that_goes_for_the_time_is_said(clock: Clock) -> None:
    with pytest.raises(SwitchUnverified, match="of api-v1, which it left, pod-0 was not replaced for 10 s"):
        wait(clock, [(0.0, 3), (8.0, 1), (60.0, 0)])
    assert 18 <= clock.now < 20


def test_one_that_comes_and_goes_gives_no_more_time(clock: Clock) -> None:
    with pytest.raises(SwitchUnverified):
        wait(clock, [(float(second), 1 + second % 2) for second in range(100)])
    assert clock.now < 12


def test_where_none_is_left_nobody_waits(clock: Clock) -> None:
    assert wait(clock, [(0.0, 0)]) == []
    assert clock.now == 0
