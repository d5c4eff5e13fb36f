"""Surge arithmetic against two formulations of its own: exact fractions, and Kubernetes' floating point."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.rules.surge import Amount, is_amount, resolve, rounds, scaled, stuck_at_zero

amounts: st.SearchStrategy[Amount] = st.one_of(
    st.integers(0, 500), st.integers(0, 300).map(lambda percent: f"{percent}%")
)
replicas = st.integers(0, 1000)


def exact(amount: Amount, wanted: int) -> Fraction:
    return Fraction(amount) if isinstance(amount, int) else Fraction(int(amount.rstrip("%")), 100) * wanted


@given(amounts, replicas)
def test_surge_is_the_next_whole_pod_up_and_unavailable_down(amount: Amount, wanted: int) -> None:
    up, down = scaled(amount, wanted, round_up=True), scaled(amount, wanted, round_up=False)
    assert up == math.ceil(exact(amount, wanted))
    assert down == math.floor(exact(amount, wanted))


@given(st.integers(0, 300), replicas)
def test_percentages_agree_with_kubernetes_own_formula(percent: int, wanted: int) -> None:
    # GetScaledValueFromIntOrPercent: math.Ceil(float64(value) * float64(total) / 100), or math.Floor.
    product = float(percent) * float(wanted) / 100
    assert resolve(f"{percent}%", f"{percent}%", wanted) == (math.ceil(product), math.floor(product))


@given(amounts, amounts, replicas)
def test_stuck_means_that_no_pod_can_move(surge: Amount, unavailable: Amount, wanted: int) -> None:
    can_add, can_miss = exact(surge, wanted) > 0, exact(unavailable, wanted) >= 1
    assert stuck_at_zero(surge, unavailable, wanted) == (wanted > 0 and not can_add and not can_miss)


@pytest.mark.parametrize(
    ("surge", "unavailable", "wanted", "rounded"),
    [
        ("25%", "25%", 4, (1, 1)),
        ("25%", "25%", 3, (1, 0)),
        ("25%", 0, 1, (1, 0)),
        (0, "25%", 3, (0, 0)),
        ("0%", "100%", 7, (0, 7)),
        (2, 1, 1, (2, 1)),
    ],
)
def test_rounding_as_in_the_kubernetes_documentation(
    surge: Amount, unavailable: Amount, wanted: int, rounded: tuple[int, int]
) -> None:
    assert resolve(surge, unavailable, wanted) == rounded


@pytest.mark.parametrize(
    ("surge", "unavailable", "pods", "wanted"),
    [
        ("25%", 0, (1, 1), 1),
        ("25%", 0, (4, 4), 4),
        ("25%", 0, (20, 20), 4),
        ("25%", "25%", (8, 8), 2),
        (1, 0, (7, 7), 7),
        (2, 1, (7, 7), 3),
        ("100%", 0, (7, 7), 1),
        (500, 0, (7, 7), 1),
        ("25%", 0, (0, 0), 1),
        (0, "25%", (3, 3), 3),  # refused for what serves, and Kubernetes goes on with one
        ("25%", 0, (2, 5), 4),  # of four pods one is a round, of five two
        (1, 0, (2, 50), 50),
        ("1%", 0, (0, 100), 100),
        (1, "1%", (1, 200), 100),  # of 199
    ],
)
def test_a_rolling_update_takes_as_many_rounds_as_its_surge_needs(
    surge: Amount, unavailable: Amount, pods: tuple[int, int], wanted: int
) -> None:
    assert rounds(surge, unavailable, *pods) == wanted


@given(amounts, amounts, st.integers(0, 300), st.integers(0, 300))
def test_no_number_of_pods_in_between_takes_more_rounds(
    surge: Amount, unavailable: Amount, fewest: int, more: int
) -> None:
    at_most = rounds(surge, unavailable, fewest, fewest + more)
    for pods in range(fewest, fewest + more + 1):
        at_once = max(1, sum(resolve(surge, unavailable, pods)))
        assert pods <= at_most * at_once


def test_rounds_of_any_number_of_pods_are_known_at_once() -> None:
    assert rounds("25%", 0, 1, 2**31 - 1) == 4


@pytest.mark.parametrize("value", ["25", "2.5%", "-1%", "%", "", -1, True, 1.0, None, "25 %"])
def test_what_is_no_amount(value: object) -> None:
    assert not is_amount(value)


def test_no_amount_cannot_be_scaled() -> None:
    with pytest.raises(ValueError, match=r"'25' is neither a count of pods"):
        scaled("25", 4, round_up=True)
