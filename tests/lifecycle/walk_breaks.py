"""Runs that are broken off in the middle: by Ctrl-C, by a signal, by kill -9 of one of their parts."""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from typing import Literal, get_args

from tests.lifecycle import kills
from tests.lifecycle.command import TIMEOUT_SECONDS, cutover
from tests.lifecycle.driver import start
from tests.lifecycle.kube import eventually
from tests.lifecycle.walk import Walk

Break = Literal["ctrl-c", "sigterm", "cli", "group", "host", "provider", "program"]
BREAKS: tuple[Break, ...] = get_args(Break)
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)


def up_broken_off(walk: Walk, what: str, how: Break, at: int) -> None:
    """A plain `up` that is broken off when so many of its steps have begun or ended, unless it is over before."""
    stack = walk.stack
    log = stack.folder / f"events-{len(walk.log)}.jsonl"
    with walk.judged(f"{what}; pulumi up, {how} at step {at}"):
        stack.save()
        process = stack.start("up", "--yes", "--skip-preview", "--event-log", str(log))
        end = time.monotonic() + TIMEOUT_SECONDS
        while process.poll() is None and len(kills.steps(log)) < at:
            assert time.monotonic() < end, f"`pulumi up` took over {TIMEOUT_SECONDS} s"
            time.sleep(kills.LOOK_SECONDS)
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # it ended meanwhile
                _break(walk, process.pid, how, lambda victim: kills.kill(stack, process, victim))
        said, _ = process.communicate()
        _until_ended(walk)
    walk.heard(process.returncode, said)
    walk.broken_off = walk.broken_off or process.returncode != 0
    unlock(walk)


def _break(walk: Walk, pid: int, how: Break, kill: Callable[[kills.Victim], None]) -> None:
    if how == "ctrl-c":  # a terminal sends it to all of the group
        os.killpg(pid, signal.SIGINT)
    elif how == "sigterm":
        os.kill(pid, signal.SIGTERM)
    else:
        kill(how)


def verb_broken_off(walk: Walk, number: signal.Signals, at: int, verb: str, *words: str) -> None:
    """A verb of the driver that is sent a signal when it has said so many lines, unless it is over before."""
    agreed, said = walk.live == walk.active and not walk.touched, ""
    with walk.judged(f"cutover {verb} {' '.join(words)}, {number.name} at line {at}"):
        with start(walk.stack, verb, *words, "--yes") as process:
            for count, line in enumerate(process.stdout or (), 1):
                said += line
                if count == at:
                    process.send_signal(number)
            code = process.wait(TIMEOUT_SECONDS)
        _until_ended(walk)
    walk.heard(code, said)
    walk.broken_off = walk.broken_off or code != 0
    if agreed and number != signal.SIGKILL:
        assert walk.live == walk.active, walk.said(said)
    unlock(walk)


def _until_ended(walk: Walk) -> None:
    """Until engine and program are gone; a killed CLI's plugins outlive it, idle."""
    eventually("the engine to end", lambda: not kills.processes_of(walk.stack, but="pulumi-"))


def unlock(walk: Walk) -> None:
    """What a user types after a crash, as docs/recovery.md tells; until then a run says that the stack is locked."""
    stack = walk.stack
    attributes = stack.checkpoint.with_name(f"{stack.checkpoint.name}.attrs")
    if attributes.exists() and not attributes.read_text():  # a kill can leave the file beside the state empty
        attributes.unlink()
    if not list((stack.folder / "state" / ".pulumi" / "locks").rglob("*.json")):
        return
    locked = cutover(stack, "up", "--yes")
    assert locked.code == 4, walk.said(locked.out + locked.err)
    cancelled = stack.run("cancel", "--yes")
    assert cancelled.code == 0, walk.said(cancelled.said)
    walk.log.append("locked; pulumi cancel")
