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

from cutover.engine.stack import Stack
from cutover.errors import Interrupted
from cutover.operations.command.perform import perform
from cutover.operations.command.run import SIGNALS, Run
from cutover.options import Options
from cutover.output.report import Report
from tests.unit.cutover.cli import stack_with_cli
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


@pytest.fixture
def run(project: Path) -> Iterator[Run]:
    """One command on the stack, which listens to signals."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    with Report() as report:
        made = Run("destroy", project / "Pulumi.dev.yaml", Options(changes=True, cwd=project), report)
        made.listen()
        yield made
    for number, handler in before.items():
        signal.signal(number, handler)


CLI = '#!/bin/sh\ncase "$*" in\nversion) echo v3.274.1;;\n*) echo "$*" >> asked;;\nesac\n'


def stopped(run: Run, project: Path, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    """Load the engine while a Ctrl-C comes, before or after it knows its CLI."""
    stack_with_cli(project, CLI, monkeypatch)

    class Slow(Stack):
        def __init__(self, *given: Any) -> None:
            if when == "before":
                signal.raise_signal(signal.SIGINT)
            super().__init__(*given)
            if when == "after":
                signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("cutover.engine.stack.Stack", Slow)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_signal_while_the_engine_loads_is_not_lost(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    stopped(run, project, monkeypatch, when)
    for begin in (lambda: run.engine.held(), lambda: run.engine.destroy("why"), lambda: run.engine.up("why")):
        with pytest.raises(Interrupted):
            begin()
    assert not (project / "asked").exists()


def test_a_pulumi_that_took_the_signal_too_is_no_wrong_one(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal sends Ctrl-C to `pulumi version` as well, which dies of it."""
    stack_with_cli(project, CLI, monkeypatch)
    (project / "bin" / "pulumi").write_text("#!/bin/sh\nkill -INT $PPID\nkill -INT $$\n")
    with pytest.raises(Interrupted, match="stopped by the user"):
        _ = run.engine


def test_a_signal_while_the_engine_starts_a_command_reaches_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = stack_with_cli(project, CLI.replace("*) echo", "*) sleep 5; echo"), monkeypatch)

    class Starting(subprocess.Popen[bytes]):
        def __init__(self, *given: Any, **more: Any) -> None:
            super().__init__(*given, **more)
            stack.stop()

    monkeypatch.setattr("cutover.engine.command.subprocess.Popen", Starting)
    with pytest.raises(Interrupted):
        stack.destroy("why")
    assert not (project / "asked").exists()


class Answered:
    """A person at the prompt, who presses Ctrl-C before typing `y`."""

    def __init__(self, *signals: signal.Signals) -> None:
        self._signals = signals

    def readline(self) -> str:
        for number in self._signals:
            signal.raise_signal(number)
        return "y\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_at_the_question_is_a_no(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    monkeypatch.setattr(sys, "stdin", Answered(number))
    with pytest.raises(Interrupted, match="not confirmed; nothing was changed"):
        run.confirm("delete all")
    assert "the engine cancels" not in "".join(capsys.readouterr())


@pytest.mark.parametrize("yes", [True, False])
def test_a_signal_before_the_question_leaves_nothing_to_ask(
    run: Run, monkeypatch: pytest.MonkeyPatch, yes: bool
) -> None:
    run.options = Options(changes=True, yes=yes)
    monkeypatch.setattr(sys, "stdin", Answered())
    run.confirm("delete all")
    signal.raise_signal(signal.SIGINT)
    with pytest.raises(Interrupted, match="stopped by the user"):
        run.confirm("delete all")


def test_a_question_that_nobody_answers_ends_with_the_signal(project: Path) -> None:
    """The read is resumed after a handler that returns: only what it raises ends the wait."""
    script = (
        "from pathlib import Path\n"
        "from cutover.options import Options\n"
        "from cutover.operations.command.perform import perform\n"
        "from cutover.operations.command.run import Run\n"
        "Run._somebody_there = staticmethod(lambda: True)\n"
        f"options = Options(changes=True, cwd=Path({str(project)!r}))\n"
        "perform('destroy', options, lambda run: run.confirm('delete all'))\n"
    )
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, text=True, **pipes) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stderr.readline() == "delete all\n"
        assert process.stderr.read(len("Go on? [y/N] ")) == "Go on? [y/N] "
        process.send_signal(signal.SIGINT)
        try:
            code = process.wait(30)
        finally:
            process.kill()
        assert (code, "not confirmed; nothing was changed" in process.stdout.read()) == (1, True)
