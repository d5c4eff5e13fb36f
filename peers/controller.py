"""A peer's controller as a process of this machine, which is started again when it is killed, as the kubelet would."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from peers.shell import Shell
from traffic.space import eventually

_STOP_SECONDS = 10.0


@dataclass
class Controller:
    """`ready` says by its log when it works. Resources are those of the process, from /proc."""

    command: list[str]
    ready: Callable[[str], bool]
    _process: "subprocess.Popen[bytes] | None" = None
    _shell: Shell | None = field(default=None, repr=False)
    _starts: int = 0

    @contextmanager
    def running(self, shell: Shell) -> Iterator[None]:
        """While the block runs. Raises TrafficError where it does not get ready."""
        self._shell = shell
        self._start()
        try:
            eventually(f"{self.command[0]} to be ready", lambda: self.ready(self._log.read_text()))
            yield
        finally:
            self._end(signal.SIGTERM)

    def restart(self) -> None:
        """Kill it and start it again at once."""
        self._end(signal.SIGKILL)
        self._start()

    def memory_bytes(self) -> int:
        """Resident memory now."""
        status = (self._proc / "status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmRSS"))

    def processor_seconds(self) -> float:
        """Time on a processor since it was started."""
        words = (self._proc / "stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def _proc(self) -> Path:
        return Path("/proc") / str(self._process.pid if self._process else 0)

    @property
    def _log(self) -> Path:
        folder = self._shell.folder if self._shell else Path()
        return folder / f"{Path(self.command[0]).name}-{self._starts}.log"

    def _start(self) -> None:
        if self._shell is None:
            raise RuntimeError("a controller runs only in its block")
        self._starts += 1
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                self.command,
                cwd=self._shell.folder,
                env=os.environ | dict(self._shell.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
