"""Counted answers against a share: right ones are seldom refused, and those of the share before never pass."""

from math import comb

from hypothesis import given
from hypothesis import strategies as st

from components.rules.shares import SAMPLES, WRONG, bounds, fits, samples

PERCENT = st.integers(0, 100)


@given(st.sampled_from([20, 100, 200]), PERCENT)
def test_right_answers_are_seldom_refused(answers: int, percent: int) -> None:
    low, high = bounds(answers, percent)
    share = percent / 100
    odds = [comb(answers, hits) * share**hits * (1 - share) ** (answers - hits) for hits in range(answers + 1)]
    assert sum(odds[:low]) <= WRONG * 1.01
    assert sum(odds[high + 1 :]) <= WRONG * 1.01
    assert low <= answers * share <= high


@given(st.sampled_from(SAMPLES), PERCENT)
def test_the_shares_of_both_colors_are_judged_alike(answers: int, percent: int) -> None:
    low, high = bounds(answers, percent)
    assert bounds(answers, 100 - percent) == (answers - high, answers - low)


@given(PERCENT, PERCENT)
def test_a_step_is_told_from_where_it_was(before: int, percent: int) -> None:
    number = samples(percent, before)
    if (before in (0, 100) and before != percent) or abs(before - percent) >= 15:
        assert not any(fits(number, hits, percent) and fits(number, hits, before) for hits in range(number + 1))


def test_of_a_full_move_no_old_answer_passes() -> None:
    assert fits(100, 100, 100)
    assert not fits(100, 99, 100)
    assert not fits(100, 1, 0)
