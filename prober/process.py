"""The prober in a process of its own, driven by the one that wants the figures.

Its CPU use and its pauses are then its own: a busy parent does not delay requests. The two talk in JSON lines. Parent
to child: `{"mark": name, "at": monotonic}`, `{"latencies": mark}`, `{"stop": true}`. Child to parent: `{"progress":
...}` about every half second, `{"latencies": ...}` where it was asked, and at the end `{"result": ...}`. A parent that
dies closes the pipe, and the child stops by itself.
"""

import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from prober.kinds import QUICK_KINDS, VERY_SLOW_SECONDS
from prober.result import Progress, Result
from prober.run import Plan
from prober.target import Target

_PACKAGE = __name__.rpartition(".")[0]  # below another where it is installed
_ROOT = str(Path(__file__).resolve().parents[__name__.count(".")])
# The same package as the parent's, in a checkout or installed, whatever the folder. Not by running in _ROOT: where that
# is an environment's packages, they would go before the standard library's.
_START = f"import sys; {_ROOT!r} in sys.path or sys.path.insert(0, {_ROOT!r}); from {_PACKAGE}.__main__ import main; "
_START_TIMEOUT_SECONDS = 20.0
_ANSWER_TIMEOUT_SECONDS = 20.0


Latencies = dict[str, dict[str, list[float]]]
"""Version -> kind of client -> latencies of its answers in ms."""


class ProberError(RuntimeError):
    """The prober's process did not start or ended without a result."""


class Prober:
    """`start`, `mark` moments, `stop` for the Result. As a context manager it is stopped in any case.

    Raises TargetRefusedError or ValueError at once for what the prober would not send.
    """

    def __init__(
        self,
        url: str,
        *,
        rate_per_second: float = 200.0,
        max_seconds: float = 600.0,
        timeout_seconds: float = 5.0,
        kinds: Collection[str] = QUICK_KINDS,
        allowed_hosts: Collection[str] = (),
        host: str = "",
    ) -> None:
        self.target = Target.parse(url, allowed_hosts=allowed_hosts, named=host)
        plan = Plan(
            target=self.target,
            rate_per_second=rate_per_second,
            seconds=max_seconds,
            kinds=tuple(kinds),
            timeout_seconds=timeout_seconds,
        )
        self._command = [sys.executable, "-P", "-c", f"{_START}sys.exit(main())", self.target.url, "--controlled"]
        self._command += ["--rate", str(plan.rate_per_second), "--seconds", str(plan.seconds)]
        self._command += ["--timeout", str(plan.timeout_seconds)]
        self._command += [arg for kind in plan.kinds for arg in ("--kind", kind)]
        self._command += [arg for one in allowed_hosts for arg in ("--allow-host", one)]
        self._command += ["--host", self.target.named] if self.target.named else []
        self._timeout_seconds = timeout_seconds + VERY_SLOW_SECONDS
        self._process: subprocess.Popen[str] | None = None
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._started = threading.Event()
        self._progress = Progress(0, 0, {})
        self._latencies: queue.Queue[Latencies] = queue.Queue()
        self._result: Result | None = None

    @property
    def progress(self) -> Progress:
        """The sums of about half a second ago."""
        return self._progress

    @property
    def running(self) -> bool:
        """Whether it sends: it was started, its time is not over, and its process lives."""
        return self._result is None and self._reader.is_alive()

    def start(self) -> "Prober":
        """Begin to send; returns when the schedule runs."""
        # A session of its own: Ctrl-C in the terminal reaches the parent, which then stops the prober in order.
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._reader.start()
        if not self._started.wait(_START_TIMEOUT_SECONDS) or self._process.poll() not in (None, 0):
            raise self._gone()
        return self

    def mark(self, name: str) -> None:
        """Name this moment."""
        self._tell({"mark": name, "at": time.monotonic()})

    def latencies_ms(self, mark: str) -> Latencies:
        """The latencies so far of the requests due from a mark until the next one. Raises ProberError where the
        process is gone.
        """
        self._tell({"latencies": mark})
        try:
            return self._latencies.get(timeout=_ANSWER_TIMEOUT_SECONDS)
        except queue.Empty:
            raise self._gone() from None

    def stop(self) -> Result:
        """Send nothing more, wait for what is open, and give the account. A second call gives the same."""
        if self._result is None:
            process = self._running()
            self._tell({"stop": True})
            self._reader.join(self._timeout_seconds * 2 + 10)
            if self._result is None:
                raise self._gone()
            self._close(process)
        return self._result

    def __enter__(self) -> "Prober":
        """The prober, started."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process, with or without a result."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            self._close(self._process)

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            raise ProberError("the prober was not started; call start() first.")
        return self._process

    def _tell(self, message: dict[str, Any]) -> None:
        stdin = _opened(self._running().stdin)
        try:
            stdin.write(json.dumps(message) + "\n")
            stdin.flush()
        except (BrokenPipeError, ValueError):
            if self._result is None and not self._reader.is_alive():
                raise self._gone() from None

    def _read(self) -> None:
        for line in _opened(self._running().stdout):
            message = json.loads(line)
            if "result" in message:
                self._result = Result.from_json(message["result"])
            elif "latencies" in message:
                self._latencies.put(message["latencies"])
            else:
                self._progress = Progress.from_json(message["progress"])
            self._started.set()
        self._started.set()

    def _gone(self) -> ProberError:
        process = self._running()
        process.kill()
        said = _opened(process.stderr).read().strip()
        self._close(process)
        return ProberError(f"the prober's process gave no result (exit code {process.returncode}): {said or 'silent'}")

    def _close(self, process: subprocess.Popen[str]) -> None:
        process.wait()
        self._reader.join()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with suppress(BrokenPipeError):  # what the process did not read any more
                    pipe.close()


def _opened(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise ProberError("a pipe to the prober's process is missing; it was not started by start().")
    return pipe
