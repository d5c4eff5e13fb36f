"""The driver has the engine look where an object is missing, and only there."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cutover.engine.records import Outcome
from cutover.errors import Interrupted, Missing
from cutover.observe import ColorStatus, ServiceStatus
from cutover.operations.command.run import Run
from cutover.operations.up.bring_up import bring_up
from cutover.operations.up.change import change
from cutover.operations.up.missing import preview, with_live_services
from cutover.options import Options
from cutover.output.report import Report

GONE = Missing("shop: service/shop is not in the cluster any more\n    why: …")


class Engine:
    """Ends with Missing until it is told to refresh; `there` where nothing is missing."""

    def __init__(self, *, there: bool = False) -> None:
        self.there, self.ran = there, list[str]()

    def up(self, _: str, *, refresh: bool = False) -> Outcome:
        return self._run("up", refresh=refresh)

    def preview(self, _: Path | None, *, refresh: bool = False) -> Outcome:
        return self._run("preview", refresh=refresh)

    def _run(self, verb: str, *, refresh: bool) -> Outcome:
        self.ran.append(f"{verb} refresh" if refresh else verb)
        self.there = self.there or refresh
        if not self.there:
            raise GONE
        return Outcome({"same": 1}, ())


def make(tmp_path: Path, service: str = "shop: {active: blue}", **engine: bool) -> tuple[Run, Engine]:
    (tmp_path / "Pulumi.yaml").write_text("name: cutover\n")
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(f"config:\n  cutover:services:\n    {service}\n")
    run, made = Run("up", path, Options(yes=True), Report()), Engine(**engine)
    run.__dict__["engine"] = made
    return run, made


@pytest.mark.parametrize(("there", "ran"), [(True, ["up"]), (False, ["up", "up refresh"])])
def test_an_up_is_run_again_with_a_refresh_where_something_is_missing(
    tmp_path: Path, there: bool, ran: list[str]
) -> None:
    run, engine = make(tmp_path, there=there)
    change(run, {}, {}, "up")
    assert engine.ran == ran


def test_a_release_that_a_killed_run_left_waiting_is_told_with_the_command_that_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cutover.operations.up.bring_up.tell_leftovers", lambda _: None)
    run, _ = make(tmp_path, there=True)
    live = ColorStatus("blue", "1.0.0 build 1", "1-0-0-b1", "live", 2, 2)
    waits = ColorStatus("green", "2.0.0 build 1", "2-0-0-b1", "preview", 2, 2)
    seen = {
        "shop": ServiceStatus("shop", "blue-green", "blue", "blue", "1-0-0-b1", True, {"blue": live, "green": waits})
    }
    monkeypatch.setattr(run, "live", lambda: seen)
    nothing, waiting = bring_up(run, ()).lines
    assert "nothing to do" in nothing
    assert waiting == "shop: 2.0.0 build 1 on green waits to be promoted: `cutover promote shop` sends it the traffic"
    seen = {"shop": replace(seen["shop"], colors={"blue": live})}
    assert bring_up(run, ()).lines == (nothing,)


def test_what_a_live_service_takes_along_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, _ = make(tmp_path, "shop: {strategy: blue-green, active: blue}\n    shop-blue: {strategy: rolling}")
    change(run, {}, {}, "up")
    assert run.details.notes_lost == ["shop"]
    assert "with service/shop went what was noted on it" in capsys.readouterr().out


def test_of_another_service_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GONE, "what", "shop: service/shop-blue, deployment/shop are not in the cluster any more")
    run, _ = make(tmp_path, "shop: {strategy: blue-green, active: blue}\n    shop-blue: {strategy: rolling}")
    change(run, {}, {}, "up")
    assert run.details.notes_lost is None


def test_a_preview_too(tmp_path: Path) -> None:
    run, engine = make(tmp_path)
    preview(run)
    assert engine.ran == ["preview", "preview refresh"]


def test_it_is_not_run_again_once_the_user_stopped_it(tmp_path: Path) -> None:
    run, engine = make(tmp_path)
    run.stopping.set()
    with pytest.raises(Interrupted):
        preview(run)
    assert engine.ran == ["preview"]


def test_a_verb_that_moves_traffic_first_has_a_missing_live_service_made(tmp_path: Path) -> None:
    run, engine = make(tmp_path)
    blue = ColorStatus("blue", "1.0.0 build 1", "1-0-0-b1", "preview", 2, 2)

    def look() -> Any:
        color = "blue" if engine.there else None
        found = ServiceStatus("shop", "blue-green", "blue", color, None, True, {"blue": blue})
        return run.remember({"shop": found, "cart": SimpleNamespace(live_color=None, colors={})})  # type: ignore[dict-item]

    run.live = look  # type: ignore[method-assign]
    assert with_live_services(run, ["shop"])["shop"].live_color == "blue"
    assert engine.ran == ["up", "up refresh"]
    assert run.before["shop"] == "blue"


def test_what_was_never_deployed_is_left_alone(tmp_path: Path) -> None:
    run, engine = make(tmp_path)
    found = ServiceStatus("shop", "blue-green", "blue", None, None, False, {})
    run.live = lambda: {"shop": found}  # type: ignore[method-assign]
    assert with_live_services(run, ["shop"])["shop"].live_color is None
    assert engine.ran == []


def test_a_rolling_service_has_no_live_color_and_lacks_nothing(tmp_path: Path) -> None:
    run, engine = make(tmp_path, "app: {strategy: rolling, release: {version: '1'}}")
    found = ServiceStatus("app", "rolling", None, None, None, False, {"release": SimpleNamespace(role="live")})  # type: ignore[dict-item]
    run.live = lambda: {"app": found}  # type: ignore[method-assign]
    assert with_live_services(run, ["app"]) == {"app": found}
    assert engine.ran == []
