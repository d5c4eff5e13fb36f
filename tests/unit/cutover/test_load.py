"""`--load`: what it accounts for, how a bake judges it, and how a verb under it ends."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from cutover.errors import DriverError, GateRefused, UsageError
from cutover.measure import BakePlan, bake
from cutover.measure import load as measured
from cutover.measure.account import BAKE, UP
from cutover.measure.load import Load, LoadMeasurement
from cutover.operations.bake import load as run_load
from cutover.operations.bake.bake import _settled
from cutover.operations.bake.load import LoadFailed, UnderLoad, under_load
from cutover.operations.command.run import Run
from cutover.options import Options
from cutover.output.report import Report
from cutover.output.result import Result
from prober import Phase
from tests.patience import PATIENCE_SECONDS, eventually
from tests.unit.cutover.servers import Reply, serve

OLD, NEW = "1.0.0", "1.1.0"


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


def a_job() -> Run:
    return Run("promote", Path(__file__).parents[3] / "Pulumi.dev.yaml", Options(), Report())


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
