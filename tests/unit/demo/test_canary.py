"""The step through the gateway: what counts as gone back, as gone through, and as gone wrong. Driver and traffic are
played by actors.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from rich.console import Console

from demo import canary, gateway
from demo.canary import BY_GATEWAY, Canary
from demo.clusters import DemoCluster
from demo.project import Outcome
from demo.stage import Stage
from demo.story import SANDBOX_RELEASES, last
from demo.traffic import Traffic
from demo.verdict import Played
from prober import Answer, Result
from sandbox.errors import SandboxError
from sandbox.gateway import Address

BAD = "09:00:01Z error: probe http://x/healthz: HTTP 503; going back to 0 %\n09:00:02Z went back to 0 %, as it says\n"
GOOD = "09:01:00Z   at 10 %: 250 requests, 1.0.0 90.0%, 1.2.0 10.0%\n09:01:02Z storefront: green is live\nnothing\n"
SEEN = {"bad": ["1.0.0", "1.2.0"], "good": ["1.0.0", "1.2.0"], "over": ["1.2.0"]}


@dataclass
class Engine:
    """A project in which each walk ends with the next of `walks`: exit code and output."""

    walks: list[tuple[int, str]]
    done: list[str] = field(default_factory=list)

    def set(self, path: str, value: str) -> Outcome:
        return self._did(f"set {path} {value}")

    def unset(self, path: str) -> Outcome:
        return self._did(f"rm {path}")

    def up(self) -> Outcome:
        return self._did("up")

    def drive(self, *words: str) -> Outcome:
        code, output = self.walks.pop(0)
        return self._did(f"cutover {' '.join(words)}", code, output)

    def _did(self, command: str, code: int = 0, output: str = "") -> Outcome:
        self.done.append(command)
        return Outcome(command=command, exit_code=code, output=output, seconds=0)


class Clients:
    """A prober that sees `seen`: the versions that answer from each mark on."""

    seen = SEEN

    def __init__(self, url: str, **_: Any) -> None:
        assert url == "http://198.18.16.251:8080"
        self._marks: list[str] = []

    def __enter__(self) -> "Clients":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to end."""

    def mark(self, name: str) -> None:
        self._marks.append(name)

    def stop(self) -> Result:
        at = {name: float(second) for second, name in enumerate(self._marks)}
        found = [Answer(at[name] + 0.5, 2.0, "get-new", one, "pod") for name in at for one in self.seen.get(name, [])]
        return Result(target="x", rate_per_second=1, seconds=len(found), answers=found, failures=[], marks=at)


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Played, Engine, str, Canary]]:
    """Plays the step with these walks."""
    monkeypatch.setattr(canary, "Prober", Clients)
    monkeypatch.setattr(canary, "_HOLD_SECONDS", 0)
    monkeypatch.setattr("demo.traffic.wait_for_answers", lambda *_: True)

    def run(*walks: tuple[int, str]) -> tuple[Played, Engine, str, Canary]:
        seen, engine = io.StringIO(), Engine(list(walks))
        console = Console(file=seen, width=200)
        with console.status("") as status:
            cluster = type("Cluster", (), {"has_traffic": False, "context": None})()
            stage = Stage(console, status, cluster, engine, Traffic())  # type: ignore[arg-type]
            act = Canary(stage, engine, Address("198.18.16.251"), SANDBOX_RELEASES)  # type: ignore[arg-type]
            stage.play(last(SANDBOX_RELEASES), act.perform)
        return stage.played[0], engine, seen.getvalue(), act

    return run


def test_one_goes_back_and_one_goes_through(play: Callable[..., tuple[Played, Engine, str, Canary]]) -> None:
    played, engine, seen, act = play((1, BAD), (0, GOOD))
    assert played.problems == []
    assert played.refused.startswith("probe http://x/healthz: HTTP 503")
    assert (played.answers, played.failed) == ({BY_GATEWAY: {"1.0.0": 2, "1.2.0": 3}}, 0)
    assert act.result
    assert "at 10 %: 250 requests" in seen
    assert "nothing" not in seen
    assert [one.split()[0] for one in engine.done].count("up") == 2
    env, build = "services.storefront.green.env", "services.storefront.green.build"
    assert [f"rm {env}", f"set {build} 2", "up"] == engine.done[-4:-1]


@pytest.mark.parametrize(
    ("walks", "seen", "says"),
    [
        ([(0, GOOD)], SEEN, "did not go back by itself: exit code 0"),
        ([(1, "error: no such stack")], SEEN, "did not go back by itself: exit code 1"),
        ([(1, BAD), (1, BAD)], SEEN, "did not go through: exit code 1"),
        ([(1, BAD), (0, GOOD)], SEEN | {"bad": ["1.0.0"]}, "had no share"),
        ([(1, BAD), (0, GOOD)], SEEN | {"over": ["1.0.0", "1.2.0"]}, "answered as 1.0.0, 1.2.0 once it was over"),
        ([(1, BAD), (0, GOOD)], SEEN | {"over": []}, "answered as nobody once it was over"),
    ],
)
def test_what_goes_wrong_is_named(
    play: Callable[..., tuple[Played, Engine, str, Canary]],
    monkeypatch: pytest.MonkeyPatch,
    walks: list[tuple[int, str]],
    seen: dict[str, list[str]],
    says: str,
) -> None:
    monkeypatch.setattr(Clients, "seen", seen)
    played, engine, _, _ = play(*walks)
    assert says in "".join(played.problems)
    assert engine.walks == []


def test_without_a_gateway_there_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_: object) -> None:
        raise SandboxError("`go build` failed:\nno space left on device")

    monkeypatch.setattr("sandbox.gateway.build.ensure", none)
    with gateway.built_beside(print, wanted=False) as built:
        assert built is None
    mine = DemoCluster(name="context mine", client=None, environment={}, context="mine")  # type: ignore[arg-type]
    assert "only the sandbox's cluster" in str(gateway.started(built, mine, print))
    ours = DemoCluster(name="the sandbox", client=None, environment={})  # type: ignore[arg-type]
    assert gateway.started(built, ours, print) == "it was not asked for"
    with gateway.built_beside(print, wanted=True) as built:
        pass
    assert gateway.started(built, ours, print) == "`go build` failed: no space left on device"
    silent = DemoCluster(name="the sandbox", client=None, environment={}, has_traffic=False)  # type: ignore[arg-type]
    assert "answer nothing" in str(gateway.started(built, silent, print))
