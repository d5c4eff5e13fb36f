"""A server process: started, awaited until it is ready, ended."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.errors import SandboxError

START_SECONDS = 60.0
STOP_SECONDS = 60.0
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Store:
    """A store of states: what the engine's environment has to say, and the secrets in it, which nobody may print."""

    environment: Mapping[str, str]
    secrets: Sequence[str] = field(default=(), repr=False)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


def listens(port: int) -> Callable[[], bool]:
    """Whether somebody listens on the port."""

    def ready() -> bool:
        with socket.socket() as tried:
            return tried.connect_ex((HOST, port)) == 0

    return ready


@contextmanager
def serving(command: Sequence[str], ready: Callable[[], bool], log: Path, *, user: str | None = None) -> Iterator[None]:
    """The command while the block runs, from when it is `ready`. Raises SandboxError where it ends or never is."""
    with log.open("w") as written:
        process = subprocess.Popen(
            command, user=user, cwd=log.parent, stdin=subprocess.DEVNULL, stdout=written, stderr=written
        )
        try:
            _until(ready, process, log)
            yield
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def _until(ready: Callable[[], bool], process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        if ready():
            return
        time.sleep(0.1)
    msg = f"{process.args!r} takes no connections: {log.read_text()[-500:]}"
    raise SandboxError(msg)
