"""`--load`: what it accounts for, how a bake judges it, and how a verb under it ends."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.errors import DriverError, GateRefused, UsageError
from cutover.measure import BakePlan, bake
from cutover.measure import load as measured
from cutover.measure.account import BAKE, MOST_BINS, UP, Account, account_of, at_share, to_share
from cutover.measure.load import Load, LoadMeasurement
from cutover.operations.bake import load as run_load
from cutover.operations.bake.bake import _settled
from cutover.operations.bake.load import LoadFailed, UnderLoad, under_load
from cutover.operations.command.job import Job
from cutover.options import Options
from cutover.output.report import Report
from cutover.output.result import Result
from prober import Answer, Failure, FailureClass, Phase
from prober import Result as Sent
from tests.patience import PATIENCE_SECONDS, eventually
from tests.unit.cutover.servers import Reply, serve

OLD, NEW = "1.0.0", "1.1.0"


def sent() -> Sent:
    """Four seconds at 10/s: the new version from second 2 on, two lost at second 3, one turned away."""
    result = Sent(target="http://shop/", rate_per_second=10.0, seconds=4.0, started_at="2026-11-21T16:00:00+00:00")
    for number in range(37):
        at = number / 10
        result.answers.append(Answer(at, 5.0 + number, "url-new", OLD if at < 2 else NEW, ""))
    result.failures = [
        Failure(3.7, 20.0, "url-new", FailureClass.STATUS, "503"),
        Failure(3.8, 5000.0, "url-keep-alive", FailureClass.TIMEOUT, "no answer within 5 s"),
        Failure(3.9, 1.0, "url-keep-alive", FailureClass.TURNED_AWAY, "closed"),
    ]
    result.marks = {UP: 1.0, BAKE: 3.0}
    return result


def test_an_account_says_what_failed_when_and_which_version_answered() -> None:
    account = account_of(sent())
    document = json.loads(json.dumps(account.to_json()))
    assert (document["requests"], document["failed"], document["raced"]) == (40, 2, 1)
    assert document["versions"] == {OLD: 20, NEW: 17}
    assert document["latencyMs"] == {"p50": 23.0, "p99": 41.0}
    assert document["worst"] == {
        "at": "2026-11-21T16:00:03.000+00:00", "seconds": 3.0, "failed": 2, "latencyMs": 5000.0
    }  # fmt: skip
    assert [(p["phase"], p["requests"], p["failed"]) for p in document["phases"]] == [
        ("before", 10, 0),
        (UP, 20, 0),
        (BAKE, 10, 2),
    ]
    assert {"class": "status", "count": 1, "example": "503"} in document["failures"]
    assert [p["beginSeconds"] for p in document["phases"]] == [0.0, 1.0, 3.0]
    assert document["answered"][NEW] == {
        "first": "2026-11-21T16:00:02.000+00:00", "last": "2026-11-21T16:00:03.600+00:00"
    }  # fmt: skip
    assert document["series"] == {
        "binSeconds": 1,
        "versions": {OLD: [10, 10, 0, 0, 0], NEW: [0, 0, 10, 7, 0]},
        "failed": [0, 0, 0, 2, 0],
    }
    text = "\n".join(account.lines())
    assert "load http://shop/: 2 of 40 requests failed (status 1, timeout 1), 10/s for 4 s" in text
    assert "answers: 1.0.0 20, 1.1.0 17" in text
    assert "timeout: 1, such as: no answer within 5 s" in text
    assert "failed before: 0 of 10, up: 0 of 20, bake: 2 of 10" in text
    assert "p50 23.0, p99 41.0 ms; worst moment: 2 failed in the second of 16:00:03Z" in text


def test_an_account_of_a_walk_says_what_each_share_was_in_answers() -> None:
    result = sent()
    result.failures = []
    result.marks = {to_share(50): 1.0, at_share(50): 1.5, to_share(100): 3.0, BAKE: 3.2}
    lines = account_of(result).lines()
    assert lines[2:-1] == ["  at 50 %: 15 requests, 1.0.0 33.3%, 1.1.0 66.7%"]
    assert [stretch["phase"] for stretch in account_of(result).to_json()["phases"]] == [
        "before",
        "to 50 %",
        "at 50 %",
        "to 100 %",
        "bake",
    ]


def test_an_account_without_failures_is_short() -> None:
    result = sent()
    result.failures = result.failures[2:]
    account = account_of(result)
    assert (account.failed, account.raced) == (0, 1)
    assert account.lines() == [
        "load http://shop/: 0 of 38 requests failed, 10/s for 4 s",
        "  answers: 1.0.0 20, 1.1.0 17",
        "  raced with the end of their kept connection: 1; not counted as failed",
        "  latency: p50 23.0, p99 41.0 ms; worst moment: 41 ms at 16:00:03Z",
    ]


def test_an_account_of_nothing_is_no_error() -> None:
    empty = Sent(target="http://shop/", rate_per_second=10.0, started_at="2026-11-21T16:00:00+00:00")
    assert account_of(empty).lines() == ["load http://shop/: 0 of 0 requests failed, 10/s for 0 s", "  answers: none"]


class Played:
    """A load as a script has it: the sums of the bake, look by look."""

    name = "load http://shop/"
    last_failure = "status: 503"
    median_ms = 4.0

    def __init__(self, *phases: Phase, running: bool = True) -> None:
        self.running = running
        self._phases = list(phases)

    def so_far(self, phase: str) -> Phase:
        assert phase == BAKE
        return self._phases.pop(0) if len(self._phases) > 1 else self._phases[0]

    def settle(self, phase: str) -> Phase:
        return self.so_far(phase)


def test_each_look_is_at_the_requests_since_the_one_before() -> None:
    load = Played(Phase(10, 9), Phase(20, 15, 3), Phase(30, 15, 3), Phase(40, 25, 3, 2))
    measurement = LoadMeasurement(cast("Load", load))
    first, second, third, fourth = (measurement.take() for _ in range(4))
    assert (first.outcome, first.value) == ("passed", 4.0)
    assert (second.outcome, second.failures) == ("failed", 3)
    assert second.said == "3 of 9 requests failed, the last one status: 503"
    assert (third.outcome, third.value) == ("passed", None)  # nothing came to its end
    assert fourth.said == "10 requests answered"
    assert LoadMeasurement(cast("Load", Played(Phase(), running=False))).take().outcome == "unknown"


@pytest.mark.parametrize(("limit", "passed"), [(2, False), (3, True)])
def test_a_bake_counts_failed_requests_and_not_looks(limit: int, passed: bool) -> None:
    measurement = LoadMeasurement(cast("Load", Played(Phase(10, 10), Phase(20, 17, 3))))
    seconds = 0.3 if passed else PATIENCE_SECONDS
    plan = BakePlan(seconds=seconds, measurements=(measurement,), interval_seconds=0.05, failure_limit=limit)
    verdict = bake(plan, lambda sample: None)
    assert verdict.passed is passed
    if not passed:
        assert "load http://shop/ failed 3 times (limit 2) after" in verdict.reason


def test_a_bake_waits_for_its_last_requests_before_it_passes() -> None:
    verdict = bake(BakePlan(seconds=0.05, measurements=()), lambda sample: None)
    assert _settled(verdict, cast("Load", Played(Phase(10, 10))), 0).passed
    stalled = _settled(verdict, cast("Load", Played(Phase(10, 4, 6))), 5)
    assert not stalled.passed
    assert stalled.reason == "load http://shop/: 6 of 10 requests failed, the last one status: 503"


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little traffic before and after; a request may take as long as a busy machine needs."""
    monkeypatch.setattr(run_load, "LEAD_SECONDS", 0.3)
    monkeypatch.setattr(run_load, "TAIL_SECONDS", 0.3)
    monkeypatch.setattr(run_load, "TIMEOUT_SECONDS", PATIENCE_SECONDS)
    monkeypatch.setattr(measured, "TIMEOUT_SECONDS", PATIENCE_SECONDS)


def a_job() -> Job:
    return Job("promote", Path(__file__).parents[3] / "Pulumi.dev.yaml", Options(), Report())


def made(url: str, failure_limit: int = 0) -> UnderLoad:
    return under_load(url, 25.0, failure_limit, 0.0)


def done(act: Callable[[], object] = lambda: None) -> Callable[[], Result]:
    def work() -> Result:
        time.sleep(0.3)
        act()
        return Result("up", "dev", 0, True, ("dev is up",))

    return work


@pytest.mark.usefixtures("_quick")
def test_good_work_under_load_has_its_account() -> None:
    job = a_job()
    with serve(Reply(body='{"version": "1.0.0"}')) as server:
        result = made(f"{server.url}/cart?secret=1").run(job, done())
        assert {request.path for request in server.requests} == {"/cart?secret=1"}
    account: dict[str, Any] = job.details.to_json()["load"]
    assert (account["failed"], list(account["versions"])) == (0, ["1.0.0"])
    assert [phase["phase"] for phase in account["phases"]] == ["before", UP]
    assert result.lines[0] == "dev is up"
    assert result.lines[1].startswith(f"load {server.url}/cart: 0 of {account['requests']} requests failed")
    assert "secret" not in json.dumps(job.details.to_json()) + "".join(result.lines)


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize("limit", [0, 10_000])
def test_requests_that_fail_meanwhile_fail_the_run_beyond_the_limit(limit: int) -> None:
    job = a_job()
    with serve() as server:

        def turn_bad() -> None:
            server.replies[:] = [Reply(500)]
            before = len(server.requests)
            eventually("requests that fail", lambda: len(server.requests) > before + 2)

        if limit:
            assert made(server.url, limit).run(job, done(turn_bad)).lines[0] == "dev is up"
        else:
            with pytest.raises(
                LoadFailed, match=r"requests failed \(status \d+\) under load; what is live stays\ndev is"
            ):
                made(server.url).run(job, done(turn_bad))
    assert job.details.to_json()["load"]["failed"] > 0


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize("reply", [Reply(503), Reply(seconds=PATIENCE_SECONDS)])
def test_nothing_is_begun_where_the_url_does_not_answer_well(reply: Reply, monkeypatch: pytest.MonkeyPatch) -> None:
    if reply.seconds:
        monkeypatch.setattr(measured, "TIMEOUT_SECONDS", 1.0)
    begun: list[str] = []
    with serve(reply) as server, pytest.raises(GateRefused, match="requests failed before anything was changed"):
        made(server.url).run(a_job(), done(lambda: begun.append("work")))
    assert begun == []


@pytest.mark.usefixtures("_quick")
def test_work_that_fails_has_its_account_too() -> None:
    job = a_job()

    def fail() -> None:
        raise GateRefused("the gate said no")

    with serve() as server, pytest.raises(GateRefused, match=r"the gate said no\nload http.* 0 of"):
        made(server.url).run(job, done(fail))
    assert job.details.to_json()["load"]["failed"] == 0


@pytest.mark.usefixtures("_quick")
def test_a_load_whose_process_dies_fails_the_run() -> None:
    with serve() as server:
        traffic = made(server.url)

        def kill() -> None:
            process = traffic.load._prober._process
            assert process is not None
            process.kill()

        with pytest.raises(DriverError, match="gave no account: the prober's process gave no result"):
            traffic.run(a_job(), done(kill))


@pytest.mark.usefixtures("_quick")
def test_a_stall_is_seen_when_the_bake_settles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured, "TIMEOUT_SECONDS", 2.0)
    with serve() as server, Load(server.url, 50.0) as load:
        monkeypatch.setattr(measured, "TIMEOUT_SECONDS", PATIENCE_SECONDS)  # of the wait; the requests have theirs
        eventually("answers", lambda: load.so_far().answered)
        server.replies[:] = [Reply(seconds=PATIENCE_SECONDS)]
        load.begin(BAKE)
        eventually("requests of the bake", lambda: load.so_far(BAKE).open)
        seen = load.settle(BAKE)
        assert seen.open == 0
        assert seen.failed > 0
        assert load.stop().classes.keys() <= {"timeout", "connect-timeout"}


@pytest.mark.parametrize(
    ("url", "rate", "bake_seconds", "says"),
    [
        (None, 5.0, 0.0, "--load-rate needs a URL"),
        ("http://127.0.0.1/", 0.5, 0.0, "--load-rate is 0.5 requests/s"),
        ("http://127.0.0.1/", 5000.0, 0.0, "--load-rate is 5000 requests/s"),
        ("http://127.0.0.1/", None, 3600.0, "too long for --load, which sends for 3600 s"),
        ("ftp://127.0.0.1/", None, 0.0, "--load: 'ftp://127.0.0.1/' is not of the form"),
        ("http://no-such-host.invalid/", None, 0.0, "does not resolve"),
        ("http://ann:secret@127.0.0.1/", None, 0.0, "has a user in it"),
    ],
)
def test_a_load_that_cannot_be_is_bad_usage(
    url: str | None, rate: float | None, bake_seconds: float, says: str
) -> None:
    with pytest.raises(UsageError) as refused:
        under_load(url, rate, 0, bake_seconds)
    assert says in str(refused.value)
    assert "secret" not in str(refused.value)


def test_naming_a_host_allows_it() -> None:
    assert under_load("https://192.0.2.7/shop", None, 0, 300.0).load.shown == "https://192.0.2.7/shop"


@given(
    st.lists(st.tuples(st.floats(0, 3600), st.sampled_from(["", OLD, NEW])), max_size=60),
    st.lists(st.floats(0, 3600), max_size=20),
)
def test_a_series_holds_each_request_once_and_fits_a_picture(
    answers: list[tuple[float, str]], failures: list[float]
) -> None:
    result = Sent(target="http://shop/", rate_per_second=1.0, started_at="2026-11-21T16:00:00+00:00")
    result.answers = [Answer(at, 1.0, "url-new", version, "") for at, version in answers]
    result.failures = [Failure(at, 1.0, "url-new", FailureClass.STATUS, "503") for at in failures]
    result.seconds = max([0.0, *failures, *(at for at, _ in answers)])
    account = account_of(result)
    series = account.series
    assert {version: sum(counts) for version, counts in series.versions.items()} == account.versions
    assert sum(series.failed) == account.failed
    assert {len(counts) for counts in (*series.versions.values(), series.failed)} == {len(series.failed)}
    assert (len(series.failed) - 1) * series.bin_seconds <= result.seconds
    assert len(series.failed) <= MOST_BINS + 1
    for version, (first, last) in account.spans.items():
        times = [at for at, named in answers if named == version]
        assert (first, last) == (min(times), max(times))


def test_the_slowest_answer_is_the_worst_moment_where_none_failed() -> None:
    result = sent()
    result.failures = []
    account: Account = account_of(result)
    assert account.worst is not None
    assert account.worst.at == datetime(2026, 11, 21, 16, 0, 3, 600_000, tzinfo=UTC)
