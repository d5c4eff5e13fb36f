"""A canary beside the live release: who is called slower, and how often wrongly."""

import math
import random
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.measure import Verdict
from cutover.measure.compare import FEWEST, SIGNIFICANCE, compare, greater
from cutover.operations.canary.compared import compared
from cutover.operations.command.run import Run
from cutover.options import Options
from cutover.output.report import Report
from tests.unit.cutover.test_promote_weight import TEXT

LATENCIES = st.lists(st.floats(0.01, 1e4, allow_nan=False), min_size=FEWEST, max_size=FEWEST + 30)
GOOD = Verdict(passed=True, reason="", seconds=60.0)


def drawn(seed: int, answers: int, median_ms: float) -> list[float]:
    """Latencies as a service has them: p99 is four times p50."""
    source = random.Random(seed)  # noqa: S311 - no secret
    return [median_ms * math.exp(source.gauss(0, 0.6)) for _ in range(answers)]


@given(LATENCIES, LATENCIES)
def test_two_sides_are_never_both_slower(ones: list[float], others: list[float]) -> None:
    there, back = greater(ones, others), greater(others, ones)
    assert 0 <= there <= 1
    assert there + back >= 1 - 1e-9


@given(LATENCIES, LATENCIES, st.floats(0.001, 1000))
def test_the_unit_does_not_matter(ones: list[float], others: list[float], unit: float) -> None:
    exponent = 2.0 ** round(math.log2(unit))  # exact, so that ties stay ties
    assert greater([one * exponent for one in ones], [one * exponent for one in others]) == greater(ones, others)


@given(LATENCIES)
def test_what_is_the_same_is_not_slower(same: list[float]) -> None:
    assert not compare({"new": same}, {"new": same}, 1.0).slower


def test_the_approximation_is_close_to_all_orders_counted() -> None:
    ranks = range(8)
    orders = {tuple(sorted(order[:4])) for order in permutations(ranks)}
    for wanted in (sorted(ranks)[4:], [2, 4, 6, 7], [1, 3, 5, 6]):
        exact = sum(sum(order) >= sum(wanted) for order in orders) / len(orders)
        others = [rank for rank in ranks if rank not in wanted]
        assert greater(wanted, others) == pytest.approx(exact, abs=0.02)


def test_a_canary_at_the_limit_is_called_slower_as_seldom_as_is_said() -> None:
    wrong = sum(
        bool(compare({"new": drawn(seed, 100, 12.5)}, {"new": drawn(-seed, 400, 10)}, 1.25).slower)
        for seed in range(1, 401)
    )
    assert wrong <= 400 * SIGNIFICANCE * 3


def test_a_canary_well_above_the_limit_is_seen_by_the_fewest_answers() -> None:
    seen = sum(
        bool(compare({"new": drawn(seed, FEWEST, 18.75)}, {"new": drawn(-seed, 450, 10)}, 1.25).slower)
        for seed in range(1, 101)
    )
    assert seen >= 90


def test_too_few_answers_are_no_verdict() -> None:
    found = compare({"new": drawn(1, FEWEST - 1, 900), "kept": []}, {"new": drawn(2, 500, 1)}, 1.0)
    assert found.too_few
    assert not found.slower
    assert found.to_json()["kinds"]["new"]["probability"] is None


class Loaded:
    """A load whose answers are known."""

    def __init__(self, samples: dict[str, dict[str, list[float]]] | None) -> None:
        self.samples = samples

    def latencies_ms(self, phase: str) -> dict[str, dict[str, list[float]]] | None:
        assert phase == "at 10 %"
        return self.samples


def judged(tmp_path: Path, samples: dict[str, dict[str, list[float]]] | None, capsys: Any) -> tuple[Verdict, Any, str]:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(TEXT)
    run = Run("promote", path, Options(yes=True), Report())
    load: Any = Loaded(samples)
    verdict, found = compared(run, run.view.services["shop"], "green", load, "at 10 %", 1.25, GOOD)
    return verdict, found, "".join(capsys.readouterr())


def test_a_slower_canary_fails_its_step_with_both_figures(tmp_path: Path, capsys: Any) -> None:
    samples = {"1.1.0": {"url-new": drawn(1, 200, 30)}, "1.0.0": {"url-new": drawn(2, 1800, 10)}}
    verdict, found, _ = judged(tmp_path, samples, capsys)
    assert not verdict.passed
    assert "shop: green 1.1.0 is slower than 1.25 times blue 1.0.0: url-new: 3" in verdict.reason
    assert "of 200 answers, beside 1" in verdict.reason
    assert found.to_json()["slower"] == ["url-new"]


def test_an_equal_canary_passes_and_its_figures_are_said(tmp_path: Path, capsys: Any) -> None:
    samples = {"1.1.0": {"url-new": drawn(1, 200, 10)}, "1.0.0": {"url-new": drawn(2, 1800, 10)}}
    verdict, found, said = judged(tmp_path, samples, capsys)
    assert (verdict, found.slower) == (GOOD, ())
    assert "shop: green 1.1.0: url-new: " in said


@pytest.mark.parametrize(
    ("samples", "why"),
    [
        ({"": {"url-new": [1.0]}}, "the answers name no version, and green is 1.1.0 beside 1.0.0"),
        ({"7": {}, "1.0.0": {}}, "the answers name 1.0.0, 7"),
        (None, "the load has ended"),
    ],
)
def test_answers_that_do_not_tell_the_two_apart_are_not_compared(
    tmp_path: Path, capsys: Any, samples: Any, why: str
) -> None:
    verdict, found, said = judged(tmp_path, samples, capsys)
    assert (verdict, found) == (GOOD, None)
    assert f"shop: not compared: {why}" in said
