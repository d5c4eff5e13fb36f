"""Every way out of a command: one document, the notification, the exit code, and no traceback."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cutover.operations.command.perform import perform
from cutover.options import Options
from tests.unit.cutover.servers import Reply, Request, serve

ROOT = Path(__file__).resolve().parents[3]
FILE = "config:\n  cutover:services:\n    shop: {active: blue}\n"


@pytest.fixture
def posted() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    found: list[dict[str, Any]] = []

    def answer(request: Request) -> Reply:
        found.append(json.loads(request.body))
        return Reply()

    with serve(answers=answer) as server:
        yield server.url, found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: x\n")
    (tmp_path / "Pulumi.dev.yaml").write_text(FILE)
    return tmp_path


@pytest.mark.parametrize("error", [ValueError("bad\nevent"), OSError(5, "Input/output error"), KeyboardInterrupt()])
def test_an_end_that_nobody_foresaw_is_told_like_every_other(
    project: Path, posted: Any, capsys: pytest.CaptureFixture[str], error: BaseException
) -> None:
    def body(_: Any) -> Any:
        raise error

    url, documents = posted
    with pytest.raises(SystemExit) as ended:
        perform("up", Options(changes=True, cwd=project, json=True, yes=True, notify=[url]), body)
    document = json.loads(capsys.readouterr().out)
    assert (ended.value.code, document["exitCode"]) == (1, 1)
    assert "Traceback" not in json.dumps(document)
    assert [one["message"] for one in documents] == [document["message"]]


def test_an_end_before_the_first_stack_is_told_too(
    project: Path, posted: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    url, documents = posted
    with pytest.raises(SystemExit) as ended:
        perform("up", Options(changes=True, cwd=project, stack="nope", json=True, notify=[url]), lambda _: None)  # type: ignore[arg-type,return-value]
    assert (ended.value.code, json.loads(capsys.readouterr().out)["exitCode"]) == (2, 2)
    assert len(documents) == 1


@pytest.mark.parametrize("words", [("--json",), ()])
def test_a_reader_that_is_gone_changes_no_exit_code(project: Path, words: tuple[str, ...]) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "cutover", "up", "--stack", "nope", *words]
    done = subprocess.run(
        [*command, "--cwd", str(project)], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=write, stderr=write, check=False
    )
    os.close(write)
    assert done.returncode == 2


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_command_with_a_result(project: Path, number: signal.Signals) -> None:
    """`body` waits until it is told to stop; a signal that nobody listens to would end the process without a word."""
    script = (
        "import time\n"
        "from pathlib import Path\n"
        "from cutover.options import Options\n"
        "from cutover.operations.command.perform import perform\n"
        "from cutover.app import main\n"
        "def body(job):\n"
        "    print('ready', flush=True)\n"
        "    while True:\n"
        "        job.check_stopping()\n"
        "        time.sleep(0.01)\n"
        f"perform('up', Options(changes=True, cwd=Path({str(project)!r}), yes=True, json=True), body)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        document = json.loads(process.stdout.read())
    assert (document["result"], document["exitCode"]) == ("interrupted", 1)
