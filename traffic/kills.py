"""Kills an `up` with -9 at a step that was seen in its event log, and goes on as a user would."""

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from demo.project import Outcome, Running
from traffic.errors import TrafficError
from traffic.scene import LIMIT_SECONDS, Scene
from traffic.space import eventually

Victim = Literal["engine", "engine and program"]
LOCKED = "the stack is currently locked by"
_LOOK_SECONDS = 0.005


def kill_at_every_step(scene: Scene, edit: Callable[[], None], victim: Victim) -> int:
    """An edit and its `up`, killed at its first step, then `up` again; another one killed at its second step; and so
    on until an `up` ends before it can be killed. Gives how many were killed.
    """
    for at in range(1, 100):
        edit()
        if not up_killed(scene, f"step {at}", _reached(at), victim):
            return at - 1
        up_again(scene)
    raise TrafficError("an `up` with a hundred steps")


def up_again(scene: Scene) -> Outcome:
    """What a user does after a crash: `up`; where it says that the stack is locked, `cancel` and `up`."""
    outcome = scene.try_up("up again")
    if LOCKED in outcome.output:
        scene.project.must("cancel", "--yes")
        outcome = scene.try_up("up after cancel")
    if outcome.exit_code != 0:
        raise TrafficError(f"the `up` after a kill failed:\n{outcome.output.strip()[-1500:]}")
    scene.space.wait_for_leavers()
    scene.see(scene.version(), seconds=0.5)
    return outcome


def up_killed(scene: Scene, where: str, when: Callable[[Path], bool], victim: Victim) -> bool:
    """An `up` that is killed as soon as `when` says so, which gets the path of its event log; whether it was."""
    log = scene.project.folder / "logs" / f"events-{time.monotonic_ns()}.jsonl"
    scene.save()
    scene.mark(f"up, killed at {where}")
    running = scene.project.begin("up", "--yes", "--skip-preview", "--event-log", str(log))
    marker = f"PULUMI_BACKEND_URL=file://{scene.project.folder / 'state'}\0".encode()
    end = time.monotonic() + LIMIT_SECONDS
    while running.process.poll() is None:
        if when(log):
            _kill(running, victim)
            scene.mark("killed")
            running.process.wait()
            eventually("the program of the killed engine to end", lambda: not _processes(marker))
            return True
        if time.monotonic() > end:
            running.process.kill()
            raise TrafficError(f"`pulumi up` took over {LIMIT_SECONDS:.0f} s")
        time.sleep(_LOOK_SECONDS)
    outcome = running.outcome()
    if outcome.exit_code != 0:
        raise TrafficError(f"an `up` that was not killed failed:\n{outcome.output.strip()[-1500:]}")
    return False


def _reached(count: int) -> Callable[[Path], bool]:
    return lambda log: len(_steps(log)) >= count


def _kill(running: Running, victim: Victim) -> None:
    if victim == "engine":
        running.process.kill()
    else:
        os.killpg(running.process.pid, signal.SIGKILL)


def _step(event: dict[str, Any]) -> bool:
    """Whether an event tells of a step that changes something in the cluster, or of the drain."""
    for kind in ("resourcePreEvent", "resOutputsEvent"):
        if kind in event:
            metadata = event[kind]["metadata"]
            return bool(metadata["op"] != "same" and metadata["type"].startswith("kubernetes:"))
    return ": draining " in event.get("diagnosticEvent", {}).get("message", "")


def _steps(log: Path) -> list[str]:
    """The lines of steps so far; one that is still being written does not count."""
    lines = log.read_text().split("\n")[:-1] if log.exists() else []
    return [line for line in lines if _step(json.loads(line))]


def _processes(marker: bytes) -> list[int]:
    """The processes that run with this stack's state, without the CLI's plugins, which outlive it idle for a while."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                environment = (folder / "environ").read_bytes() + b"\0"
                executable = (folder / "cmdline").read_bytes().partition(b"\0")[0].decode()
            except OSError:  # it ended meanwhile, or is another user's
                continue
            if marker in environment and not Path(executable).name.startswith("pulumi-"):
                found.append(int(folder.name))
    return found
