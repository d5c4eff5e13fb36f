"""The number of the update that a release came with: the update during which that was noted on its workload."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cutover.engine import stack as engine_stack
from cutover.engine.records import Update
from cutover.errors import UsageError
from cutover.observe.records import ColorStatus, ServiceStatus
from cutover.operations.history.numbers import Numbers
from cutover.operations.history.updates import with_updates
from tests.unit.cutover.objects import deployment, view
from tests.unit.cutover.test_status_verb import Cluster, cluster, project, run

__all__ = ["cluster", "project"]
BEGUN = datetime(2026, 11, 22, 1, 44, tzinfo=UTC)


def up(number: int, start: int, end: int | None, kind: str = "update", result: str = "succeeded") -> Update:
    """An update from one second to another."""
    ended = None if end is None else BEGUN + timedelta(seconds=end)
    return Update(number, kind, result, BEGUN + timedelta(seconds=start), ended, "", {}, {}, {}, {})


def seen(**origin: str) -> dict[str, ServiceStatus]:
    """One service with one release, and what was noted on that."""
    blue = ColorStatus("blue", "1.0.0 build 1", "1-0-0-b1", "live", 1, 1, origin=origin)
    return {"shop": ServiceStatus("shop", "blue-green", "blue", "blue", "1-0-0-b1", True, {"blue": blue})}


def number(services: Mapping[str, ServiceStatus]) -> int | None:
    return services["shop"].colors["blue"].update


HISTORY = [
    up(6, 200, None),
    up(5, 100, 120, result="failed"),
    up(4, 60, 90, kind="refresh"),
    up(3, 20, 50),
    up(2, 10, 20),
    up(1, 0, 9),
]


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (-1, None),
        (0, 1),
        (9, 1),
        (10, 2),
        (20, 2),
        (21, 3),
        (50, 3),
        (51, None),
        (70, None),
        (110, 5),
        (199, None),
        (999, 6),
    ],
)
def test_it_is_the_update_that_spans_the_note(second: int, expected: int | None) -> None:
    at = f"{BEGUN + timedelta(seconds=second):%Y-%m-%dT%H:%M:%SZ}"
    assert number(with_updates(seen(deployedAt=at, stack="cutover/dev"), HISTORY, "dev")) == expected
    assert number(with_updates(seen(deployedAt=at, stack="cutover/prod"), HISTORY, "dev")) is None
    assert number(with_updates(seen(deployedAt=at), HISTORY, "dev")) == expected


@pytest.mark.parametrize("at", ["", "yesterday", "2026-11-22T01:44:00"])
def test_what_is_no_time_has_no_number(at: str) -> None:
    assert number(with_updates(seen(deployedAt=at), HISTORY, "dev")) is None
    assert number(with_updates(seen(), HISTORY, "dev")) is None


class Engine:
    """Stands in for the engine's stack: a history, or why there is none."""

    def __init__(self, answers: list[list[Update] | UsageError]) -> None:
        self.answers = answers
        self.asked = 0

    def __call__(self, folder: Path, name: str) -> "Engine":
        return self

    def history(self) -> list[Update]:
        self.asked += 1
        answer = self.answers.pop(0)
        if isinstance(answer, UsageError):
            raise answer
        return answer


def test_a_watch_asks_again_until_the_update_is_in_the_history(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = UsageError("no pulumi", "install it")
    engine = Engine([refused, refused, [], HISTORY])
    warned: list[str] = []
    monkeypatch.setattr(engine_stack, "Stack", engine)
    seconds = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: seconds[0])
    made, services = Numbers(warned.append), seen(deployedAt="2026-11-22T01:44:30Z")
    assert number(made.added(view(), seen())) is None
    assert engine.asked == 0  # nothing was noted, so there is nothing to ask for
    found = []
    for look in range(36):
        seconds[0] = float(look)
        found.append(number(made.added(view(), services)))
    assert found == [None] * 30 + [3] * 6
    assert (engine.asked, len(warned)) == (4, 1)
    assert "no numbers of updates, the history gives no answer: no pulumi" in warned[0]


CLI = """#!/bin/sh
case "$*" in
  *history*) cat "$HISTORY" ;;
  *) echo v3.260.0 ;;
esac
"""


def _executable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `pulumi` that gives a history in the CLI's own words."""
    entry: dict[str, Any] = {
        "kind": "update",
        "startTime": "2026-11-22T01:44:00.000Z",
        "message": "",
        "environment": {},
        "config": {},
        "result": "succeeded",
        "endTime": "2026-11-22T01:44:09.000Z",
    }
    later = entry | {"startTime": "2026-11-22T01:45:00.000Z", "endTime": "2026-11-22T01:45:12.000Z"}
    (folder / "history.json").write_text(json.dumps([later, entry]))
    path = folder / "bin" / "pulumi"
    path.parent.mkdir()
    path.write_text(CLI)
    path.chmod(0o755)
    monkeypatch.setenv("HISTORY", str(folder / "history.json"))
    monkeypatch.setenv("CUTOVER_PULUMI", str(path))


def _noted(cluster: Cluster) -> None:
    notes = {"cutover.dev/deployed-at": "2026-11-22T01:45:07Z", "cutover.dev/stack": "cutover/dev"}
    for item in cluster.lists["deployments"]:
        item["metadata"].setdefault("annotations", {}).update(notes)


def test_status_shows_the_number_from_the_clis_own_history(
    project: Path, cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _noted(cluster)
    _executable(tmp_path, monkeypatch)
    code, out, err = run(project, "--provenance")
    assert (code, err) == (0, "")
    assert out.count("│  update      2\n") == 2
    code, out, err = run(project, "--provenance", "--json", "--until", "paused")
    colors = json.loads(out)["stacks"][0]["services"]["shop"]["colors"]
    assert (code, [color["update"] for color in colors.values()]) == (0, [2, 2])
    assert "update" not in run(project)[1]


def test_without_an_engine_status_does_without_the_number(
    project: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    _noted(cluster)
    monkeypatch.delenv("CUTOVER_PULUMI", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    code, out, err = run(project, "--provenance")
    assert code == 0
    assert "deployed    2026-11-22T01:45:07Z" in out
    assert "update" not in out
    assert err.startswith("warning: dev: no numbers of updates, the history gives no answer: there is no `pulumi`")
    assert len(cluster.asked) == len(cluster.lists)
    assert deployment()["metadata"]["name"] in out
