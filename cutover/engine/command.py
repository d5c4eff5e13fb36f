"""The `pulumi` executable as a child in a process group of its own, so that Ctrl-C reaches it only through us.

A terminal sends Ctrl-C to the whole group in front: an engine in it would take ours and its own for two, and stop at
once. The child is told when we die (where `setpriv` is there), so that it cancels its step and frees the stack's lock.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from pulumi import automation as auto
from pulumi.automation.errors import create_command_error

from cutover.errors import Interrupted, UsageError

VARIABLE = "CUTOVER_PULUMI"  # an executable to use instead of the first `pulumi` on the PATH
GRACE_SECONDS = 5.0  # after the second Ctrl-C, until the engine is killed

OnLine = Callable[[str], object]


class Command(auto.PulumiCommand):
    """The CLI as the Automation API runs it."""

    def __init__(self) -> None:
        if chosen := os.environ.get(VARIABLE):
            folder = str(Path(chosen).expanduser().absolute().parent)
            os.environ["PATH"] = os.pathsep.join([folder, os.environ.get("PATH", "")])
        if shutil.which("pulumi") is None:
            raise UsageError(
                "there is no `pulumi` on the PATH",
                f"install the Pulumi CLI, or name one by {VARIABLE}=/path/to/bin/pulumi",
            )
        try:
            super().__init__()
        except (OSError, subprocess.CalledProcessError, auto.InvalidVersionError) as error:
            raise UsageError(f"the `pulumi` on the PATH cannot be used: {error}", "install a current one") from error
        self._child: subprocess.Popen[bytes] | None = None
        self._asked = 0

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: OnLine | None = None,
        on_error: OnLine | None = None,
    ) -> auto.CommandResult:
        """Run a command to its end. Raises CommandError, or Interrupted when a stop was asked for before it began."""
        if self._asked:
            raise Interrupted("stopped before the next command of the engine")
        end = args.index("--") if "--" in args else len(args)
        if "--non-interactive" not in args[:end]:
            args = ["--non-interactive", *args]
        follow = ["setpriv", "--pdeathsig", "INT", "--"] if shutil.which("setpriv") else []
        # Files, not pipes: an engine that outlives us must not die of a broken pipe in the middle of a step. What it
        # does is heard through its events.
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            with subprocess.Popen(
                [*follow, self.command, *args],
                cwd=cwd,
                env={**os.environ, **additional_env, "PULUMI_AUTOMATION_API": "true"},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            ) as child:
                self._child = child
                try:
                    if self._asked:  # while it was started, when there was no child to ask
                        self.interrupt()
                    code = child.wait()  # in the main thread, which takes the signals
                except KeyboardInterrupt:
                    _end(child)  # what it still did would be unknown to who asks the cluster next
                    raise
            self._child = None
            result = auto.CommandResult(stdout=_said(out, on_output), stderr=_said(err, on_error), code=code)
        if code != 0:
            raise create_command_error(result)
        return result

    def stop(self) -> None:
        """Ask the engine to stop: it cancels the steps under way and records that; asked again it is killed."""
        self._asked += 1
        child = self.interrupt()
        if child and self._asked > 1:
            timer = threading.Timer(GRACE_SECONDS, _kill, args=(child,))
            timer.daemon = True
            timer.start()

    def interrupt(self) -> "subprocess.Popen[bytes] | None":
        """Ask the run under way, if there is one, to cancel its steps and end. The next one begins all the same."""
        child = self._child
        if child is None or child.poll() is not None:
            return None
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(signal.SIGINT)
        return child

    @property
    def stopping(self) -> bool:
        """Whether a stop was asked for."""
        return self._asked > 0


def _said(file: IO[bytes], tell: OnLine | None) -> str:
    file.seek(0)
    lines = [line.rstrip() for line in file.read().decode(errors="replace").splitlines()]
    if tell:
        for line in lines:
            tell(line)
    return "\n".join(lines)


def _end(child: "subprocess.Popen[bytes]") -> None:
    """Wait for a child that was asked to stop; kill it when its time is over."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(GRACE_SECONDS)
    _kill(child)
    child.wait()


def _kill(child: "subprocess.Popen[bytes]") -> None:
    if child.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
