"""A server process that is waited for until it listens, and ended."""

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
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


@contextmanager
def serving(command: Sequence[str], port: int, log: Path, *, user: str | None = None) -> Iterator[None]:
    """The command while the block runs, from when its port answers. Raises SandboxError where it does not."""
    with log.open("w") as written:
        process = subprocess.Popen(
            command, user=user, cwd=log.parent, stdin=subprocess.DEVNULL, stdout=written, stderr=written
        )
        try:
            _until_it_listens(process, port, log)
            yield
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def _until_it_listens(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as tried:
            if tried.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.1)
    msg = f"{process.args!r} does not listen on port {port}: {log.read_text()[-500:]}"
    raise SandboxError(msg)
