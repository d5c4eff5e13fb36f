"""The comparison of a canary with the release that it stands beside: is it slower than it may be?

The answers of both come from one load, in the same minutes and by the same route, so what slows down both shows in
both. The question is put to the Mann-Whitney U test (H. B. Mann, D. R. Whitney, Annals of Mathematical Statistics 18,
1947), which Kayenta uses as well: latencies are no normal distribution, and ranks do not care for one outlier. The
live release's latencies are multiplied by the `limit` first; the canary is slower than it may be where its ranks lie
above those. Kept and new connections are compared each by themselves, as one kind is slower than the other.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from typing import Any

SIGNIFICANCE = 0.01
"""How often a canary that is as fast as it may be is called slower, for all kinds of connection together."""
FEWEST = 50
"""Answers of each side and kind, before there is a verdict: the normal approximation of the test holds from 20 on, and
of 50 it finds a canary that is half again as slow as it may be (docs/canary.md has the figures)."""

Samples = Mapping[str, Sequence[float]]
"""Kind of connection -> latencies in ms."""


@dataclass(frozen=True)
class Compared:
    """The comparison over one kind of connection: the answers of the canary and of the baseline, and their medians in
    ms. `probability` is how likely ranks like these are for a canary that is as fast as it may be.
    """

    kind: str
    canary: int
    baseline: int
    canary_ms: float | None
    baseline_ms: float | None
    probability: float | None

    @property
    def said(self) -> str:
        """`url-new: 8.1 ms of 240 answers, beside 4.2 ms of 2,110`."""
        if self.canary_ms is None or self.baseline_ms is None:
            return f"{self.kind}: {self.canary} answers, beside {self.baseline}"
        beside = f"beside {self.baseline_ms:.1f} ms of {self.baseline:,}"
        return f"{self.kind}: {self.canary_ms:.1f} ms of {self.canary:,} answers, {beside}"


@dataclass(frozen=True)
class Comparison:
    """The verdict of all kinds. `slower` are those in which the canary is slower than `limit` times the baseline."""

    limit: float
    kinds: tuple[Compared, ...]

    @property
    def slower(self) -> tuple[Compared, ...]:
        """The kinds of connection in which the canary is slower than it may be."""
        tested = [one for one in self.kinds if one.probability is not None]
        return tuple(one for one in tested if (one.probability or 0.0) * len(tested) < SIGNIFICANCE)

    @property
    def too_few(self) -> bool:
        """Whether no kind had enough answers for a verdict."""
        return all(one.probability is None for one in self.kinds)

    def to_json(self) -> dict[str, Any]:
        """The comparison as plain data; `probability` is null where there were too few answers."""
        return {
            "limit": self.limit,
            "slower": [one.kind for one in self.slower],
            "kinds": {
                one.kind: {
                    "answers": {"canary": one.canary, "baseline": one.baseline},
                    "medianMs": {"canary": one.canary_ms, "baseline": one.baseline_ms},
                    "probability": one.probability,
                }
                for one in self.kinds
            },
        }


def compare(canary: Samples, baseline: Samples, limit: float) -> Comparison:
    """Compare the latencies of two releases, kind by kind; `limit` is how many times as slow the canary may be."""
    kinds = sorted({*canary, *baseline})
    return Comparison(limit, tuple(_compared(one, canary.get(one, ()), baseline.get(one, ()), limit) for one in kinds))


def _compared(kind: str, canary: Sequence[float], baseline: Sequence[float], limit: float) -> Compared:
    enough = min(len(canary), len(baseline)) >= FEWEST
    return Compared(
        kind,
        len(canary),
        len(baseline),
        round(statistics.median(canary), 3) if canary else None,
        round(statistics.median(baseline), 3) if baseline else None,
        greater(canary, [limit * one for one in baseline]) if enough else None,
    )


def greater(ones: Sequence[float], others: Sequence[float]) -> float:
    """The one-sided Mann-Whitney U test: how likely `ones` rank so high beside `others`, or higher, where both are of
    one distribution. Normal approximation, corrected for ties and for continuity.
    """
    ranked = sorted(chain(((value, True) for value in ones), ((value, False) for value in others)))
    rank_sum, ties, before = 0.0, 0, 0
    for _, group in groupby(ranked, key=lambda entry: entry[0]):
        mine = [one for _, one in group]
        rank_sum += sum(mine) * (before + (len(mine) + 1) / 2)
        ties += len(mine) ** 3 - len(mine)
        before += len(mine)
    m, n, total = len(ones), len(others), before
    above = rank_sum - m * (m + 1) / 2 - m * n / 2
    variance = m * n / 12 * (total + 1 - ties / (total * (total - 1)))
    if variance <= 0:  # all are equal
        return 1.0
    return statistics.NormalDist().cdf(-(above - math.copysign(0.5, above)) / math.sqrt(variance))
