"""The catalog of cells, their selection and their bars."""

from typing import Any

import pytest

from components.stack.load import parse
from prober import Answer, Failure, FailureClass, Result
from sandbox.gateway import Address
from traffic import apps, catalog, edge
from traffic.apps import GOOD
from traffic.cells import AS_GO_DOES, DRAINED, KEPT, MEASURED, ZERO, Bar, left, select


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


def test_what_stands_side_by_side_may_lose_nothing() -> None:
    cells = select(catalog.cells(), "beside/")
    assert {cell.stage.name for cell in cells} == {"beside/versions", "beside/environments"}
    assert {cell.bar for cell in cells} == {DRAINED}
    assert len(select(cells, "left and removed in one edit")) == 2


def test_what_is_left_is_played_again_with_what_it_goes_on_from() -> None:
    adopted = select(catalog.cells(), "adoption/blue-green, says close")
    others = select(catalog.cells(), "jobs/")
    assert len(adopted) == 2
    assert left([*adopted, *others], {adopted[0].name, *(cell.name for cell in others[1:])}) == [*adopted, others[0]]
    assert left(adopted, {cell.name for cell in adopted}) == []


def test_only_adopted_pods_that_leave_without_a_word_are_let_off() -> None:
    cells = select(catalog.cells(), "adoption/")
    assert {cell.stage.service["strategy"] for cell in cells} == {"blue-green", "rolling"}
    measured = [cell.name for cell in cells if str(cell.bar) == MEASURED]
    assert [name for name in measured if "without a word" not in name] == []
    assert len(measured) == 2
    assert {cell.bar.failed for cell in cells if cell.name not in measured} == {0}


@pytest.mark.parametrize(
    "service",
    [apps.side_by_side(), *(cell.stage.service for cell in select(catalog.cells(), "adoption/ or pods/"))],
    ids=lambda one: one["strategy"],
)
def test_the_configuration_of_a_stage_is_one_that_can_be(service: dict[str, Any]) -> None:
    assert parse("space", {"shop": service}).services["shop"].strategy == service["strategy"]


def test_pods_of_all_shapes_may_lose_nothing_and_each_port_gets_traffic() -> None:
    cells = select(catalog.cells(), "pods/")
    cells = [cell for cell in cells if cell.name.startswith("pods/")]
    assert {cell.bar for cell in cells} == {DRAINED}
    for cell in cells:
        service = parse("space", {"shop": cell.stage.service}).services["shop"]
        assert 1 + len(service.ports) == cell.stage.ports


def test_the_environments_of_a_stage_can_be() -> None:
    (stage,) = {cell.stage for cell in select(catalog.cells(), "beside/environments")}
    found = parse("space", None, environments=stage.environments).environments
    assert found is not None
    assert found.in_front == ("api", "shop")


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


def test_a_canary_through_a_gateway_may_lose_nothing_but_where_what_serves_is_killed() -> None:
    cells = [cell for cell in catalog.cells() if cell.stage.routed]
    assert len(cells) == 18
    assert {cell.scenario for cell in cells if cell.bar.failed} == {"new pods killed at each step"}
    assert {cell.scenario for cell in cells if cell.bar.raced and not cell.bar.failed} == {"gateway's pod replaced"}
    assert all(cell.stage.alone for cell in cells if "istiod" in cell.scenario or "gateway" in cell.scenario)
    for router in {cell.stage.routed for cell in cells if cell.stage.routed}:
        by = edge.route_by(Address("10.219.16.251"), router, "one.example")
        assert parse("space", {"shop": apps.blue_green(route=by)}).services["shop"].strategy == "blue-green"
