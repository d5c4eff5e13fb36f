"""How a step is played: what counts as refused, as done, and as gone wrong. Engine and cluster are played by actors."""

import io
from dataclasses import dataclass, field

import pytest
from rich.console import Console

from components.rules.errors import SmokeFailed
from demo.project import Outcome
from demo.stage import Stage
from demo.story import SANDBOX_RELEASES, Step, steps
from demo.traffic import Traffic

FIRST, CUTOVER, REFUSED, _, ROLLING = steps(SANDBOX_RELEASES)
DONE = "Resources:\n    ~ 1 updated\n    12 unchanged\n\nDuration: 2s\n"
NO = f'error: before hook "gate" failed: {SmokeFailed("blue: the body lacks 1.3.0", "users see it", "mend it")}\n'


@dataclass
class Engine:
    """Answers every `up` with the next of `ups`: exit code and output."""

    ups: list[tuple[int, str]]
    edits: list[tuple[str, str]] = field(default_factory=list)

    def set(self, path: str, value: str) -> Outcome:
        self.edits.append((path, value))
        return Outcome(command=f"pulumi config set {path} {value}", exit_code=0, output="", seconds=0)

    def up(self) -> Outcome:
        code, output = self.ups.pop(0)
        return Outcome(command="pulumi up --yes", exit_code=code, output=output, seconds=0)


@dataclass
class Cluster:
    """Pods that answer nothing; `colors` are what the live Service selects each time it is asked for."""

    colors: list[str] = field(default_factory=lambda: ["blue", "blue"])
    leavers_go: bool = True
    has_traffic: bool = False
    context: str | None = None

    def service_spec(self, service: str) -> dict[str, str]:
        assert service == "storefront"
        return {"selector": self.colors.pop(0)}

    def wait_for_leavers(self, limit_seconds: float) -> bool:
        assert limit_seconds > 0
        return self.leavers_go


def play(step: Step, *ups: tuple[int, str], cluster: Cluster | None = None) -> tuple[bool, list[str], Engine, str]:
    """Whether the demo goes on, the problems, the engine, and what a reader saw."""
    seen, engine = io.StringIO(), Engine(list(ups))
    console = Console(file=seen, width=200)
    with console.status("") as status:
        stage = Stage(console, status, cluster or Cluster(), engine, Traffic())  # type: ignore[arg-type]
        goes_on = stage.play(step)
        assert stage.judge() == {}
    assert engine.ups == []
    return goes_on, stage.played[0].problems, engine, seen.getvalue()


@pytest.mark.parametrize("step", [FIRST, CUTOVER, ROLLING])
def test_a_step_that_is_done_goes_on(step: Step) -> None:
    goes_on, problems, engine, seen = play(step, (0, DONE))
    assert (goes_on, problems) == (True, [])
    assert engine.edits == list(step.edits.items())
    assert "~ 1 updated, 12 unchanged" in seen


def test_a_failed_up_ends_the_demo_and_is_shown() -> None:
    goes_on, problems, _, seen = play(FIRST, (255, "error: no such image"))
    assert (goes_on, problems) == (False, ["`pulumi up --yes` ended with exit code 255"])
    assert "no such image" in seen


def test_a_cutover_that_changes_more_than_the_service_is_a_problem() -> None:
    _, problems, _, _ = play(CUTOVER, (0, DONE.replace("1 updated", "4 updated")))
    assert problems == ["more than the live Service was changed: ~ 4 updated, 12 unchanged"]


def test_a_refusal_is_what_should_happen_and_its_reason_is_shown() -> None:
    goes_on, problems, engine, seen = play(REFUSED, (1, NO), (0, DONE))
    assert (goes_on, problems) == (True, [])
    assert REFUSED.undo is not None
    assert engine.edits == [*REFUSED.edits.items(), *REFUSED.undo.items()]
    assert "exit code 1, as it should be" in seen
    assert "fix: mend it" in seen


@pytest.mark.parametrize(
    ("up", "colors", "says"),
    [
        ((0, DONE), ["blue", "blue"], "let the broken release through"),
        ((1, "error: disk full"), ["blue", "blue"], "for no reason of a gate"),
        ((1, NO), ["blue", "green"], "the live Service was changed"),
    ],
)
def test_a_refusal_that_is_none_is_a_problem(up: tuple[int, str], colors: list[str], says: str) -> None:
    goes_on, problems, _, _ = play(REFUSED, up, (0, DONE), cluster=Cluster(colors))
    assert not goes_on
    assert says in "".join(problems)


def test_old_pods_that_never_go_are_a_problem() -> None:
    _, problems, _, _ = play(ROLLING, (0, DONE), cluster=Cluster(leavers_go=False))
    assert problems == ["old pods were still stopping 60 s after `pulumi up`"]
