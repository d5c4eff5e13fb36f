"""How samples are judged, and how a bake ends."""

import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.measure import BakePlan, Reading, Sample, Verdict, bake
from cutover.measure.judge import Judge
from cutover.measure.records import Outcome
from tests.patience import PATIENCE_SECONDS

GOOD, BAD, NONE = (
    Reading("passed", 2.0, "fine"),
    Reading("failed", 9.0, "HTTP 500"),
    Reading("unknown", None, "no data"),
)
OUTCOMES = st.lists(st.sampled_from(get_args(Outcome)), max_size=30)


class Scripted:
    """Gives its readings one after the other, the last one for ever."""

    unit = "ms"
    expectation = "HTTP 200"
    indirect = False

    def __init__(self, *readings: Reading, name: str = "probe", held: threading.Event | None = None) -> None:
        self.name = name
        self.taken = 0
        self._readings = list(readings)
        self.held = held or threading.Event()
        if held is None:
            self.held.set()

    def take(self) -> Reading:
        self.held.wait()
        self.taken += 1
        return self._readings.pop(0) if len(self._readings) > 1 else self._readings[0]


def sample(outcome: Outcome, seconds: float = 0.0, value: float | None = None, *, early: bool = False) -> Sample:
    return Sample("probe", outcome, value, "ms", outcome, seconds, datetime.now(UTC), early=early)


@given(st.integers(1, 30), st.integers(0, 10))
def test_data_that_a_new_release_does_not_have_yet_is_waited_for_and_gone_data_is_not(before: int, after: int) -> None:
    judge = Judge([Scripted(GOOD)], failure_limit=0, unknown_limit=4)
    assert [judge.add(sample("unknown", early=True)) for _ in range(before)] == [None] * before
    never = judge.end(99.0)
    assert (never.passed, "was not measured once in 99.0 s" in never.reason) == (False, True)
    assert judge.add(sample("passed", value=1.0)) is None
    verdicts = [judge.add(sample("unknown", early=True)) for _ in range(after)]
    assert [one is None for one in verdicts] == [number < 4 for number in range(after)]


def feed(outcomes: list[Outcome], *, failure_limit: int = 0, unknown_limit: int = 4) -> tuple[Verdict, int]:
    """The verdict, and how many samples it took."""
    judge = Judge([Scripted(GOOD)], failure_limit=failure_limit, unknown_limit=unknown_limit)
    for number, outcome in enumerate(outcomes, start=1):
        if verdict := judge.add(sample(outcome, seconds=float(number))):
            return verdict, number
    return judge.end(99.0), len(outcomes)


@given(OUTCOMES, st.integers(0, 3), st.integers(0, 5))
def test_a_bake_ends_with_the_sample_that_is_one_too_many(outcomes: list[Outcome], fails: int, unknowns: int) -> None:
    def too_much(seen: list[Outcome]) -> bool:
        streak = 0
        for outcome in reversed(seen):
            if outcome != "unknown":
                break
            streak += 1
        return seen.count("failed") > fails or streak > unknowns

    expected = next((n for n in range(1, len(outcomes) + 1) if too_much(outcomes[:n])), None)
    verdict, taken = feed(outcomes, failure_limit=fails, unknown_limit=unknowns)
    if expected is not None:
        assert (verdict.passed, taken) == (False, expected)
        assert verdict.reason
        assert verdict.failed
    else:
        measured = any(outcome != "unknown" for outcome in outcomes)
        assert verdict.passed is measured


@given(OUTCOMES)
def test_the_first_failure_is_remembered_also_where_it_was_allowed(outcomes: list[Outcome]) -> None:
    verdict, taken = feed(outcomes, failure_limit=100, unknown_limit=100)
    first = verdict.first_failure
    assert taken == len(outcomes)
    assert (first.seconds if first else None) == next((i + 1.0 for i, o in enumerate(outcomes) if o == "failed"), None)


@given(st.lists(st.floats(-1e9, 1e9), min_size=1))
def test_a_summary_counts_and_orders_what_was_seen(values: list[float]) -> None:
    judge = Judge([Scripted(GOOD)], failure_limit=0, unknown_limit=0)
    for value in values:
        judge.add(sample("passed", value=value))
    (summary,) = judge.summaries()
    assert (summary.count, summary.failed, summary.unknown) == (len(values), 0, 0)
    assert summary.lowest == min(values)
    assert summary.highest == max(values)
    assert summary.median is not None
    assert min(values) <= summary.median <= max(values)


def test_what_was_never_measured_proves_nothing() -> None:
    verdict, _ = feed(["unknown", "unknown"])
    assert not verdict.passed
    assert verdict.reason == "probe was not measured once in 99.0 s: unknown"


class Indirect(Scripted):
    indirect = True


def test_what_is_measured_through_somebody_who_is_in_the_way_is_no_verdict_on_the_release() -> None:
    alone = watch(Indirect(NONE), seconds=PATIENCE_SECONDS, interval=0.01)
    assert (alone.passed, alone.blind) == (False, True)
    assert "5 times in a row: no data" in alone.reason
    beside = watch(Indirect(NONE), Scripted(GOOD, name="url"), interval=0.01)
    assert (beside.passed, beside.blind) == (False, True)
    assert next(one for one in beside.summaries if one.measurement == "url").count > 5, "the other was measured on"
    failed = watch(Indirect(NONE), Scripted(*[GOOD] * 20, BAD, name="url"), seconds=PATIENCE_SECONDS, interval=0.01)
    assert (failed.passed, failed.blind) == (False, False)
    away = watch(Indirect(NONE), Scripted(NONE, name="errors"), seconds=PATIENCE_SECONDS, interval=0.01)
    assert (away.blind, away.reason.startswith("errors")) == (False, True)


def test_an_answer_now_and_then_is_a_measurement() -> None:
    readings = [NONE, NONE, GOOD] * 50
    assert watch(Indirect(*readings), interval=0.01).passed
    assert watch(Indirect(GOOD, NONE), interval=0.01).blind


def test_the_reason_says_what_was_measured_and_what_was_wanted() -> None:
    verdict = watch(Scripted(GOOD, GOOD, BAD), seconds=PATIENCE_SECONDS)
    assert not verdict.passed
    assert re.search(r"probe failed after \d+\.\d", verdict.reason)
    assert verdict.reason.endswith("HTTP 500, wanted HTTP 200")
    assert [failed.said for failed in verdict.failed] == ["HTTP 500"]
    assert str(verdict.summaries[0]) == "probe (HTTP 200): 3 times, 1 failed; min 2, median 2, max 9 ms"


def watch(
    *measurements: Scripted,
    seconds: float = 0.3,
    interval: float = 0.05,
    on_sample: Callable[[Sample], None] = lambda _: None,
) -> Verdict:
    return bake(BakePlan(seconds, measurements, interval_seconds=interval), on_sample)


def test_a_bake_without_failures_lasts_its_time_and_says_what_was_seen() -> None:
    seen: list[Sample] = []
    start = time.monotonic()
    verdict = watch(Scripted(GOOD), on_sample=seen.append)
    assert time.monotonic() - start >= 0.3
    assert verdict.passed
    assert verdict.reason == ""
    assert verdict.summaries[0].count == len(seen) >= 1
    assert verdict.to_json()["measurements"][0]["median"] == 2.0


def test_a_slow_measurement_does_not_delay_the_verdict_of_another() -> None:
    slow = Scripted(GOOD, name="slow", held=threading.Event())
    verdict = watch(slow, Scripted(GOOD, BAD, name="fast"), seconds=PATIENCE_SECONDS)
    assert not verdict.passed
    assert slow.taken == 0, "it is still at its first look"
    slow.held.set()


def test_nothing_is_measured_after_the_verdict() -> None:
    measured = Scripted(BAD)
    watch(measured, interval=0.01, seconds=PATIENCE_SECONDS)
    taken = measured.taken
    time.sleep(0.1)
    assert measured.taken <= taken + 1  # one may have been under way


def test_samples_come_in_the_callers_thread_and_its_errors_come_through() -> None:
    threads: list[threading.Thread] = []

    def interrupt(_: Sample) -> None:
        threads.append(threading.current_thread())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch(Scripted(GOOD), seconds=PATIENCE_SECONDS, on_sample=interrupt)
    assert threads == [threading.current_thread()]


def test_a_measurement_that_breaks_does_not_pass_for_a_good_one() -> None:
    class Broken(Scripted):
        def take(self) -> Reading:
            raise RuntimeError("a mistake in the program")

    verdict = watch(Broken(GOOD), seconds=PATIENCE_SECONDS, interval=0.01)
    assert not verdict.passed
    assert "5 times in a row: RuntimeError: a mistake in the program" in verdict.reason
