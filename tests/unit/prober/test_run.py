"""The open loop against a small local server: its rate, its kinds of client and its bookkeeping."""

import asyncio
import socket
import time
from collections import Counter
from collections.abc import Callable

import pytest

from prober.kinds import POOL_SIZE, QUICK_KINDS, SLOW_SECONDS, Kind
from prober.result import FailureClass, Result
from prober.run import Plan, Run
from prober.target import Target
from tests.patience import PATIENCE_SECONDS
from tests.unit.prober.clients import ask_in_turn, connect
from tests.unit.prober.fake_podinfo import SPEED, FakePodinfo

MOST_SECONDS = 600.0


def send(
    url: str,
    *names: str,
    rate: float = 100.0,
    seconds: float = 1.0,
    timeout_seconds: float = PATIENCE_SECONDS,
    max_in_flight: int = 1_000,
) -> Result:
    plan = Plan(
        target=Target.parse(url),
        rate_per_second=rate,
        seconds=seconds,
        kinds=names or QUICK_KINDS,
        timeout_seconds=timeout_seconds,
        max_in_flight=max_in_flight,
    )
    return asyncio.run(Run(plan=plan).go())


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not holds():  # noqa: ASYNC110 - the run under test announces nothing
            await asyncio.sleep(0.01)


def test_rate_and_spread_are_kept() -> None:
    with FakePodinfo() as server:
        result = send(server.url, rate=200, seconds=1.5)
    assert (result.requests, result.failed) == (300, 0)
    assert result.seconds >= 1.5
    assert Counter(answer.kind for answer in result.answers) == dict.fromkeys(QUICK_KINDS, 75)
    assert sorted(a.at_seconds for a in result.answers) == pytest.approx([n * 0.005 for n in range(300)], abs=0.001)
    assert result.versions == {"1.0.0": 300}


def test_a_get_names_version_and_pod_and_a_post_the_version() -> None:
    with FakePodinfo(version="1.2.0") as server:
        result = send(server.url, "get-new", "post-new", rate=20, seconds=0.5)
    assert {(a.kind, a.version, a.pod) for a in result.answers} == {
        ("get-new", "1.2.0", "pod-of-1.2.0"),
        ("post-new", "1.2.0", ""),
    }


def test_new_connections_are_new() -> None:
    with FakePodinfo() as server:
        result = send(server.url, "get-new", "post-new")
        assert server.connections == 100
    assert result.connections == {"get-new": 50, "post-new": 50}


@pytest.mark.parametrize("name", ["get-keep-alive", "post-keep-alive"])
def test_keep_alive_reuses_a_few_connections(name: str) -> None:
    with FakePodinfo() as server:
        kind = ask_in_turn(server.url, name, 50)
        assert server.connections == POOL_SIZE
    assert (kind.opened, kind.stale) == (POOL_SIZE, 0)


def test_a_connection_found_closed_before_the_send_is_replaced_and_not_a_failure() -> None:
    with FakePodinfo("hang-up") as server:
        kind = ask_in_turn(server.url, "post-keep-alive", 50)
        assert len(server.nonces) == len(set(server.nonces)) == 50
    assert (kind.opened, kind.stale) == (50, 50 - POOL_SIZE)


def test_kinds_take_turns_by_their_shares() -> None:
    with FakePodinfo() as server:
        result = send(server.url, "get-new", "long-lived", "slow", rate=170, seconds=1)
    assert Counter(answer.kind for answer in result.answers) == {"get-new": 120, "long-lived": 40, "slow": 10}


def test_a_long_lived_client_has_one_connection() -> None:
    with FakePodinfo() as server:
        result = send(server.url, "long-lived")
    assert (result.requests, result.failed, result.connections) == (100, 0, {"long-lived": 1})


@pytest.mark.parametrize("kind", ["slow", "stream", "events"])
def test_a_held_request_is_under_way_for_seconds_and_knows_who_serves_it(kind: str) -> None:
    with FakePodinfo() as server:
        result = send(server.url, kind, rate=20, seconds=0.5)
    assert {(a.version, a.pod) for a in result.answers} == {("1.0.0", "pod-of-1.0.0")}
    assert (result.requests, result.failed) == (10, 0)
    assert min(a.latency_ms for a in result.answers) >= SLOW_SECONDS / SPEED * 1000


def test_events_that_end_early_are_a_failure() -> None:
    with FakePodinfo("cut-off") as server:
        result = send(server.url, "events", rate=10, seconds=0.2)
    assert [f.failure for f in result.failures] == [FailureClass.WRONG_BODY] * 2
    assert "1 events, not all" in result.failures[0].detail


@pytest.mark.parametrize("kind", QUICK_KINDS)
@pytest.mark.parametrize(("mode", "failure"), [("swallow", FailureClass.CLOSED), ("reset", FailureClass.RESET)])
def test_a_request_that_was_sent_is_never_sent_again(mode: str, failure: FailureClass, kind: str) -> None:
    with FakePodinfo(mode) as server:
        result = send(server.url, kind, rate=40, seconds=0.5)
        assert len(server.nonces) == len(set(server.nonces)) == 20
    assert [(f.failure, f.kind) for f in result.failures] == [(failure, kind)] * 20


@pytest.mark.parametrize(("mode", "failure"), [("unread", FailureClass.TURNED_AWAY), ("lost", FailureClass.CLOSED)])
def test_a_request_that_was_never_read_is_told_from_one_that_was(mode: str, failure: FailureClass) -> None:
    with FakePodinfo(mode) as server:
        result = send(server.url, "long-lived", rate=20, seconds=0.1)
        assert len(server.nonces) == (1 if mode == "unread" else 2)
    assert [f.failure for f in result.failures] == [failure]


@pytest.mark.parametrize(
    ("mode", "failure", "detail"),
    [
        ("503", FailureClass.STATUS, "503"),
        ("nonsense", FailureClass.WRONG_BODY, "TypeError"),
        ("mixed-up", FailureClass.WRONG_BODY, "another request"),
        ("stall", FailureClass.TIMEOUT, "no answer within 0.3 s"),
    ],
)
def test_failures_are_counted_by_class(
    mode: str, failure: FailureClass, detail: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if limited := mode == "stall":
        monkeypatch.setattr(Kind, "_open", connect)
    limit_seconds = 0.3 if limited else PATIENCE_SECONDS
    with FakePodinfo(mode) as server:
        result = send(server.url, "post-new", "post-keep-alive", rate=20, seconds=0.5, timeout_seconds=limit_seconds)
    assert (result.requests, result.failed) == (10, 10)
    assert {f.failure for f in result.failures} == {failure}
    assert detail in result.failures[0].detail
    groups = [(group["class"], group["kind"], group["count"]) for group in result.summary()["failures"]]
    assert groups == [(failure, "post-keep-alive", 5), (failure, "post-new", 5)]


def test_nobody_there_is_refused() -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        result = send(f"http://127.0.0.1:{unheard.getsockname()[1]}", rate=20, seconds=0.5)
    assert {f.failure for f in result.failures} == {FailureClass.REFUSED}
    assert result.failed == result.requests == 10


def test_a_stalled_server_does_not_slow_the_schedule() -> None:
    """All requests are due and begun, or counted as an overload, before the first of them ends."""

    async def stalled() -> Result:
        plan = {"rate_per_second": 100.0, "seconds": 1.0, "timeout_seconds": PATIENCE_SECONDS}
        run = Run(plan=Plan(target=Target.parse(server.url), kinds=("get-new",), max_in_flight=60, **plan))
        sending = asyncio.create_task(run.go())
        await until(lambda: run.progress.failed == 40)
        server.end_stall()
        return await sending

    with FakePodinfo("stall") as server:
        result = asyncio.run(stalled())
    assert result.requests == 100
    assert Counter(f.failure for f in result.failures) == {FailureClass.CLOSED: 60, FailureClass.OVERLOAD: 40}


def test_latency_counts_from_the_schedule() -> None:
    async def blocked() -> Result:
        run = Run(plan=Plan(target=Target.parse(server.url), rate_per_second=50, seconds=0.4))
        asyncio.get_running_loop().call_later(0.1, time.sleep, 0.2)
        return await run.go()

    with FakePodinfo() as server:
        result = asyncio.run(blocked())
    assert (result.requests, result.failed) == (20, 0)
    assert result.worst_lateness_ms > 100
    assert (result.latency_ms(1.0) or 0) > 100


def test_marks_cut_windows() -> None:
    async def two_versions() -> Result:
        run = Run(plan=Plan(target=Target.parse(server.url), rate_per_second=50, seconds=MOST_SECONDS))
        sending = asyncio.create_task(run.go())
        await until(lambda: "1.0.0" in run.progress.versions)
        server.version = "2.0.0"
        run.mark("switched", asyncio.get_running_loop().time())
        await until(lambda: bool(run._result.window(run._result.marks["switched"]).answers))
        run.mark("end", asyncio.get_running_loop().time())
        run.stop()
        return await sending

    with FakePodinfo() as server:
        result = asyncio.run(two_versions())
    assert set(result.versions) == {"1.0.0", "2.0.0"}
    assert list(result.between("switched", "end").versions) == ["2.0.0"]
    assert result.seconds < MOST_SECONDS, "it was told to stop"


@pytest.mark.parametrize(
    "wrong",
    [
        {"rate_per_second": 0},
        {"rate_per_second": 100_000},
        {"seconds": 0},
        {"seconds": 1e6},
        {"kinds": ("carrier-pigeon",)},
        {"kinds": ()},
        {"max_in_flight": 0},
        {"timeout_seconds": 0},
    ],
)
def test_unbounded_plans_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"; (use|both must)"):
        Plan(target=Target.parse("http://127.0.0.1:1"), **wrong)  # type: ignore[arg-type]
