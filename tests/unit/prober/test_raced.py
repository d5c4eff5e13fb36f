"""What counts as a race with the end of a kept connection: a loss on one that had answered before, and no other."""

import asyncio

import pytest

from prober import kinds
from prober.connection import Connection, ExchangeError, StaleError
from prober.http2 import Channel, frame, headers
from prober.result import START, Failure, FailureClass, Result
from prober.run import Plan, Run
from prober.target import Target
from tests.patience import PATIENCE_SECONDS
from tests.unit.prober.fake_podinfo import FakePodinfo

POOLED = ("get-keep-alive", "post-keep-alive", "url-keep-alive", "long-lived")
HEADERS, END_STREAM, END_HEADERS = 1, 1, 4
CLOSED, TURNED_AWAY = FailureClass.CLOSED, FailureClass.TURNED_AWAY


def lose_in_turn(url: str, name: str, count: int) -> list[Failure]:
    """The failures of so many requests, each sent once the one before has ended: without a schedule no pause of the
    machine makes the pool open a connection more.
    """
    (kind,) = kinds.build((name,), Target.parse(url), PATIENCE_SECONDS)
    failures = []

    async def ask() -> None:
        for number in range(count):
            try:
                await kind.request(f"r{number}")
            except ExchangeError as error:
                failures.append(Failure(0.0, 1.0, name, error.failure, error.detail, error.kept))
        kind.close()

    asyncio.run(ask())
    return failures


def send(url: str, kind: str, count: int) -> tuple[list[Failure], int]:
    """The failures of so many requests, and how many of them the run's own sums call raced."""
    target = Target.parse(url)
    plan = Plan(target=target, rate_per_second=40, seconds=count / 40, kinds=(kind,), timeout_seconds=PATIENCE_SECONDS)
    run = Run(plan=plan)
    result = asyncio.run(run.go())
    phase = run.progress.phases[START]
    assert result.requests == count
    assert (phase.open, phase.raced + phase.failed) == (0, result.failed)
    return result.failures, phase.raced


@pytest.mark.parametrize("kind", [*POOLED, "get-new", "url-new", "slow"])
def test_the_first_request_of_a_connection_is_lost_and_has_not_raced(kind: str) -> None:
    with FakePodinfo("swallow") as server:
        failures, raced = send(server.url, kind, 10)
    assert {(one.failure, one.kept, one.raced) for one in failures} == {(CLOSED, False, False)}
    assert (len(failures), raced) == (10, 0)


def test_a_first_request_is_lost_also_where_the_pool_holds_a_connection_that_answered() -> None:
    with FakePodinfo("lost") as server:
        failures, raced = send(server.url, "url-keep-alive", 10)
    assert ([one.kept for one in failures], raced) == ([False] * 9, 0)


@pytest.mark.parametrize("kind", POOLED)
@pytest.mark.parametrize(("mode", "failure"), [("lost", CLOSED), ("unread", TURNED_AWAY)])
def test_a_later_request_of_a_kept_connection_has_raced(
    kind: str, mode: str, failure: FailureClass, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinds, "POOL_SIZE", 1)
    with FakePodinfo(mode) as server:
        failures = lose_in_turn(server.url, kind, 2)
    assert [(one.failure, one.kept, one.raced) for one in failures] == [(failure, True, True)]


@pytest.mark.parametrize("mode", ["lost", "unread"])
def test_a_run_sums_what_has_raced_apart(mode: str) -> None:
    with FakePodinfo(mode) as server:
        failures, raced = send(server.url, "long-lived", 2)
    assert ([one.raced for one in failures], raced) == ([True], 1)


def test_a_new_connection_that_is_closed_before_the_send_has_not_raced(monkeypatch: pytest.MonkeyPatch) -> None:
    async def stale(*args: object) -> None:
        raise StaleError("the server had closed the connection")

    monkeypatch.setattr(Connection, "exchange", stale)
    with FakePodinfo() as server:
        failures, raced = send(server.url, "url-keep-alive", 2)
    assert ([(one.failure, one.raced) for one in failures], raced) == ([(CLOSED, False)] * 2, 0)


def test_what_was_asked_on_a_connection_for_long_is_no_race() -> None:
    """A stream that breaks off was begun on a connection that had answered: nobody sends that again."""
    with FakePodinfo("lost") as server:
        failures, raced = send(server.url, "events", 1)
    assert [(one.failure, one.kept, one.raced) for one in failures] == [(CLOSED, True, False)]
    assert raced == 0


@pytest.mark.parametrize("answered", [0, 1])
def test_a_connection_of_grpc_knows_whether_it_had_answered(answered: int) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in range(answered + 1):
            await reader.readuntil(b"application/grpc")
            if number < answered:
                fields = headers({":status": "200", "grpc-status": "0"})
                writer.write(frame(HEADERS, END_STREAM | END_HEADERS, 2 * number + 1, fields))
        writer.close()

    async def main() -> ExchangeError:
        async with asyncio.timeout(PATIENCE_SECONDS), await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            channel = await Channel.open(Target.parse(f"http://127.0.0.1:{port}/"))
            for _ in range(answered):
                await channel.call("/a", b"")
            with pytest.raises(ExchangeError) as caught:
                await channel.call("/a", b"")
            return caught.value

    error = asyncio.run(main())
    assert (error.failure, error.kept) == (CLOSED, bool(answered))
    assert not Failure(0.0, 1.0, "grpc", error.failure, error.detail, error.kept).raced


def test_a_document_without_the_mark_is_still_read() -> None:
    result = Result(target="http://127.0.0.1", rate_per_second=1.0)
    result.failures = [Failure(0.5, 1.0, "url-keep-alive", CLOSED, "", kept) for kept in (True, False)]
    document = result.to_json()
    assert Result.from_json(document).failures == result.failures
    older = document | {"failed_requests": [row[:5] for row in document["failed_requests"]]}
    assert [one.raced for one in Result.from_json(older).failures] == [False, False]
