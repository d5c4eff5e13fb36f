"""A release that turns bad while its `up` still drains goes back then, not after it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cutover.engine.records import SERVICE, Outcome, Step
from cutover.errors import DriverError, GateRefused
from cutover.measure.records import Reading, Verdict
from cutover.operations.bake import early
from cutover.operations.bake.bake import BakeFailed
from cutover.operations.bake.bake_options import BakeOptions
from cutover.operations.command.run import Run
from cutover.operations.promote import promotion
from cutover.operations.up import change
from cutover.options import Options
from cutover.output.report import Report
from tests.patience import PATIENCE_SECONDS
from tests.unit.cutover.test_observe_routes import backends, route, shop
from tests.unit.cutover.test_promote_weight import TEXT

ASKED = BakeOptions(0.05, 0.01, True, (), None, (), 0)
SWITCHED = Step("done", op="update", type=SERVICE, urn="urn::shop", parent="urn::shop")


class Measured:
    """The one measurement: what it reads, and when it was first asked."""

    name, expectation, unit, indirect = "probe", "HTTP 200", "ms", False

    def __init__(self) -> None:
        self.outcome: Any = "passed"
        self.asked = threading.Event()

    def take(self) -> Reading:
        self.asked.set()
        return Reading(self.outcome, 1.0, f"it {self.outcome}")


class Played:
    """A promotion whose `up` is `during`, and what was done past the engine."""

    def __init__(self, path: Path) -> None:
        path.write_text(TEXT)
        self.run = Run("promote", path, Options(yes=True), Report())
        self.measured = Measured()
        self.sent_back: list[dict[str, str]] = []
        self.back = threading.Event()
        self.refuses: DriverError | None = None
        self.during: Callable[[], object] = lambda: None
        self.ups = 0
        self.run.__dict__["engine"] = SimpleNamespace(up=self._up)
        self.run.live = lambda: {"shop": shop(route(backends(0, 100)))}  # type: ignore[method-assign]

    def _up(self, _: str) -> Outcome:
        self.ups += 1
        if self.ups == 1:
            self.during()
        return Outcome({"update": 1}, ())

    def switch_back(self, _: Run, back: dict[str, str]) -> list[Any]:
        if self.refuses:
            self.back.set()
            raise self.refuses
        self.sent_back.append(back)
        self.back.set()
        return []

    def fails(self) -> BakeFailed:
        with pytest.raises(BakeFailed) as failed:
            promotion.cut_over(self.run, {"shop": "green"}, ASKED)
        return failed.value


@pytest.fixture
def played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Played]:
    made = Played(tmp_path / "Pulumi.dev.yaml")
    monkeypatch.setattr(early, "SETTLE_SECONDS", 0)
    monkeypatch.setattr(early, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(early, "access_of", lambda _: None)
    monkeypatch.setattr(early, "Api", lambda _: nullcontext())
    monkeypatch.setattr(early, "measurements_of", lambda *_: [made.measured])
    monkeypatch.setattr(change, "check_removals", lambda *_: None)
    for module in (early, promotion):
        monkeypatch.setattr(module, "switch_back", made.switch_back)
    monkeypatch.setattr(promotion, "note", lambda *_: None)
    yield made
    made.measured.asked.set()


def turns_bad(played: Played) -> None:
    """The switch, a good answer, a bad one; the `up` drains until the traffic is back."""
    played.run.steps.append(SWITCHED)
    assert played.measured.asked.wait(PATIENCE_SECONDS)
    played.measured.outcome = "failed"
    assert played.back.wait(PATIENCE_SECONDS)


def test_it_goes_back_while_the_up_is_under_way_and_records_that_after_it(played: Played) -> None:
    played.during = lambda: turns_bad(played)
    told = played.fails()
    assert "probe failed after" in told.what
    assert told.what.endswith("went back: shop to blue again, as Pulumi.dev.yaml says")
    assert played.sent_back == [{"shop": "blue"}]
    assert played.ups == 2
    assert played.run.file.path.read_text() == TEXT
    assert played.run.details.to_json()["bake"]["passed"] is False


def test_the_up_that_finds_the_service_moved_ends_and_that_is_no_error_of_its_own(played: Played) -> None:
    def during() -> None:
        turns_bad(played)
        raise GateRefused("blue is to become the standby, but the live Service still sends to it", "")

    played.during = during
    assert "probe failed after" in played.fails().what
    assert played.ups == 2


def test_where_it_cannot_go_back_at_once_it_is_tried_again_after_the_up(played: Played) -> None:
    def during() -> None:
        turns_bad(played)
        played.refuses = None

    played.during, played.refuses = during, GateRefused("blue has no ready pod", "")
    assert "went back: shop to blue" in played.fails().what
    assert played.sent_back == [{"shop": "blue"}]


def test_nothing_is_asked_before_the_switch(played: Played) -> None:
    def during() -> None:
        played.run.steps.append(Step("begins", op="update", type=SERVICE, urn="urn::shop"))
        played.run.steps.append(Step("done", op="same", type=SERVICE, urn="urn::shop"))
        assert not played.measured.asked.wait(0.2)
        raise GateRefused("shop: not ready", "")

    played.during = during
    with pytest.raises(GateRefused, match="not ready"):
        promotion.cut_over(played.run, {"shop": "green"}, ASKED)
    assert played.sent_back == []


def test_no_way_back_begins_once_the_up_has_ended(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promotion, "watch", lambda *_: Verdict(passed=True, reason="", seconds=0.0))

    def during() -> None:
        played.run.steps.append(SWITCHED)
        assert played.measured.asked.wait(PATIENCE_SECONDS)

    played.during = during
    assert promotion.cut_over(played.run, {"shop": "green"}, ASKED).exit_code == 0
    played.measured.outcome = "failed"
    assert not played.back.wait(0.2)


def test_past_a_release_that_forbids_it_nobody_goes_back_early(played: Played) -> None:
    path = played.run.file.path
    path.write_text(TEXT.replace("1.1.0, build: 1,", "1.1.0, build: 1, rollback: forbidden,"))
    assert "rollback: forbidden" in path.read_text()
    played.run = Run("promote", path, Options(yes=True), Report())
    played.run.__dict__["engine"] = SimpleNamespace(up=played._up)
    played.run.live = lambda: {"shop": shop(route(backends(0, 100)))}  # type: ignore[method-assign]
    decided = early.EarlySwitchWatch(played.run, {"shop": "green"}, ASKED)
    with decided:
        played.run.steps.append(SWITCHED)
        played.measured.outcome = "failed"
        assert not played.back.wait(1)
        assert decided.verdict
    assert not decided.is_back
