"""The bounds within which a share of answers is chance."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traffic.shares import UNLIKELY, chance, fits


def test_bounds_are_those_of_the_binomial_distribution() -> None:
    assert chance(0, 10, 0.5) == pytest.approx(2**-10)
    assert chance(9, 10, 0.5) == pytest.approx(11 * 2**-10)
    assert [hits for hits in range(1001) if fits(hits, 1000, 0.1)] == list(range(58, 149))


def test_a_share_of_nothing_or_all_allows_none_of_the_other() -> None:
    assert fits(0, 1000, 0.0)
    assert not fits(1, 1000, 0.0)
    assert fits(1000, 1000, 1.0)
    assert not fits(999, 1000, 1.0)


@given(st.integers(1, 400), st.floats(0.01, 0.99))
def test_the_mean_always_fits_and_chances_fall_with_distance(count: int, share: float) -> None:
    mean = round(count * share)
    assert fits(mean, count, share)
    chances = [chance(hits, count, share) for hits in range(int(count * share) + 1)]
    assert chances == sorted(chances)


def test_what_is_drawn_by_a_share_fits_it() -> None:
    draw = random.Random(7)  # noqa: S311 - no secret
    for share in (0.01, 0.1, 0.5):
        assert fits(sum(draw.random() < share for _ in range(1000)), 1000, share)
    assert UNLIKELY < 1e-3
