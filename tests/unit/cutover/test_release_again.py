"""`release` of what the file has active already: a pipeline that runs once more, also after a run that was killed."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cutover.errors import DriftFound, UsageError
from cutover.observe.judge import judge
from cutover.observe.records import ServiceStatus
from cutover.operations.command.run import Run
from cutover.operations.release import release as module
from cutover.options import Options
from cutover.output.report import Report
from cutover.output.result import Result
from tests.unit.cutover.objects import V1, V2, blue_green, deployment, pods, service, view
from tests.unit.cutover.test_observe import status

TEXT = f"""\
config:
  cutover:namespace: shop
  cutover:services:
    shop:
      strategy: blue-green
      active: green
      port: 80
      blue: {V1}
      green: {V2}
"""


class Played:
    """A stack whose file has V2 active on green, and what was done to it."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch, text: str = TEXT) -> None:
        path.write_text(text)
        self.run = Run("release", path, Options(yes=True), Report())
        self.changes: list[tuple[Any, Any]] = []
        monkeypatch.setattr(module, "change", lambda _, wanted, to, __: self.changes.append((wanted, to)))

    def again(self, seen: ServiceStatus, *, promote: bool = False, secret: tuple[str, ...] = ()) -> Result:
        self.run.live = lambda: {"shop": seen}  # type: ignore[method-assign]
        given: dict[str, Any] = {"like_live": False, "roll_out": False, "pin": False, "promote": promote}
        return module.release(self.run, "shop", dict(V2), secret=list(secret), **given)


@pytest.fixture
def played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Played:
    return Played(tmp_path / "Pulumi.test.yaml", monkeypatch)


def serving(color: str, *, completed: bool = True) -> ServiceStatus:
    """A cluster with both releases, one of which takes the traffic."""
    both = [deployment("blue", V1), deployment("green", V2, minutes=40)]
    found = [*pods("blue", V1), *pods("green", V2)]
    live = service(color=color, release=V1 if color == "blue" else V2, completed=completed)
    return status(blue_green(active="green"), [live], both, found)


@pytest.mark.parametrize("promote", [False, True])
def test_what_serves_is_live_already(played: Played, promote: bool) -> None:
    done = played.again(serving("green"), promote=promote)
    assert (done.changed, done.lines) == (False, ("shop: green is already live with 1.1.0 build 1; nothing to do",))
    assert played.changes == []
    assert "release" not in done.details.to_json()


def test_what_does_not_serve_is_not_told_as_live(played: Played) -> None:
    with pytest.raises(DriftFound, match=r"blue takes the traffic, and Pulumi\.test\.yaml says green; a release would"):
        played.again(serving("blue"))
    assert played.changes == []


@pytest.mark.parametrize(("color", "completed"), [("blue", True), ("blue", False), ("green", False)])
def test_a_promotion_that_was_killed_goes_on(played: Played, color: str, completed: bool) -> None:
    done = played.again(serving(color, completed=completed), promote=True)
    assert "has green 1.1.0 build 1 active, and that was not carried to its end" in done.lines[0]
    assert done.details.to_json()["release"]["version"] == "1.1.0", "so the promotion follows"
    assert played.changes == []


@pytest.mark.parametrize(("promote", "then"), [(False, "; nothing to do"), (True, "")])
def test_one_that_waits_beside_is_not_made_again_and_may_have_something_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, promote: bool, then: str
) -> None:
    played = Played(tmp_path / "Pulumi.test.yaml", monkeypatch, TEXT.replace("active: green", "active: blue"))
    monkeypatch.setattr(module, "change", lambda *_: SimpleNamespace(changed=False))
    seen = status(blue_green(), [service(color="blue", release=V1)], [deployment("blue", V1)], pods("blue", V1))
    done = played.again(seen, promote=promote)
    assert (done.changed, done.lines) == (False, (f"shop: green has 1.1.0 build 1 already{then}",))
    assert done.details.to_json()["release"]["version"] == "1.1.0", "a promotion has it"


def test_a_cutover_that_was_killed_in_its_drain_is_carried_to_its_end(played: Played) -> None:
    done = played.again(serving("green", completed=False))
    assert (done.changed, done.lines) == (True, ("shop: green 1.1.0 build 1 is live",))
    assert played.changes == [({}, {"shop": "green"})]


@pytest.mark.parametrize("promote", [False, True])
def test_what_is_not_there_is_made(played: Played, promote: bool) -> None:
    nothing = judge(view(shop=blue_green(active="green")), {})["shop"]
    done = played.again(nothing, promote=promote)
    assert (done.changed, played.changes) == (True, [({}, {"shop": "green"})])
    assert "release" not in done.details.to_json(), "it serves: nothing is to be promoted"


@pytest.mark.parametrize("promote", [False, True])
@pytest.mark.parametrize("other", [{"release": "1.0.0 build 9"}, {"image": "shop:other"}])
def test_another_release_on_that_color_is_not_taken_for_it(
    played: Played, other: dict[str, str], promote: bool
) -> None:
    seen = serving("green")
    colors = {**seen.colors, "green": replace(seen.colors["green"], **other)}  # type: ignore[arg-type]
    played.again(replace(seen, colors=colors), promote=promote)
    assert played.changes == [({}, {"shop": "green"})]


def test_other_secrets_are_refused_before_anything_is_asked(played: Played) -> None:
    with pytest.raises(UsageError, match="with other secrets"):
        played.again(serving("green"), secret=("A=a-2",))


def test_a_build_of_nobody_s_choice_is_not_that_of_a_kept_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = "      keep: 2\n      kept: [{version: 1.2.0, build: 4, image: 'shop:old'}]\n"
    played = Played(tmp_path / "Pulumi.test.yaml", monkeypatch, TEXT + kept)
    monkeypatch.setattr(module, "change", lambda *_: SimpleNamespace(changed=True))
    played.run.live = lambda: {"shop": serving("green")}  # type: ignore[method-assign]
    new: dict[str, Any] = {"version": "1.2.0", "build": None, "image": "shop:new"}
    module.release(played.run, "shop", new, secret=[], like_live=False, roll_out=False, pin=False, promote=False)
    assert new["build"] == 5
