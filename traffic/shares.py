"""Whether an answer came as often as its weight says, by the exact binomial distribution."""

import math

# Below this a share is no accident: one measurement in a million falsely said to be off.
UNLIKELY = 1e-6


def chance(hits: int, count: int, share: float) -> float:
    """How likely a count is that is at least as far off, on that side, where each of `count` is a hit by `share`."""
    if share in (0.0, 1.0):
        return 1.0 if hits == count * share else 0.0
    below = hits <= count * share
    counted = range(hits + 1) if below else range(hits, count + 1)
    return min(1.0, sum(_exactly(each, count, share) for each in counted))


def fits(hits: int, count: int, share: float) -> bool:
    """Whether so many of `count` may be chance."""
    return chance(hits, count, share) > UNLIKELY


def _exactly(hits: int, count: int, share: float) -> float:
    ways = math.lgamma(count + 1) - math.lgamma(hits + 1) - math.lgamma(count - hits + 1)
    return math.exp(ways + hits * math.log(share) + (count - hits) * math.log(1 - share))
