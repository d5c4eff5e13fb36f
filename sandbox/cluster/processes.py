"""The processes of an instance, and how to end them.

They are known by a marker in their environment, never by their name or by a pid that was written down.
"""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from sandbox.cluster import node
from sandbox.cluster.instance import MARKER
from sandbox.errors import SandboxError

NODE_SCRIPT = str(Path(node.__file__).resolve())
POLL_SECONDS = 0.02
_NODE_PARTS = Path(NODE_SCRIPT).parts[-3:]


@dataclass(frozen=True)
class Process:
    """One process that carries an instance's marker."""

    pid: int
    argv: tuple[str, ...]

    @property
    def is_node(self) -> bool:
        """Whether it is the instance's supervisor, which starts all others, and not the `unshare` around it.

        Of whichever checkout: one that shares the state directory of another one uses its cluster.
        """
        script = any(Path(word).parts[-3:] == _NODE_PARTS for word in self.argv)
        return script and Path(self.argv[0]).name != "unshare"


def environment(state: Path) -> dict[str, str]:
    """The caller's environment with the marker that `owned` looks for."""
    return {**os.environ, MARKER: str(state)}


def owned(state: Path) -> list[Process]:
    """Processes of the instance whose state directory is `state`, the supervisor first. Where none is found, there is a
    second look: one that becomes another program may show no environment for a moment.
    """
    if not (found := _seen(state)):
        time.sleep(POLL_SECONDS)
        found = _seen(state)
    return sorted(found, key=lambda one: not one.is_node)


def _seen(state: Path) -> list[Process]:
    return [one for one in map(_read, Path("/proc").glob("[0-9]*")) if one and _marked(one.pid, state)]


def _read(directory: Path) -> Process | None:
    try:
        argv = (directory / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:  # it ended since the listing
        return None
    return Process(int(directory.name), tuple(argv[:-1])) if argv[:-1] else None


def _marked(pid: int, state: Path) -> bool:
    try:
        variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:  # it ended, or it is another user's
        return False
    return f"{MARKER}={state}".encode() in variables


def kill_all(state: Path, timeout_seconds: float = 20) -> None:
    """End every process of the instance and wait until the last one is gone."""
    deadline = time.monotonic() + timeout_seconds
    while remaining := owned(state):
        if time.monotonic() > deadline:
            left = ", ".join(f"{one.pid} ({one.argv[0]})" for one in remaining)
            msg = f"{len(remaining)} processes of the sandbox remain {timeout_seconds:.0f} s after SIGKILL: {left}"
            raise SandboxError(msg)
        for process in remaining:
            tell(process, state, signal.SIGKILL)
        time.sleep(POLL_SECONDS)


def tell(process: Process, state: Path, what: signal.Signals) -> None:
    """Send a signal to one process of the instance; nothing where it is gone."""
    try:
        handle = os.pidfd_open(process.pid)
    except ProcessLookupError:
        return
    try:
        if _marked(process.pid, state):  # asked again with the handle open: the number may be another process's now
            signal.pidfd_send_signal(handle, what)
    except ProcessLookupError:
        return
    finally:
        os.close(handle)
