"""What the dashboard asks the engine, and when: after something moved, after an edit came to rest, and never twice."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cutover.operations.command.kept import keep
from cutover.operations.dashboard import scout as scouts
from cutover.operations.dashboard.scout import Scout
from cutover.operations.history.updates import rows
from cutover.pages.stack import Plan, StackPage
from tests.unit.cutover.released import cluster, document, refused, seen, stack, updates

Json = dict[str, Any]
PAGE = StackPage("stack-0", "test", "shop")
VIEW = stack()


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the clock says, in a list so that a test may turn it."""
    now = [1000.0]
    monkeypatch.setattr(scouts, "monotonic", lambda: now[0])
    return now


class Asked(Scout):
    """A scout whose engine says what the test wants."""

    def __init__(self, *, plans: bool = False) -> None:
        super().__init__([VIEW.path], plans=plans, attended=lambda: True)
        self.questions: list[str] = []
        self.answers: dict[str, tuple[Json | None, str]] = {
            "history": (json.loads(json.dumps({"updates": rows(updates())})), ""),
            "plan": ({"message": "shop (blue-green)\n  live  blue"}, ""),
        }

    def _ask(self, path: Path, verb: str, *words: str) -> tuple[Json | None, str]:
        self.questions.append(verb)
        return self.answers[verb]

    def look(self, **notes: str) -> StackPage:
        return self.add(PAGE, VIEW, seen(cluster(**notes), VIEW))


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


def test_the_history_is_asked_for_at_first_and_again_after_something_moved(time: list[float]) -> None:
    scout = Asked()
    assert scout.look().note == "The history is being read."
    scout.step()
    assert [entry.number for entry in scout.look().entries] == [4, 3, 2, 1]
    time[0] += 100.0
    scout.step()
    assert scout.questions == ["history"]  # nothing moved

    scout.look(refused=refused())
    scout.step()
    assert scout.questions == ["history"]  # an update is in the history only once it has ended
    for seconds in (*scouts.AGAIN_SECONDS, 100.0):
        time[0] = 1100.0 + seconds
        scout.look(refused=refused())
        scout.step()
    assert scout.questions == ["history"] * (1 + len(scouts.AGAIN_SECONDS))


def test_a_history_that_gives_no_answer_leaves_what_there_was(time: list[float]) -> None:
    scout = Asked()
    scout.answers["history"] = (None, "there is no `pulumi` on the PATH")
    scout.look()
    time[0] += 2
    scout.step()
    assert scout.look().note == "The history gives no answer: there is no `pulumi` on the PATH"
    scout.answers["history"] = ({"updates": rows(updates())}, "")
    time[0] += scouts.RETRY_SECONDS
    scout.step()
    scout.answers["history"] = (None, "away again")
    scout.look(refused=refused())
    time[0] += 100
    scout.step()
    assert scout.questions == ["history"] * 3
    assert len(scout.look(refused=refused()).entries) == 4


def test_a_plan_is_made_once_the_edit_came_to_rest_and_is_gone_with_it(
    time: list[float],
) -> None:
    scout = Asked(plans=True)
    assert scout.look().plan is None
    scout.step()
    assert scout.questions == ["history"]
    time[0] += scouts.QUIET_SECONDS
    scout.step()
    scout.step()
    assert scout.questions == ["history", "plan"]
    assert scout.look().plan == Plan(("shop (blue-green)", "  live  blue"))
    calm = {name: replace(status, differences=()) for name, status in seen(cluster(), VIEW).items()}
    assert scout.add(PAGE, VIEW, calm).plan is None
    scout.answers["plan"] = (None, "the stack is locked")
    scout.look()
    time[0] += scouts.QUIET_SECONDS
    scout.step()
    assert scout.look().plan == Plan(problem="the stack is locked")


def test_a_plan_of_an_edit_that_is_gone_by_then_is_not_shown(time: list[float]) -> None:
    calm = {name: replace(status, differences=()) for name, status in seen(cluster(), VIEW).items()}

    class Slow(Asked):
        def _ask(self, path: Path, verb: str, *words: str) -> tuple[Json | None, str]:
            self.add(PAGE, VIEW, calm)  # meanwhile
            return super()._ask(path, verb, *words)

    scout = Slow(plans=True)
    scout.look()
    time[0] += scouts.QUIET_SECONDS
    scout.step()
    assert "plan" in scout.questions
    assert scout.add(PAGE, VIEW, calm).plan is None
    assert scout._stacks[VIEW.path].plan is None


def test_no_plan_is_made_that_nobody_asked_for(time: list[float]) -> None:
    scout = Asked()
    scout.look()
    time[0] += 100
    scout.step()
    assert "plan" not in scout.questions


def test_how_a_change_ended_is_read_again_once_another_one_has() -> None:
    scout = Asked()
    assert (scout.look().command, scout.look().traffic) == (None, None)
    keep(VIEW.path, document())
    page = scout.look()
    assert page.command is not None
    assert (page.command.result, page.traffic is not None) == ("failed", True)
    keep(VIEW.path, {**document(), "verb": "rollback", "result": "succeeded", "load": None})
    later = scout.look()
    assert later.command is not None
    assert (later.command.verb, later.traffic) == ("rollback", page.traffic)


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ('import sys; print(\'{"exitCode": 0, "message": "fine"}\')', ({"exitCode": 0, "message": "fine"}, "")),
        ('print(\'{"exitCode": 4, "message": "held; token=abc123456"}\')', (None, "held; token=…")),
        ("raise SystemExit(3)", (None, "it ended without a document")),
        ("print('[]')", (None, "it ended without a document")),
    ],
)
def test_a_verb_runs_in_a_process_of_its_own(
    monkeypatch: pytest.MonkeyPatch, script: str, found: tuple[Json | None, str]
) -> None:
    monkeypatch.setattr(scouts, "START", script)
    assert Scout([VIEW.path], plans=False, attended=lambda: True)._ask(VIEW.path, "history") == found


def test_a_question_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scouts, "START", "import time; time.sleep(60)")
    monkeypatch.setattr(scouts, "LIMIT_SECONDS", 0.2)
    document_, problem = Scout([VIEW.path], plans=False, attended=lambda: True)._ask(VIEW.path, "plan")
    assert (document_, problem) == (None, "the engine gave none within 0.2 s")
