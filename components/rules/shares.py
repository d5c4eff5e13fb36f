"""Statistics of shares: binomial bounds of counted answers, and how many answers tell two shares apart. Pure."""

from functools import cache
from math import exp, lgamma, log

WRONG = 1e-5
"""How seldom answers of the right share are taken for wrong, on each side."""
SAMPLES = (100, 200, 400, 800, 1600)
"""How many answers are asked for."""


@cache
def bounds(answers: int, percent: int) -> tuple[int, int]:
    """The fewest and the most of so many answers that a share of `percent` gives, but for rare exceptions. Of a share
    of 0 or 100 there are none.
    """
    if percent in (0, 100):
        return (0, 0) if percent == 0 else (answers, answers)
    share = percent / 100
    return _fewest(answers, share), answers - _fewest(answers, 1 - share)


def fits(answers: int, hits: int, percent: int) -> bool:
    """Whether `hits` of so many answers are what a share of `percent` gives."""
    low, high = bounds(answers, percent)
    return low <= hits <= high


def samples(percent: int, before: int) -> int:
    """How many answers tell a share from the one before; the most that is asked for where none do."""
    return next((one for one in SAMPLES if _apart(bounds(one, percent), bounds(one, before))), SAMPLES[-1])


def _apart(one: tuple[int, int], two: tuple[int, int]) -> bool:
    return one[1] < two[0] or two[1] < one[0]


def _fewest(answers: int, share: float) -> int:
    """The smallest number whose lower tail, itself included, is not rarer than WRONG."""
    tail = 0.0
    for hits in range(answers + 1):
        ways = lgamma(answers + 1) - lgamma(hits + 1) - lgamma(answers - hits + 1)
        tail += exp(ways + hits * log(share) + (answers - hits) * log(1 - share))
        if tail > WRONG:
            return hits
    return answers
