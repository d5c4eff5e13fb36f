"""A user's terminal: commands, how they ended, what they said, and how long each took."""

import os
import resource
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from traffic.errors import TrafficError

LIMIT_SECONDS = 180.0  # of one command
_LOOK_SECONDS = 0.5


class StoppedError(Exception):
    """The command under way was stopped by a signal, so what would follow it is not typed."""


@dataclass(frozen=True, kw_only=True)
class Typed:
    """One command as the user typed it. `exit_code` is None where it was killed or took over LIMIT_SECONDS; `spent` are
    its seconds by part, where the tool says them.
    """

    command: str
    exit_code: int | None
    seconds: float
    said: str
    processor_seconds: float = 0.0
    spent: Mapping[str, float] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether it said that it succeeded."""
        return self.exit_code == 0


@dataclass
class Shell:
    """Runs commands in `folder`, one at a time; another thread may send the one under way a signal. `spent` is asked
    after each what its seconds were spent on.
    """

    folder: Path
    environment: Mapping[str, str]
    typed: list[Typed] = field(default_factory=list)
    spent: Callable[[], Mapping[str, float]] = dict
    _process: "subprocess.Popen[str] | None" = None
    _stopped: bool = False

    def run(self, line: str) -> Typed:
        """One command line, without pipes and variables; kept in `typed`. Raises StoppedError after `send`."""
        self._check()
        started, code, before = time.monotonic(), None, _children_seconds()
        with subprocess.Popen(
            shlex.split(line),
            cwd=self.folder,
            env=os.environ | dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # what it starts is killed with it
        ) as process:
            self._process = process
            try:
                said, _ = process.communicate(timeout=LIMIT_SECONDS)
                code = process.returncode if process.returncode >= 0 else None
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                said, _ = process.communicate()
            finally:
                self._process = None
        seconds = round(time.monotonic() - started, 2)
        spent = round(_children_seconds() - before, 2)
        done = Typed(
            command=line,
            exit_code=code,
            seconds=seconds,
            said=said.strip(),
            processor_seconds=spent,
            spent=self.spent(),
        )
        self.typed.append(done)
        self._check()
        return done

    def until(self, line: str, done: Callable[[str], bool], limit_seconds: float) -> bool:
        """A command again and again until it says so; whether it did. Kept in `typed` once, with what it said last."""
        started, count = time.monotonic(), len(self.typed)
        while not (ended := done(self.run(line).said)) and time.monotonic() - started < limit_seconds:
            del self.typed[count:]
            time.sleep(_LOOK_SECONDS)
        seconds = round(time.monotonic() - started, 2)
        last = replace(self.typed[-1], command=f"{line}  # again and again", seconds=seconds)
        self.typed[count:] = [last if ended else replace(last, exit_code=None)]
        return ended

    def wait(self, seconds: float, why: str) -> None:
        """What a user or a script does between two commands; kept in `typed` as a comment."""
        time.sleep(seconds)
        self.typed.append(Typed(command=f"sleep {seconds:g}  # {why}", exit_code=0, seconds=seconds, said=""))

    def send(self, number: signal.Signals) -> None:
        """A signal to the command under way, SIGKILL also to all that it started; the rest of the script is not run."""
        self._stopped = True
        process = self._process
        if process is None or process.poll() is not None:
            return
        if number is signal.SIGKILL:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)

    def _check(self) -> None:
        if self._stopped:
            self._stopped = False
            raise StoppedError


def _children_seconds() -> float:
    """Processor time of the commands that have ended, and of what they started."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def must(shell: Shell, line: str) -> Typed:
    """A command that has no reason to fail; raises TrafficError where it does."""
    done = shell.run(line)
    if not done.ok:
        raise TrafficError(f"`{line}` ended with {done.exit_code}:\n{done.said[-1500:]}")
    return done
