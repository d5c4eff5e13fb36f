"""How long a step looks at answers, by a clock of the test: as long as the limit says, whatever the address does."""

import asyncio
from typing import Any

import pytest

from components.cluster import watch as limits
from components.rules.errors import RouteUnseen
from components.traffic import answers as asked
from components.traffic.answers import Answers
from tests.components.test_route_gates import EXISTS, Gate, now, on_blue

ASKED = {**EXISTS, "address": "http://shop.example.com/version", "answer": '"{version}"'}


class Clock:
    """The time, which only requests take."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.requests = 0

    def monotonic(self) -> float:
        return self.seconds


@pytest.mark.parametrize(
    ("answer", "each_seconds", "most_seconds", "most_requests"),
    [
        ("no answer (no whole one within 5 s)", 5.0, 40, 100),
        ("shop-blue", 4.0, 75, 700),
    ],
    ids=["drops packets", "slow"],
)
def test_a_share_that_is_not_seen_is_told_in_time(
    monkeypatch: pytest.MonkeyPatch,
    said: list[str],
    answer: str,
    each_seconds: float,
    most_seconds: int,
    most_requests: int,
) -> None:
    """It took 33 minutes where a gateway dropped packets: 1,600 requests of 5 s, 8 at a time, and all of them twice."""
    cluster, clock = on_blue(monkeypatch), Clock()
    monkeypatch.setattr(limits, "VERIFY_SECONDS", 30.0)
    for module in (limits, asked):
        monkeypatch.setattr(module, "time", clock)

    async def ask(_: Any, *__: Any) -> str:
        clock.requests += 1
        over = clock.seconds + each_seconds
        await asyncio.sleep(0)  # those that are on their way at the same time take the same seconds
        clock.seconds = max(clock.seconds, over)
        return answer

    monkeypatch.setattr(Answers, "_ask", ask)
    with pytest.raises(RouteUnseen, match="30 s after public was to send shop-blue 99, shop-green 1 %, 1600 requests"):
        Gate(cluster, said, 1, ASKED).step()
    assert now(cluster) == [99, 1]
    assert 30 <= clock.seconds <= most_seconds
    assert clock.requests <= most_requests
