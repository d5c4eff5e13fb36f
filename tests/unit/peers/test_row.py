"""What a row says of what the prober saw."""

from pathlib import Path

from demo.voice import Voice
from peers import row as rows
from peers.ledger import Ledger
from peers.row import BAD, COMMAND, SAID, Row, account
from prober import Answer, Failure, FailureClass, Result


def result(*spans: tuple[float, float, str], marks: dict[str, float], lost: tuple[float, ...] = ()) -> Result:
    """Ten seconds; each span of (from, until, version) has ten answers a second."""
    made = Result(target="http://198.18.0.1:80", rate_per_second=10, seconds=10)
    for start, end, version in spans:
        ticks = range(round(start * 10), round(end * 10))
        made.answers += [Answer(tick / 10, 5.0, "get-new", version, "pod") for tick in ticks]
    made.failures = [Failure(at, 5.0, "get-new", FailureClass.REFUSED, "") for at in lost]
    made.marks = marks
    return made


def measured(seen: Result, wanted: str, bad: str | None = None) -> Row:
    row = Row(way="tool rolling", cell="release", wanted=wanted)
    account(row, seen, bad)
    return row


def test_a_release_has_its_first_and_its_only_new_answers() -> None:
    seen = result((0, 6, "1"), (4, 10, "2"), marks={COMMAND: 1.0, SAID: 5.0})
    row = measured(seen, "2")
    assert (row.first_seconds, row.only_seconds, row.said_seconds, row.back_seconds) == (3.0, 4.9, 4.0, None)
    assert row.unwanted == 9  # of the old release, after the tool said that it was done
    assert row.serves == ["2"]


def test_old_answers_to_the_end_are_never_only_new_ones() -> None:
    row = measured(result((0, 10, "1"), (4, 10, "2"), marks={COMMAND: 1.0, SAID: 5.0}), "2")
    assert row.only_seconds is None
    assert row.serves == ["1", "2"]


def test_a_tool_that_says_that_it_gave_up_owes_nothing_but_the_release() -> None:
    row = Row(way="tool rolling", cell="release", wanted="2")
    account(row, result((0, 10, "1"), marks={COMMAND: 1.0, SAID: 4.0}), gave_up=True)
    assert (row.unwanted, row.first_seconds, row.only_seconds, row.reached) == (0, None, None, False)


def test_each_answer_of_a_bad_release_is_unwanted_and_so_is_each_failure_before_it_is_gone() -> None:
    seen = result((0, 10, "1"), (3, 5, "0"), marks={COMMAND: 1.0, SAID: 4.0}, lost=(6.0,))
    row = measured(seen, "1", "0")
    assert (row.unwanted, row.failed, row.back_seconds) == (20, 1, 5.0)
    kept = measured(result((0, 10, "1"), marks={COMMAND: 1.0, SAID: 4.0}), "1", "0")
    assert (kept.unwanted, kept.back_seconds) == (0, None)


def test_a_release_that_turned_bad_is_counted_from_then_on() -> None:
    marks = {COMMAND: 1.0, BAD: 4.0, SAID: 6.0}
    row = measured(result((0, 3, "1"), (3, 7, "2"), (7, 10, "1"), marks=marks, lost=(4.1, 6.5)), "1", "2")
    assert (row.unwanted, row.back_seconds) == (9, 2.9)  # answers of it after the tool said that it is back


def test_a_bad_release_that_stays_is_not_back() -> None:
    row = measured(result((0, 3, "1"), (3, 10, "0"), marks={COMMAND: 1.0, SAID: 4.0}), "1", "0")
    assert row.back_seconds is None
    assert row.serves == ["0"]


def test_rows_are_kept_in_their_order_and_known_again(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    order = [("a rolling", "release"), ("b rolling", "release")]
    ledger = Ledger(order, Voice(width=80), path)
    ledger.stays("b", {"CRDs": 5})
    ledger.tell(Row(way="b rolling", cell="release", requests=9))
    ledger.tell(Row(way="a rolling", cell="release", problems=["no pods"]))
    again = Ledger(order, Voice(width=80), path)
    assert [row.way for row in again.rows] == ["a rolling", "b rolling"]
    assert (again.has("a rolling", "release"), again.has("b rolling", "release")) == (False, True)
    assert again.about == {"stays": {"b": {"CRDs": 5}}}


def test_rows_of_another_form_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text('{"about": {}, "rows": [{"way": "a", "unknown": 1}]}')
    assert rows.read(path) == rows.read(tmp_path / "none.json") == ({}, [])
