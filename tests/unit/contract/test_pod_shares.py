"""A share as a number of pods: the fewest that reach it, and the largest that so many make."""

from hypothesis import given
from hypothesis import strategies as st

from contract.pod_shares import most, percent_of, pods_for, said

weights, counts = st.integers(1, 99), st.integers(1, 10_000)


@given(weights, counts)
def test_the_fewest_pods_that_reach_the_weight(weight: int, active: int) -> None:
    pods = pods_for(weight, active)
    assert pods >= 1
    assert pods * 100 >= weight * (pods + active)
    fewer = pods - 1
    assert fewer * 100 < weight * (fewer + active)


@given(weights, counts)
def test_more_weight_never_takes_fewer_pods(weight: int, active: int) -> None:
    assert pods_for(weight - 1, active) <= pods_for(weight, active) <= pods_for(weight, active + 1)


@given(counts, counts)
def test_the_largest_weight_of_so_many_pods_takes_no_more_of_them(pods: int, active: int) -> None:
    reached = most(pods, active)
    assert pods_for(reached, active) <= pods
    assert reached == 99 or pods_for(reached + 1, active) > pods


@given(counts)
def test_as_many_pods_as_the_active_color_has_make_half(active: int) -> None:
    assert (most(active, active), pods_for(50, active)) == (50, active)


def test_nothing_takes_no_pod_and_little_takes_one() -> None:
    assert (pods_for(0, 3), most(0, 3), percent_of(0, 3)) == (0, 0, 0.0)
    assert [pods_for(10, active) for active in (1, 2, 9, 10, 18)] == [1, 1, 1, 2, 2]


def test_a_share_in_words_is_the_one_that_it_really_is() -> None:
    assert said(1, 3) == "1 of 4 pods, 25 % of new connections"
    assert said(1, 2) == "1 of 3 pods, 33.3 % of new connections"
    assert said(0, 3) == "0 of 3 pods, 0 % of new connections"
