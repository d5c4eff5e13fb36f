"""The account of an engine's runs: each second goes to one part, and the parts add up."""

from hypothesis import given
from hypothesis import strategies as some

from cutover.engine.records import SERVICE, Step
from cutover.engine.spent import Spent

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def step(moment: str, kind: str = DEPLOYMENT, op: str = "update", urn: str = "") -> Step:
    return Step(moment, op=op, type=kind, urn=urn or f"urn::{kind}")  # type: ignore[arg-type]


def played(*moments: tuple[float, Step | None]) -> dict[str, float]:
    """The parts of one run; each moment comes so long after the one before, the end is None."""
    clock = Clock()
    spent = Spent(clock)
    spent.begin()
    for seconds, one in moments:
        clock.now += seconds
        if one:
            spent.take(one)
        else:
            spent.end()
    return spent.seconds


def test_a_cutover_with_a_release_before_it() -> None:
    assert played(
        (1.0, step("begins", op="create")),
        (4.0, step("done", op="create")),
        (0.2, step("begins", BUDGET, op="create")),
        (0.1, step("done", BUDGET, op="create")),
        (0.3, step("begins", SERVICE)),
        (0.5, step("says", SERVICE)),
        (0.1, step("done", SERVICE)),
        (7.0, step("begins", op="delete")),
        (2.0, step("done", op="delete")),
        (0.4, None),
    ) == {"engine": 1.5, "workloads": 6.0, "others": 0.1, "switch": 0.6, "drain": 7.4}


def test_where_nothing_changes_all_is_the_engine_s() -> None:
    assert played((1.0, step("begins", op="same")), (0.5, None)) == {"engine": 1.5}
    assert played((1.0, None)) == {"engine": 1.0}


def test_a_step_that_fails_ends_and_what_is_only_planned_is_none() -> None:
    planned = Step("begins", op="update", type=SERVICE, urn="urn::a", planned=True)
    assert played((1.0, planned), (1.0, step("begins", SERVICE)), (3.0, step("failed", SERVICE)), (0.5, None)) == {
        "engine": 2.0,
        "switch": 3.0,
        "drain": 0.5,
    }


def test_runs_add_up_and_the_time_between_them_is_nobody_s() -> None:
    clock = Clock()
    spent = Spent(clock)
    for _ in range(2):
        spent.begin()
        clock.now += 1.0
        spent.end()
        clock.now += 60.0
    assert spent.seconds == {"engine": 2.0}


STEPS = some.builds(
    step, some.sampled_from(["begins", "done", "failed", "says"]), some.sampled_from([DEPLOYMENT, SERVICE, BUDGET]),
    some.sampled_from(["create", "update", "delete", "same"]), some.sampled_from(["urn::a", "urn::b"]),
)  # fmt: skip


@given(some.lists(some.tuples(some.integers(0, 100), STEPS)), some.integers(0, 100))
def test_no_second_is_lost_or_counted_twice(moments: list[tuple[int, Step]], last: int) -> None:
    found = played(*((float(seconds), one) for seconds, one in moments), (float(last), None))
    assert sum(found.values()) == sum(seconds for seconds, _ in moments) + last
    assert all(seconds > 0 for seconds in found.values())
