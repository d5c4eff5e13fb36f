"""`release --roll-out --bake`: the watch of a rollout, and the way back by itself."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cutover.errors import DriverError, GateRefused, UsageError
from cutover.measure import Verdict
from cutover.operations.bake.bake import BakeBlind, BakeFailed
from cutover.operations.command.run import Run
from cutover.operations.promote.promote_after import PromoteOptions
from cutover.operations.release import watched as module
from cutover.operations.release.watched import watched
from cutover.operations.up import way_back
from cutover.options import Options
from cutover.output.report import Report
from cutover.output.result import Result
from tests.unit.cutover.objects import rolling, view

TEXT = """\
config:
  cutover:namespace: shop
  cutover:services:
    app:
      strategy: rolling
      port: 80
      release: {version: 1.0.0, build: 1, image: 'app:1'}
"""
NEW = {"version": "2.0.0", "build": 2, "image": "app:2"}
PATH = ("cutover:services", "app", "release")


def verdict(*, passed: bool, blind: bool = False) -> Verdict:
    return Verdict(passed=passed, reason="" if passed else "probe: HTTP 500", seconds=5.0, blind=blind)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A rollout that only edits the file, and what was asked in `done`."""
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(TEXT)
    made: Any = Run("release", path, Options(yes=True), Report())
    made.done = []
    monkeypatch.setattr(module, "rehearse", lambda _job, before, _: made.done.append(("rehearse", before)))
    monkeypatch.setattr(way_back, "change_held", lambda _job, wanted, _to, said: made.done.append((wanted, said)))
    monkeypatch.setattr("cutover.operations.bake.bake.dead", lambda *_, **__: made.outage)
    monkeypatch.setattr(made, "live", lambda: {"app": SimpleNamespace(forbidden=lambda _: made.limit)})
    made.outage, made.limit = "", None
    run: Run = made
    return run


def roll(run: Any, found: Verdict, monkeypatch: pytest.MonkeyPatch, *, changed: bool = True) -> Result:
    def roll_out() -> Result:
        run.file.set({(*PATH, key): value for key, value in NEW.items()})
        return Result("release", "dev", 0, changed, ("app: 2.0.0 build 2 is out",))

    monkeypatch.setattr(module, "watch", lambda *_: found)
    options = PromoteOptions(wanted=False, after_seconds=0, bake_seconds=60).bake
    assert options
    return watched(run, run.view.services["app"], options, roll_out)


def test_a_release_that_holds_stays_with_what_was_seen(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    done = roll(run, verdict(passed=True), monkeypatch)
    assert done.lines == ("app: 2.0.0 build 2 is out", "watched for 5 s:")
    assert done.details.to_json()["bake"]["passed"] is True
    assert run.done == [("rehearse", {"app": "release"})]


def test_one_that_turns_bad_goes_back_to_the_release_before(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BakeFailed) as failed:
        roll(run, verdict(passed=False), monkeypatch)
    wanted, message = run.done[-1]
    assert wanted == {PATH: {"version": "1.0.0", "build": 1, "image": "app:1"}}
    assert message == "roll back app to 1.0.0 build 1: probe: HTTP 500"
    said = "probe: HTTP 500\nwent back: app to 1.0.0 build 1 again, as Pulumi.dev.yaml says"
    assert failed.value.what == said
    assert run.details.to_json()["reverted"] == {"app": "1.0.0 build 1"}


def test_one_that_forbids_the_way_back_stays_and_that_is_said(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run.limit = "2.0.0 build 2"
    with pytest.raises(BakeFailed, match=r"not gone back: app: 2\.0\.0 build 2 forbids a rollback past it"):
        roll(run, verdict(passed=False), monkeypatch)
    assert len(run.done) == 1


def test_what_could_not_be_measured_is_no_answer_unless_no_pod_is_ready(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BakeBlind, match="nothing was taken back"):
        roll(run, verdict(passed=False, blind=True), monkeypatch)
    assert len(run.done) == 1
    run.outage = "no pod of release 2.0.0 build 2 is ready"
    with pytest.raises(BakeFailed, match=r"no pod of release 2\.0\.0 build 2 is ready; probe: HTTP 500\nwent back"):
        roll(run, verdict(passed=False, blind=True), monkeypatch)


@pytest.mark.parametrize(("half", "raised"), [(True, BakeFailed), (False, DriverError)])
def test_a_rollout_that_does_not_get_through_goes_back_where_it_left_something(
    run: Any, half: bool, raised: type[DriverError]
) -> None:
    """The file has the release before again by then; the cluster may not."""
    differences, completed = (("another release",), False) if half else ((), True)
    seen = SimpleNamespace(forbidden=lambda _: None, differences=differences, completed=completed)
    run.live = lambda: {"app": seen}

    def stuck() -> Result:
        raise DriverError("app: the rollout to 2-0-0-b2 did not get through", "")

    options = PromoteOptions(wanted=False, after_seconds=0, bake_seconds=60).bake
    assert options
    with pytest.raises(raised) as failed:
        watched(run, run.view.services["app"], options, stuck)
    assert ("went back: app to 1.0.0 build 1 again" in failed.value.what) is half
    assert (len(run.done) == 2) is half


def test_a_gate_that_refused_left_nothing_to_go_back_from(run: Any) -> None:
    def refused() -> Result:
        raise GateRefused("app: GET / failed its smoke check", "")

    options = PromoteOptions(wanted=False, after_seconds=0, bake_seconds=60).bake
    assert options
    with pytest.raises(GateRefused):
        watched(run, run.view.services["app"], options, refused)
    assert len(run.done) == 1


def test_nothing_is_watched_where_nothing_was_rolled_out(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert roll(run, verdict(passed=False), monkeypatch, changed=False).changed is False


def test_a_bake_is_of_what_has_a_port() -> None:
    services = view(app=rolling(port=80), queue=rolling(port=None)).services
    asked = PromoteOptions(wanted=False, after_seconds=0, bake_seconds=60)
    asked.check(services["app"])
    with pytest.raises(UsageError, match="--bake has nothing to measure: queue has no port"):
        asked.check(services["queue"])
    with pytest.raises(UsageError, match="--after is of a promotion"):
        PromoteOptions(wanted=False, after_seconds=5, bake_seconds=60).check(services["app"])
