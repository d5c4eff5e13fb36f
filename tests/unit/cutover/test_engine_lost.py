"""The engine is stopped once waiting cannot help, and only while it does nothing but wait."""

import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pulumi import automation as auto
from pulumi.automation.errors import create_command_error

from components.rules.errors import NeverReady
from cutover.engine.records import Step
from cutover.engine.stack import Stack
from cutover.errors import DriverError, GateRefused, Interrupted
from tests.patience import eventually
from tests.unit.cutover.cli import stack_with_cli

SAID = str(NeverReady("shop: green 2-0-0-b1 cannot become ready: ImagePullBackOff", "why", "fix"))
LOST = Step("warns", urn="x::shop", text=SAID)


def begins(kind: str, name: str = "shop-green") -> Step:
    return Step("begins", "create", f"kubernetes:apps/v1:{kind}", f"x::{kind}::{name}")


def ends(kind: str, name: str = "shop-green") -> Step:
    return Step("done", "create", f"kubernetes:apps/v1:{kind}", f"x::{kind}::{name}")


def stack() -> tuple[Any, list[str]]:
    made: Any = Stack.__new__(Stack)
    asked: list[str] = []
    made.name, made._lost, made._given_up = "test", "", False
    made._command = SimpleNamespace(stopping=False, interrupt=lambda: asked.append("stop"))
    return made, asked


@pytest.mark.parametrize(
    ("steps", "stops"),
    [
        ([begins("Deployment"), LOST], True),
        ([begins("Deployment"), begins("ReplicaSet", "other"), LOST], True),
        ([begins("Deployment"), begins("Service", "cart"), LOST], False),
        ([begins("Deployment"), begins("Service", "cart"), LOST, ends("Service", "cart")], True),
        ([begins("Deployment"), LOST, ends("Deployment")], True),
        ([begins("Deployment"), ends("Deployment"), LOST], False),
        ([begins("Deployment"), Step("warns", urn="x::shop", text="something else")], False),
    ],
)
def test_it_is_stopped_while_it_only_waits(steps: list[Step], stops: bool) -> None:
    made, asked = stack()
    under_way: dict[str, Step] = {}
    for step in steps:
        made._stop_where_lost(step, under_way)
    assert bool(asked) is stops


def test_a_run_that_ended_so_is_refused_with_what_the_program_said() -> None:
    made, _ = stack()
    made._stop_where_lost(LOST, {})
    made._command.stopping = True  # by us

    def canceled() -> None:
        raise create_command_error(auto.CommandResult(stdout="", stderr="error: update canceled", code=1))

    with pytest.raises(GateRefused) as refused:
        made._guarded(canceled, [])
    assert refused.value.what.splitlines()[0] == SAID.splitlines()[0]


CLI = """\
#!/bin/sh
case "$*" in
version) echo v3.274.1; exit;;
esac
echo "$*" >> asked
test "$(wc -l < asked)" -gt 1 && exit
trap 'kill $!; exit 1' INT
sleep 60 & wait
"""


@pytest.fixture
def waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Stack, Path]:
    """A stack whose first run waits in vain, and the commands that its CLI was given."""
    return stack_with_cli(tmp_path, CLI, monkeypatch), tmp_path / "asked"


def while_it_waits(asked: Path, act: Callable[[], object]) -> threading.Thread:
    def wait_and_act() -> None:
        eventually("the run to begin", asked.exists)
        act()

    thread = threading.Thread(target=wait_and_act)
    thread.start()
    return thread


def test_after_a_run_that_was_ended_for_its_reason_another_one_begins(waiting: tuple[Stack, Path]) -> None:
    """A release that cannot get ready, watched by `--bake`: the one before is rolled out by a second run."""
    made, asked = waiting
    thread = while_it_waits(asked, lambda: lose(made))
    with pytest.raises(GateRefused, match="cannot become ready"):
        made.up("release")
    thread.join()
    made.up("back")
    assert "--message back" in asked.read_text().splitlines()[-1]


def lose(made: Stack) -> None:
    under_way: dict[str, Step] = {}
    for step in (begins("Deployment"), LOST):
        made._stop_where_lost(step, under_way)


def test_a_run_is_given_up_with_a_reason_and_the_next_one_has_none(waiting: tuple[Stack, Path]) -> None:
    made, asked = waiting
    thread = while_it_waits(asked, lambda: made.give_up("probe app: HTTP 500"))
    with pytest.raises(DriverError, match="probe app: HTTP 500"):
        made.up("release")
    thread.join()
    made.up("back")


def test_a_user_s_stop_is_for_all_that_follows(waiting: tuple[Stack, Path]) -> None:
    made, asked = waiting
    thread = while_it_waits(asked, made.stop)
    with pytest.raises(Interrupted):
        made.up("release")
    thread.join()
    with pytest.raises(Interrupted):
        made.up("back")
