"""Runs an `up` and kills a part of it with -9 at a step that was seen."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from tests.lifecycle.kube import eventually
from tests.lifecycle.stack import TIMEOUT_SECONDS, Outcome, Stack

# The CLI alone, all at once, or what the CLI starts: its language host, its provider, the program.
Victim = Literal["cli", "group", "host", "provider", "program"]
EXECUTABLES = {"host": "pulumi-language-python", "provider": "pulumi-resource-kubernetes"}
RUNNER = "pulumi-language-python-exec"
LOOK_SECONDS = 0.005


def step(event: dict[str, Any]) -> str | None:
    """What an event of the log tells of a step that changes something: `resourcePreEvent update shop`."""
    for kind in ("resourcePreEvent", "resOutputsEvent"):
        if kind in event:
            metadata = event[kind]["metadata"]
            if metadata["op"] != "same" and metadata["type"].startswith("kubernetes:"):
                return f"{kind} {metadata['op']} {metadata['urn'].rpartition('::')[2]}"
    message = event.get("diagnosticEvent", {}).get("message", "")
    return "draining" if ": draining " in message else None


def steps(log: Path) -> list[str]:
    """The steps in an event log so far; a last line that is still being written does not count."""
    lines = log.read_text().split("\n")[:-1] if log.exists() else []
    return [found for line in lines if (found := step(json.loads(line)))]


def up_killed(stack: Stack, log: Path, victim: Victim, when: Callable[[list[str]], bool]) -> tuple[bool, list[str]]:
    """An `up` that is killed as soon as `when` says so of the steps so far; whether it was, and the steps.

    Returns when engine and program are gone, whoever had to end them. A real CLI's plugins outlive it for minutes,
    idle, until they notice.
    """
    stack.announce()
    process = stack.start("up", "--yes", "--skip-preview", "--event-log", str(log))
    end = time.monotonic() + TIMEOUT_SECONDS
    killed = False
    while process.poll() is None and not killed:
        assert time.monotonic() < end, f"`pulumi up` took over {TIMEOUT_SECONDS} s"
        if killed := when(steps(log)):
            kill(stack, process, victim)
        time.sleep(LOOK_SECONDS)
    said, _ = process.communicate()
    assert killed or process.returncode == 0, f"an `up` that nobody killed failed:\n{said}"
    eventually("the program to end", lambda: not processes_of(stack, but="pulumi-"))
    return killed, steps(log)


def kill(stack: Stack, process: "subprocess.Popen[str]", victim: Victim) -> None:
    """Kill that part of a command with -9."""
    if victim == "group":
        os.killpg(process.pid, signal.SIGKILL)
    elif victim == "cli":
        process.kill()
    else:
        for pid, argv in _processes(stack).items():
            name = Path(argv[0]).name
            is_program = any(Path(word).name == RUNNER for word in argv)
            if is_program if victim == "program" else name == EXECUTABLES[victim]:
                with contextlib.suppress(ProcessLookupError):  # the step was the last one, and it ended meanwhile
                    os.kill(pid, signal.SIGKILL)


def up_again(stack: Stack) -> Outcome:
    """What a user does after a crash: `up`; where it says that the stack is locked, `cancel` and `up`; where it says
    that an object exists, which it made and could not note any more, as docs/recovery.md tells.
    """
    outcome = stack.up()
    if "failed to load checkpoint: EOF" in outcome.said:
        # The file backend writes each state whole, but not what it notes beside it: a kill can leave that empty.
        attributes = stack.checkpoint.with_name(f"{stack.checkpoint.name}.attrs")
        assert attributes.read_text() == ""
        attributes.unlink()
        outcome = stack.up()
    if "the stack is currently locked by" in outcome.said:
        assert outcome.code != 0
        cancelled = stack.run("cancel", "--yes")
        assert cancelled.code == 0, cancelled.said
        outcome = stack.up()
    if "already exists" in outcome.said:
        assert stack.run("config", "set", "kubernetes:upsertExistingObjects", "true").code == 0
        outcome = stack.run("up", "--yes", "--skip-preview")
    assert outcome.code == 0, outcome.said
    return outcome


def processes_of(stack: Stack, but: str) -> list[int]:
    """The processes that run with this stack's environment, but for executables whose names begin like that."""
    return [pid for pid, argv in _processes(stack).items() if not Path(argv[0]).name.startswith(but)]


def end_leftovers(stack: Stack) -> None:
    """End what outlived a killed CLI: its provider serves on, idle."""
    for pid in _processes(stack):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _processes(stack: Stack) -> dict[int, list[str]]:
    """The command line of each process that runs with this stack's environment."""
    marker = f"PULUMI_BACKEND_URL={stack.environment['PULUMI_BACKEND_URL']}\0".encode()
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                environment = (folder / "environ").read_bytes()
                argv = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
            except OSError:  # it ended meanwhile, or is another user's
                continue
            if marker in environment + b"\0":
                found[int(folder.name)] = argv
    return found
