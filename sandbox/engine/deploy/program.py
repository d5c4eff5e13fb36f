"""The language process: the user's program in a process group of its own, which never outlives the engine."""

import contextlib
import json
import os
import signal
import subprocess
import threading
from pathlib import Path
from typing import IO

from sandbox.engine.deploy.control import Control
from sandbox.engine.deploy.events import Events, Severity
from sandbox.engine.model import Operation

_LAUNCHER = Path(__file__).with_name("launcher.py")
_GRACE_SECONDS = 5.0


class Program:
    """Starts at once and loads the SDK; runs the user's code when `begin` tells it the engine's address."""

    def __init__(self, op: Operation):
        self._op = op
        env = {
            **os.environ,
            "PULUMI_CONFIG": json.dumps(op.config),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(op.secret_keys),
        }
        # The pipe brings the settings; its end tells the launcher that the engine is gone.
        self._read, self._write = os.pipe()
        self._process = subprocess.Popen(
            [op.python, "-u", str(_LAUNCHER), str(self._read), str(os.getpid())],
            cwd=op.entry.parent,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            pass_fds=[self._read],
            start_new_session=True,
        )
        os.close(self._read)
        self._threads: list[threading.Thread] = []

    def begin(self, address: str, root_urn: str, events: Events, control: Control) -> None:
        """Let the program run, and stream what it prints."""
        op = self._op
        settings = {
            "monitor": address,
            "engine": address,
            "project": op.project,
            "stack": op.stack,
            "organization": "organization",
            "root_directory": str(op.root),
            "parallel": op.parallel,
            "dry_run": op.preview,
        }
        with contextlib.suppress(BrokenPipeError):  # the exit code of a program that is gone says more
            os.write(self._write, (json.dumps({"entry": str(op.entry), "settings": settings}) + "\n").encode())
        streams: list[tuple[IO[str] | None, Severity]] = [
            (self._process.stdout, "info"),
            (self._process.stderr, "info#err"),
        ]
        for stream, severity in streams:
            self._start(self._pump, stream, severity, root_urn, events, control)
        self._start(self._watch, control)

    def _start(self, target: object, *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)  # type: ignore[arg-type]
        thread.start()
        self._threads.append(thread)

    @staticmethod
    def _pump(stream: IO[str], severity: Severity, urn: str, events: Events, control: Control) -> None:
        for line in stream:
            # After the hang-up there is only the SDK's own distress, not the program's words.
            if not (severity == "info#err" and control.closed.is_set()):
                events.say(severity, urn, line)
        stream.close()

    def _watch(self, control: Control) -> None:
        self._process.wait()
        control.wake.set()

    def poll(self) -> int | None:
        """The exit code, or nothing while it runs."""
        return self._process.poll()

    def end(self) -> int:
        """Make sure that the whole process group is gone and return the program's exit code."""
        if self._write < 0:
            return self._process.returncode
        if self._process.poll() is None:
            self._signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_GRACE_SECONDS)
        self._signal(signal.SIGKILL)
        code = self._process.wait()
        for thread in self._threads:
            thread.join(1)
        if not self._threads:  # it never began: nobody reads, so nobody closes
            for stream in (self._process.stdout, self._process.stderr):
                if stream is not None:
                    stream.close()
        os.close(self._write)
        self._write = -1
        return code

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)
