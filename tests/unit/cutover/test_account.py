"""The account of a load: what failed when, which version answered, and the series of a picture."""

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from cutover.measure.account import BAKE, MOST_BINS, UP, Account, account_of, at_share, to_share
from prober import Answer, Failure, FailureClass
from prober import Result as Sent

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


def test_the_first_request_of_a_connection_of_the_pool_fails_as_any_other() -> None:
    result = sent()
    lost = "the server closed the connection without an answer"
    result.failures = [
        Failure(3.7 + number / 10, 1.0, "url-keep-alive", FailureClass.CLOSED, lost, kept)
        for number, kept in enumerate((False, True))
    ]
    account = account_of(result)
    assert (account.failed, account.raced) == (1, 1)
    assert account.lines()[0] == "load http://shop/: 1 of 39 requests failed (closed 1), 10/s for 4 s"
    assert [phase.failed for phase in account.phases] == [0, 0, 1]


def test_an_account_of_nothing_is_no_error() -> None:
    empty = Sent(target="http://shop/", rate_per_second=10.0, started_at="2026-11-21T16:00:00+00:00")
    assert account_of(empty).lines() == ["load http://shop/: 0 of 0 requests failed, 10/s for 0 s", "  answers: none"]


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
