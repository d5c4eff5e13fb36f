"""The user's terminal of `make peers`."""

import json
import signal
import threading
import time
from functools import partial
from pathlib import Path

import pytest

from peers.ours import _spent
from peers.shell import Shell, StoppedError, must
from tests.patience import eventually
from traffic.errors import TrafficError


def test_what_was_typed_is_kept_with_how_it_ended(tmp_path: Path) -> None:
    shell = Shell(tmp_path, {"WORD": "there"})
    assert shell.run("sh -c 'echo $WORD; pwd; exit 3'").exit_code == 3
    shell.wait(0, "for no reason")
    assert [one.command for one in shell.typed] == ["sh -c 'echo $WORD; pwd; exit 3'", "sleep 0  # for no reason"]
    assert shell.typed[0].said == f"there\n{tmp_path}"
    with pytest.raises(TrafficError, match="`false` ended with 1"):
        must(shell, "false")


def test_a_stopped_command_ends_with_what_it_started_and_nothing_follows(tmp_path: Path) -> None:
    shell = Shell(tmp_path, {})
    ended: list[str] = []

    def script() -> None:
        try:
            shell.run("sh -c 'touch begun; sleep 60 & wait'")
            ended.append("went on")
        except StoppedError:
            ended.append("stopped")

    thread = threading.Thread(target=script)
    thread.start()
    eventually("the command to begin", (tmp_path / "begun").exists)
    started = time.monotonic()
    shell.send(signal.SIGKILL)
    thread.join()
    assert time.monotonic() - started < 30
    assert ended == ["stopped"]
    assert shell.typed[0].exit_code is None
    assert shell.run("true").ok


def test_a_command_that_is_asked_again_and_again_is_typed_once(tmp_path: Path) -> None:
    shell = Shell(tmp_path, {})
    grow = "sh -c 'echo x >> file; cat file'"
    assert shell.until(grow, lambda said: said.count("x") == 2, limit_seconds=60)
    assert [(one.command, one.said, one.ok) for one in shell.typed] == [(f"{grow}  # again and again", "x\nx", True)]
    assert not shell.until("echo no", lambda said: said == "yes", limit_seconds=0)
    assert shell.typed[-1].exit_code is None


def test_a_tool_that_says_what_its_seconds_were_spent_on_is_asked_after_each_command(tmp_path: Path) -> None:
    shell = Shell(tmp_path, {})
    assert shell.run("true").spent == {}
    document = tmp_path / "kept" / "cutover" / "shop" / "dev.change.json"
    document.parent.mkdir(parents=True)
    shell.spent = partial(_spent, tmp_path / "kept")
    document.write_text(json.dumps({"seconds": 3.0, "spent": {"engine": 1.5, "switch": 0.5}}))
    assert shell.run("true").spent == {"driver": 1.0, "engine": 1.5, "switch": 0.5}
    assert shell.run("true").spent == {}  # of a command that was killed nothing is kept
