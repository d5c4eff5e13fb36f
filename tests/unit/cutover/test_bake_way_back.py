"""The way back after a failed bake, where the stack's file was edited meanwhile, is locked or was not committed."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cutover.engine.records import Outcome
from cutover.errors import ClusterUnreachable, DriverError, GateRefused, StackLocked, UsageError
from cutover.measure import Verdict
from cutover.operations.bake.bake import BakeFailed
from cutover.operations.bake.bake_options import BakeOptions
from cutover.operations.command.run import Run
from cutover.operations.promote import promotion
from cutover.operations.release import watched as watching
from cutover.operations.up import change, way_back
from cutover.operations.up.commit import NotCommitted
from cutover.options import Options
from cutover.output.report import Report
from cutover.output.result import Result
from cutover.stackfile.lock import held
from tests.unit.cutover.test_observe_routes import backends, route, shop

TEXT = """\
config:
  cutover:namespace: shop
  cutover:services:
    shop:
      strategy: blue-green
      active: blue  # the color that serves
      blue: {version: 1.0.0, build: 1, image: 'shop:1'}
      green: {version: 1.1.0, build: 1, image: 'shop:2'}
    app:
      strategy: rolling
      port: 80
      release: {version: 1.0.0, build: 1, image: 'app:1'}  # what runs
"""
GREEN = TEXT.replace("active: blue", "active: green")
NEW = {"version": "2.0.0", "build": 2, "image": "app:2"}
BAD = Verdict(passed=False, reason="probe: HTTP 500", seconds=2.0)
GOOD = Verdict(passed=True, reason="", seconds=2.0)
ASKED = BakeOptions(60.0, 1.0, True, (), None, (), 0)
EDIT = "    cart: {port: 80}  # by somebody else\n"
SET_IT = (
    "set cutover:services.shop.active to blue in Pulumi.dev.yaml, then `cutover up`; "
    "until then each `up` sends the traffic to green again"
)


class Played:
    """A stack whose bake ends as `verdict` says, after `meanwhile` was done. The second `up` fails where it is told."""

    def __init__(self, path: Path) -> None:
        self.path, self.verdict = path, BAD
        self.meanwhile: Callable[[], object] = lambda: None
        self.ups: list[str] = []
        self.notes: list[tuple[str, str]] = []
        self.up_fails: DriverError | None = None
        self.away: DriverError | None = None
        self.live = "blue"
        self.run: Any

    def append(self, text: str) -> None:
        self.meanwhile = lambda: self.path.write_text(self.path.read_text() + text)

    def _begin(self, options: dict[str, Any]) -> Run:
        self.path.write_text(TEXT)
        self.run = run = Run("promote", self.path, Options(yes=True, **options), Report())
        run.__dict__["engine"] = SimpleNamespace(up=self._up)
        self.run.live = self._live
        return run

    def _live(self) -> dict[str, Any]:
        if self.away:
            raise self.away
        runs = SimpleNamespace(release="2.0.0 build 2")
        app = SimpleNamespace(live_color=None, colors={"release": runs}, forbidden=lambda _: None)
        return {"shop": replace(shop(route(backends(0, 100))), live_color=self.live), "app": app}

    def _up(self, message: str) -> Outcome:
        self.ups.append(message)
        if self.up_fails and len(self.ups) > 1:
            raise self.up_fails
        return Outcome({"update": 1}, ())

    def watch(self, *_: Any) -> Verdict:
        self.meanwhile()
        return self.verdict

    def promote(self, **options: Any) -> Result:
        return promotion.cut_over(self._begin(options), {"shop": "green"}, ASKED)

    def roll(self, **options: Any) -> Result:
        run = self._begin(options)

        def out() -> Result:
            path = run.view.services["app"].slot_path("release")
            change.change(run, {(*path, key): value for key, value in NEW.items()}, {}, "release app")
            return Result("release", "dev", 0, True, ())

        return watching.watched(run, run.view.services["app"], ASKED, out)


def fails(work: Callable[..., Result], **options: Any) -> list[str]:
    """The lines of the bake's failure, the fix as the last."""
    with pytest.raises(BakeFailed) as failed:
        work(**options)
    assert failed.value.exit_code == 1
    reason, *lines = failed.value.what.splitlines()
    assert reason == BAD.reason
    return [*lines, failed.value.fix]


@pytest.fixture
def played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Played:
    made = Played(tmp_path / "Pulumi.dev.yaml")
    early = nullcontext(SimpleNamespace())
    early.verdict = None  # type: ignore[attr-defined]
    monkeypatch.setattr(change, "check_removals", lambda *_: None)
    monkeypatch.setattr(way_back, "LOCK_SECONDS", 0)
    monkeypatch.setattr(promotion, "EarlySwitchWatch", lambda *_: early)
    monkeypatch.setattr(promotion, "switch_back", lambda *_: None)
    monkeypatch.setattr(promotion, "note", lambda _run, kind, _names, _of, why: made.notes.append((kind, why)))
    monkeypatch.setattr(watching, "EarlyRolloutWatch", lambda *_: early)
    monkeypatch.setattr(watching, "rehearse", lambda *_: None)
    for module in (promotion, watching):
        monkeypatch.setattr(module, "watch", made.watch)
    return made


def test_what_somebody_else_wrote_meanwhile_stays_and_the_way_back_is_written_on_top(played: Played) -> None:
    played.append(EDIT)
    assert fails(played.promote)[0] == "went back: shop to blue again, as Pulumi.dev.yaml says"
    assert played.path.read_text() == TEXT + EDIT
    assert played.ups[1].startswith("roll back shop to blue")
    assert played.notes == [("reverted", BAD.reason)]


def test_a_rollout_goes_back_on_top_of_it_as_well(played: Played) -> None:
    played.append(EDIT)
    assert fails(played.roll)[0] == "went back: app to 1.0.0 build 1 again, as Pulumi.dev.yaml says"
    assert played.path.read_text() == TEXT + EDIT
    assert len(played.ups) == 2


def test_where_somebody_else_went_back_already_that_is_brought_up(played: Played) -> None:
    played.meanwhile = lambda: played.path.write_text(TEXT)
    assert fails(played.promote)[0].startswith("went back: shop to blue again")
    assert (played.path.read_text(), len(played.ups)) == (TEXT, 2)


def test_a_lock_that_is_held_for_long_is_told_with_what_serves_and_what_the_file_has(played: Played) -> None:
    locked = held(played.path)
    played.meanwhile = locked.__enter__
    try:
        lines = fails(played.promote)
    finally:
        locked.__exit__(None, None, None)
    assert lines == [
        "not recorded: another `cutover` works on Pulumi.dev.yaml on this machine",
        "shop: Pulumi.dev.yaml has green active, blue is live",
        f"wait until it has ended; `cutover status`; {SET_IT}",
    ]
    assert (played.path.read_text(), len(played.ups)) == (GREEN, 1)
    assert played.notes == [("reverted", BAD.reason)]


def test_a_lock_that_is_let_go_of_is_waited_for(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = held(played.path)
    played.meanwhile = locked.__enter__
    monkeypatch.setattr(way_back, "LOCK_SECONDS", 60)
    monkeypatch.setattr(way_back, "sleep", lambda _: locked.__exit__(None, None, None))
    assert fails(played.promote)[0].startswith("went back: shop to blue again")
    assert played.path.read_text() == TEXT


def test_a_rollout_that_cannot_go_back_says_that_the_bad_release_serves_on(played: Played) -> None:
    locked = held(played.path)
    played.meanwhile = locked.__enter__
    try:
        lines = fails(played.roll)
    finally:
        locked.__exit__(None, None, None)
    assert lines == [
        "not gone back: another `cutover` works on Pulumi.dev.yaml on this machine",
        "app: Pulumi.dev.yaml has 2.0.0 build 2, 2.0.0 build 2 runs",
        "wait until it has ended; `cutover status`; `cutover rollback app` goes to 1.0.0 build 1; until then the bad "
        "release stays",
    ]


@pytest.mark.parametrize(
    ("text", "why", "has"),
    [
        ("config: [", "not recorded: Pulumi.dev.yaml cannot be read", "Pulumi.dev.yaml cannot be read, blue is live"),
        (
            GREEN.replace("    shop:", "    store:"),
            "not recorded: shop: Pulumi.dev.yaml has nothing now, where this command left green",
            "shop: Pulumi.dev.yaml has nothing active, blue is live",
        ),
    ],
    ids=["no YAML", "another key"],
)
def test_a_key_that_somebody_else_changed_is_left_to_him(played: Played, text: str, why: str, has: str) -> None:
    played.meanwhile = lambda: played.path.write_text(text)
    lines = fails(played.promote)
    assert lines[0].startswith(why)
    assert has in lines[1]
    assert "set cutover:services.shop.active to blue in Pulumi.dev.yaml, then `cutover up`" in lines[-1]
    assert played.path.read_text() == text
    assert played.notes == [("reverted", BAD.reason)]


def test_the_up_of_the_way_back_that_fails_keeps_the_reason_and_what_is_written_already(played: Played) -> None:
    played.up_fails = StackLocked("the stack is currently locked", "wait")
    lines = fails(played.promote)
    assert lines[0] == "not recorded: the stack is currently locked"
    assert lines[-2:] == [
        "shop: Pulumi.dev.yaml has blue active, blue is live",
        "wait; `cutover up` carries the way back to its end",
    ]
    assert played.path.read_text() == TEXT


def test_a_release_that_still_serves_is_not_told_as_gone_back_from(played: Played) -> None:
    played.up_fails, played.live = GateRefused("blue is not ready", "mend it"), "green"
    lines = fails(played.promote)
    assert lines[0] == "not gone back: blue is not ready"
    assert lines[-2] == "shop: Pulumi.dev.yaml has blue active, green is live"


def test_a_cluster_that_does_not_answer_at_the_end_is_said(played: Played) -> None:
    played.up_fails = played.away = ClusterUnreachable("no answer")
    assert "what serves is not known" in "\n".join(fails(played.promote))
    played.ups.clear()
    assert "what serves is not known" in "\n".join(fails(played.roll))


def no_commit(path: Path, message: str) -> str:
    raise NotCommitted(f"the change is live, but {path.name} could not be committed: no identity", f"git: {message}")


def test_what_could_not_be_committed_is_watched_all_the_same(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change, "check_repository", lambda _: None)
    monkeypatch.setattr(change, "commit_file", no_commit)
    assert fails(played.promote, commit=True)[:2] == [
        "went back: shop to blue again, as Pulumi.dev.yaml says",
        "the change is live, but Pulumi.dev.yaml could not be committed: no identity",
    ]
    assert played.path.read_text() == TEXT
    played.ups.clear()
    assert fails(played.roll, commit=True)[0].startswith("went back: app")
    played.verdict = GOOD
    for work in (played.promote, played.roll):
        with pytest.raises(NotCommitted) as ended:
            work(commit=True)
        assert ended.value.what.splitlines()[0].endswith("could not be committed: no identity")
        assert ended.value.what.splitlines()[-1] == "watched for 2 s:"
        assert (ended.value.exit_code, ended.value.fix[:5]) == (1, "git: ")


def test_what_somebody_else_did_not_commit_is_not_committed_with_the_way_back(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed: list[str] = []

    def check(path: Path) -> None:
        if EDIT in path.read_text():
            raise UsageError("--commit: Pulumi.dev.yaml has changes that are not committed", "commit them")

    monkeypatch.setattr(change, "check_repository", check)
    monkeypatch.setattr(way_back, "check_repository", check)
    monkeypatch.setattr(change, "commit_file", lambda _, message: committed.append(message))
    played.append(EDIT)
    assert fails(played.promote, commit=True)[:2] == [
        "went back: shop to blue again, as Pulumi.dev.yaml says",
        "not committed: Pulumi.dev.yaml has changes that are not committed",
    ]
    assert len(committed) == 1
    assert played.path.read_text() == TEXT + EDIT
