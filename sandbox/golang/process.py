"""One run of `go`, with signs of life: a single program takes minutes."""

import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from sandbox.errors import SandboxError

SIGN_OF_LIFE_SECONDS = 60.0


def run(command: tuple[str, ...], folder: Path, environment: Mapping[str, str], report: Callable[[str], None]) -> str:
    """The output of the command. Raises SandboxError with the end of what it said where it fails."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True) as process:
        output, errors = _communicate(process, f"still at `go {command[1]} … {command[-1]}`", report)
    if process.returncode != 0:
        msg = f"`{' '.join(command)}` failed in {folder}:\n{errors.strip()[-4000:]}"
        raise SandboxError(msg)
    return output


def _communicate(process: subprocess.Popen[str], busy: str, report: Callable[[str], None]) -> tuple[str, str]:
    started = time.monotonic()
    try:
        while True:
            try:
                return process.communicate(timeout=SIGN_OF_LIFE_SECONDS)
            except subprocess.TimeoutExpired:
                report(f"{busy}, {time.monotonic() - started:.0f} s")
    except BaseException:
        process.kill()
        raise
