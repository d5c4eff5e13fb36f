"""One limit for a request, its connection included: what opening took is not there for the answer."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from prober import kinds
from prober.connection import Connection, ExchangeError
from prober.http2 import Channel
from prober.result import FailureClass
from prober.target import Target
from tests.unit.prober.fake_podinfo import FakePodinfo

LIMIT_SECONDS = 10.0  # far more than a machine's pause: no test waits for it


class Clock:
    """The clock of a loop, which stands still unless it is put on."""

    def __init__(self) -> None:
        self.ahead_seconds = 0.0

    def time(self) -> float:
        return time.monotonic() + self.ahead_seconds

    def late(self, opening: Callable[[Target], Awaitable[Any]], seconds: float) -> Callable[[Target], Awaitable[Any]]:
        """An `open` that seems to take so long."""

        async def late(target: Target) -> Any:
            connection = await opening(target)
            self.ahead_seconds += seconds
            return connection

        return late


def ask(url: str, name: str, clock: Clock) -> tuple[FailureClass | None, float]:
    """What one request failed with, and how long it took by the clock."""
    (kind,) = kinds.build((name,), Target.parse(url), LIMIT_SECONDS)

    async def go() -> tuple[FailureClass | None, float]:
        asyncio.get_running_loop().time = clock.time  # type: ignore[method-assign]
        begun = clock.time()
        try:
            await kind.request("r0")
        except ExchangeError as error:
            return error.failure, clock.time() - begun
        finally:
            kind.close()
        return None, clock.time() - begun

    return asyncio.run(go())


@pytest.mark.parametrize("name", ["url-new", "url-keep-alive", "long-lived"])
def test_the_answer_has_what_opening_left_of_the_limit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(Connection, "open", clock.late(Connection.open, LIMIT_SECONDS))
    with FakePodinfo("stall") as server:
        failure, seconds = ask(server.url, name, clock)
    assert failure is FailureClass.TIMEOUT
    assert LIMIT_SECONDS <= seconds < 2 * LIMIT_SECONDS


def test_a_call_of_grpc_has_what_opening_left_of_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(Channel, "open", clock.late(Channel.open, LIMIT_SECONDS))
    with FakePodinfo("stall") as server:
        failure, seconds = ask(server.url, "grpc", clock)
    assert failure is FailureClass.TIMEOUT
    assert LIMIT_SECONDS <= seconds < 2 * LIMIT_SECONDS


def test_what_is_held_has_a_limit_of_its_own_once_it_is_known_who_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening and the first answer may take all of the first limit: the second question is still asked."""
    clock = Clock()
    exchange, paths = Connection.exchange, list[str]()

    async def late(connection: Connection, method: str, path: str, *rest: Any) -> Any:
        paths.append(path)
        response = await exchange(connection, method, path, *rest)
        clock.ahead_seconds += LIMIT_SECONDS + kinds.SLOW_SECONDS
        return response

    monkeypatch.setattr(Connection, "exchange", late)
    with FakePodinfo() as server:
        failure, _ = ask(server.url, "events", clock)
    assert (failure, len(paths)) == (None, 2)


def test_a_request_has_one_end_and_what_is_held_another(monkeypatch: pytest.MonkeyPatch) -> None:
    ends: list[float | None] = []
    timeout_at = asyncio.timeout_at

    def noted(when: float | None) -> asyncio.Timeout:
        ends.append(when)
        return timeout_at(when)

    monkeypatch.setattr(asyncio, "timeout_at", noted)
    with FakePodinfo() as server:
        for name, limits in (("url-new", 1), ("url-keep-alive", 1), ("events", 2)):
            ends.clear()
            assert ask(server.url, name, Clock())[0] is None
            assert (len(ends), len(set(ends))) == (limits + 1, limits)
