"""The catalog of cells, their selection and their bars."""

import pytest

from prober import Answer, Failure, FailureClass, Result
from traffic import catalog
from traffic.apps import GOOD
from traffic.cells import AS_GO_DOES, DRAINED, KEPT, ZERO, Bar, select


def result(*failures: tuple[str, FailureClass]) -> Result:
    made = Result(target="http://198.18.0.1:80", rate_per_second=10, seconds=1)
    made.answers = [Answer(0.1, 5.0, "get-new", GOOD[0], "pod")]
    made.failures = [Failure(0.5, 5.0, kind, failure, "") for kind, failure in failures]
    return made


def test_every_scenario_is_played_with_both_workloads_and_three_standbys() -> None:
    names = [cell.name for cell in catalog.cells()]
    assert len(names) == len(set(names))
    assert len({cell.slug for cell in catalog.cells()}) == len(names)
    stages = {name.rpartition("/")[0] for name in names if name.startswith("blue-green/")}
    assert len(stages) == 6
    for stage in stages:
        assert len([name for name in names if name.startswith(f"{stage}/")]) == 16
    assert len([name for name in names if name.startswith("rolling/") and name.endswith("/update")]) >= 8


def test_cells_of_one_stage_stand_together() -> None:
    stages = [cell.stage.name for cell in catalog.cells()]
    changes = [stage for stage, before in zip(stages, [None, *stages], strict=False) if stage != before]
    assert len(changes) == len(set(changes))


def test_words_select_cells_and_or_adds_more() -> None:
    cells = catalog.cells()
    assert select(cells, "") == cells
    assert {c.name for c in select(cells, "standby-0 ten deployment")} == {
        "blue-green/deployment/standby-0/ten cutovers"
    }
    both = select(cells, "faults etcd or faults kube-proxy")
    assert {"etcd" in c.name or "kube-proxy" in c.name for c in both} == {True}
    assert select(cells, "nothing of the kind") == []


@pytest.mark.parametrize("kind", ["get-new", "post-new", "slow", "stream"])
@pytest.mark.parametrize("failure", [FailureClass.REFUSED, FailureClass.CLOSED, FailureClass.TIMEOUT])
def test_one_lost_request_breaks_a_bar(kind: str, failure: FailureClass) -> None:
    for bar in (ZERO, DRAINED):
        assert bar.broken_by(result()) == []
        assert bar.broken_by(result((kind, failure))) == ["1 requests failed, the bar is 0"]


def test_where_the_bar_says_so_some_may_race_with_the_end_of_their_connection() -> None:
    race = ("post-keep-alive", FailureClass.TURNED_AWAY)
    assert ZERO.broken_by(result(race)) == ["1 requests raced with the end of their connection, the bar is 0"]
    assert AS_GO_DOES.broken_by(result(*[race] * AS_GO_DOES.raced)) == []
    assert AS_GO_DOES.broken_by(result(*[race] * (AS_GO_DOES.raced + 1))) != []
    assert AS_GO_DOES.broken_by(result(("post-new", FailureClass.CLOSED))) != []


def test_only_the_named_kinds_may_fail() -> None:
    bar = Bar(failed=2, kinds=KEPT)
    assert bar.broken_by(result(("long-lived", FailureClass.RESET))) == []
    assert (
        "only get-keep-alive, long-lived, post-keep-alive may" in bar.broken_by(result(("slow", FailureClass.RESET)))[0]
    )


def test_a_cell_that_only_measures_has_no_bar() -> None:
    assert Bar(failed=None).broken_by(result(*[("get-new", FailureClass.REFUSED)] * 50)) == []
