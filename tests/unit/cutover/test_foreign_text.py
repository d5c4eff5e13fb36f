"""What others wrote stays one harmless line, wherever the driver shows it."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from contract.annotations import REFUSED
from contract.refusal import read_refusal
from contract.text import harmless
from cutover.adopt.findings import Finding
from cutover.engine.records import Step, Update
from cutover.observe.display import print_lines
from cutover.observe.live import look
from cutover.observe.tree import Line, tree
from cutover.operations.history.updates import rows
from cutover.output.history import blocks, table
from cutover.output.report import Report
from cutover.output.steps import line_of
from tests.unit.cutover.objects import blue_green, deployment, pod, service, view

BAD = "x\n::error::✔ storefront: switched\x1b[2J\u202e##[error]y"
GOOD = "x ::error::✔ storefront: switched�# #[error]y"


class Answers:
    """An API server whose objects somebody wrote who means ill."""

    def __init__(self, lists: dict[str, list[Any]]) -> None:
        self._lists = lists

    def items(self, path: str, _: Any = None) -> list[Any]:
        return self._lists.get(path.rpartition("/")[2], [])


def test_annotations_and_messages_of_the_cluster() -> None:
    workload = deployment()
    workload["metadata"]["annotations"] = {"cutover.dev/deployed-by": BAD, "cutover.dev/run": BAD}
    broken = pod(ready=False)
    broken["status"]["containerStatuses"] = []
    broken["status"]["conditions"] = [
        {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": BAD}
    ]
    api: Any = Answers({"services": [service()], "deployments": [workload], "pods": [broken]})
    stack = view(shop=blue_green())
    lines = [line.text for line in tree("dev", "shop", look(api, stack), provenance=True)]
    assert [line for line in lines if not line.isprintable()] == []
    assert any(f"by {GOOD}" in line for line in lines)
    assert any(f"Unschedulable: {GOOD}" in line for line in lines)


def test_a_note_whose_json_escapes_what_it_holds() -> None:
    note = json.dumps({"kind": "refused", "color": "green", "revision": "1", "at": "t", "why": BAD})
    assert note.isprintable()
    for seen in ({REFUSED: note}, harmless({REFUSED: note})):
        found = read_refusal(seen)
        assert found is not None
        assert found.why == GOOD


def test_names_and_messages_of_git() -> None:
    update = Update(
        1, "update", "succeeded", datetime.now(UTC), None, BAD, {"git.author": BAD, "git.head": BAD}, {}, {}, {}
    )
    found = rows([update])
    assert found[0]["who"] == GOOD
    assert [line for line in (*table(found), *blocks(found)) if not line.isprintable()] == []


def test_what_the_engine_says_keeps_a_column_of_its_own() -> None:
    assert line_of(Step("says", text="one\n✔ two\n    three")) == "one\n    ✔ two\n    three"


def test_what_is_written_out(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    with Report(stream=stream) as report:
        report.say(BAD)
        report.lines(BAD)
    print_lines([Line(BAD)])
    said = [*stream.getvalue().splitlines(), *capsys.readouterr().out.splitlines()]
    assert [line for line in said if not line.isprintable() or line.startswith("::")] == []


def test_markup_is_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Terminal()
    with Report(stream=stream) as report:
        report.wait("[red]pod[/red] [/]")
    assert "[red]pod[/red] [/]" in stream.getvalue()


def test_findings() -> None:
    assert str(Finding(True, BAD, "why", "fix")) == f"{GOOD}\n    why: why\n    fix: fix"
