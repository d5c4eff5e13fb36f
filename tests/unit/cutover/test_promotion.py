"""A cutover whose bake fails: where it goes back to, and what the stack's file says then."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cutover.engine.records import Outcome
from cutover.measure import Verdict
from cutover.operations.bake.bake import BakeFailed
from cutover.operations.bake.bake_options import BakeOptions
from cutover.operations.command.run import Run
from cutover.operations.promote import promotion
from cutover.operations.up import change
from cutover.options import Options
from cutover.output.report import Report
from tests.unit.cutover.test_observe_routes import backends, route, shop
from tests.unit.cutover.test_promote_weight import TEXT, WITH_10

BAD = Verdict(passed=False, reason="errors failed after 2.0 s: 0.2, wanted < 0.01", seconds=2.0)
ASKED = BakeOptions(60.0, 1.0, True, (), None, (), 0)
SENT_BACK: list[dict[str, str]] = []


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A promotion whose bake fails, with an engine that does all it is told."""
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(WITH_10)
    made = Run("promote", path, Options(yes=True), Report())
    made.__dict__["engine"] = SimpleNamespace(up=lambda _: Outcome({"update": 1}, ()))
    made.live = lambda: {"shop": shop(route(backends(0, 100)))}  # type: ignore[method-assign]
    SENT_BACK.clear()
    monkeypatch.setattr(change, "check_removals", lambda *_: None)
    monkeypatch.setattr(promotion, "watch", lambda *_: BAD)
    monkeypatch.setattr(promotion, "switch_back", lambda _, back: SENT_BACK.append(back))
    monkeypatch.setattr(promotion, "note", lambda *_: None)
    return made


def fails(run: Run, color: str) -> Any:
    with pytest.raises(BakeFailed) as failed:
        promotion.cut_over(run, {"shop": color}, ASKED)
    return failed.value


def test_a_bad_release_does_not_get_the_share_back_that_it_had_before(run: Run) -> None:
    told = fails(run, "green")
    assert told.what.endswith("went back: shop to blue again, as Pulumi.dev.yaml says")
    assert SENT_BACK == [{"shop": "blue"}]
    assert run.file.path.read_text() == TEXT


def test_a_cutover_that_was_only_carried_to_its_end_goes_back_to_the_other_color(run: Run) -> None:
    run.file.path.write_text(TEXT.replace("active: blue\n      blue:", "active: green\n      blue:"))
    again = Run("promote", run.file.path, Options(yes=True), Report())
    again.__dict__["engine"], again.live = run.engine, run.live  # type: ignore[method-assign]
    assert "went back: shop to blue again" in fails(again, "green").what
    assert run.file.path.read_text() == TEXT


def test_where_the_other_color_has_no_release_the_bad_one_stays_and_that_is_said(run: Run) -> None:
    only_green = TEXT.replace("active: blue\n      blue:", "active: green\n      #blue:")
    run.file.path.write_text(only_green)
    again = Run("promote", run.file.path, Options(yes=True), Report())
    again.__dict__["engine"], again.live = run.engine, run.live  # type: ignore[method-assign]
    assert "not gone back: shop: blue has no release; Pulumi.dev.yaml stays as it is" in fails(again, "green").what
    assert (SENT_BACK, run.file.path.read_text()) == ([], only_green)
