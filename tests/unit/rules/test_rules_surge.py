"""Surge arithmetic against two formulations of its own: exact fractions, and Kubernetes' floating point."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.rules.surge import Amount, is_amount, resolve, scaled, stuck_at_zero

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


@pytest.mark.parametrize("value", ["25", "2.5%", "-1%", "%", "", -1, True, 1.0, None, "25 %"])
def test_what_is_no_amount(value: object) -> None:
    assert not is_amount(value)


def test_no_amount_cannot_be_scaled() -> None:
    with pytest.raises(ValueError, match=r"'25' is neither a count of pods"):
        scaled("25", 4, round_up=True)
