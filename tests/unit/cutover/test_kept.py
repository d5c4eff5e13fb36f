"""How a change ended is kept for later commands, for its owner alone, and never stands in the way."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from cutover.errors import UsageError
from cutover.operations.command.kept import CHANGE, LOAD, document_of, keep, kept, place
from cutover.operations.command.perform import perform, run_one
from cutover.operations.command.run import Run
from cutover.options import Options
from cutover.output.result import Result


@pytest.fixture
def stack_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    project = tmp_path / "shop"
    project.mkdir()
    (project / "Pulumi.yaml").write_text("name: shop\n")
    (project / "Pulumi.dev.yaml").write_text("config: {}\n")
    return project / "Pulumi.dev.yaml"


def document(verb: str, **details: Any) -> dict[str, Any]:
    return {"verb": verb, "stack": "dev", "result": "succeeded", **details}


def test_the_last_change_is_kept_and_the_last_load_beside_it(stack_file: Path) -> None:
    assert (kept(stack_file, CHANGE), kept(stack_file, LOAD)) == (None, None)
    promoted = document("promote", load={"requests": 7, "latencyMs": {"p50": None}})
    keep(stack_file, promoted)
    keep(stack_file, document("release"))
    assert kept(stack_file, CHANGE) == document("release")
    assert kept(stack_file, LOAD) == promoted


def test_only_its_owner_reads_it(stack_file: Path) -> None:
    keep(stack_file, document("up"))
    path = place(stack_file, CHANGE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [found.name for found in path.parent.iterdir()] == ["dev.change.json"]


def test_two_checkouts_and_two_stacks_have_each_their_own(stack_file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "shop"
    other.mkdir(parents=True)
    (other / "Pulumi.yaml").write_text("name: shop\n")
    places = {
        place(path, CHANGE) for path in (stack_file, stack_file.with_name("Pulumi.qa.yaml"), other / "Pulumi.dev.yaml")
    }
    assert len(places) == 3


@pytest.mark.parametrize("text", ["", "[1]", "{", '{"a": ', "[" * 100_000])
def test_what_cannot_be_read_is_as_what_never_was(stack_file: Path, text: str) -> None:
    keep(stack_file, document("up"))
    place(stack_file, CHANGE).write_text(text)
    assert kept(stack_file, CHANGE) is None
    with pytest.raises(UsageError, match="holds no document"):
        document_of(place(stack_file, CHANGE))


def test_a_verb_that_changes_things_is_kept_and_one_that_reads_is_not(stack_file: Path) -> None:
    def ended(verb: str, *, changes: bool) -> None:
        def work(run: Run) -> Result:
            result = Result(verb, "dev", 0, True, ("done",), details=run.details)
            if changes:
                run.note(load={"requests": 1})  # the account of a load comes after all else
            return result

        run_one(verb, Options(changes=changes, yes=True, json=True), stack_file, work)

    ended("history", changes=False)
    assert kept(stack_file, CHANGE) is None
    ended("promote", changes=True)
    assert (kept(stack_file, LOAD) or {})["load"] == {"requests": 1}


def test_where_nothing_can_be_kept_the_command_ends_as_its_work_did(
    stack_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "state").write_text("a file, no folder")
    with pytest.raises(SystemExit) as ended:
        perform(
            "up",
            Options(changes=True, yes=True, json=True, cwd=stack_file.parent),
            lambda run: Result("up", "dev", 0, True, ("dev is up",)),
        )
    said = capsys.readouterr()
    assert ended.value.code == 0
    assert json.loads(said.out)["message"] == "dev is up"
    assert "was not kept for later reports" in said.err
