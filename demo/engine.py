"""Which `pulumi` performs the demo: the reader's own where there is one, else the SDK's download, else ours."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from demo.errors import DemoError

ROOT = Path(__file__).resolve().parent.parent
SANDBOX_ENGINE = ROOT / "sandbox" / "engine" / "bin" / "pulumi"

_VERSION_TIMEOUT_SECONDS = 30
# The installer's own first request has no time limit; the download proper may take its time once it has begun.
_CONNECT_TIMEOUT_SECONDS = 4
_INSTALL_TIMEOUT_SECONDS = 180
_INSTALL = (
    f"import socket, sys; socket.setdefaulttimeout({_CONNECT_TIMEOUT_SECONDS}); "
    "from pulumi.automation import PulumiCommand; print(PulumiCommand.install(root=sys.argv[1]).command)"
)


@dataclass(frozen=True, kw_only=True)
class Engine:
    """An executable that speaks the Pulumi CLI's contract, and where it was found."""

    command: str
    version: str
    origin: str

    @property
    def is_sandbox(self) -> bool:
        """Whether it is the stand-in of this repository."""
        return Path(self.command).resolve() == SANDBOX_ENGINE

    def __str__(self) -> str:
        return f"{self.command} {self.version} ({self.origin})"


def choose(given: str | None, say: Callable[[str], None]) -> Engine:
    """The engine to use. `given` (or CUTOVER_PULUMI) settles it; CUTOVER_SANDBOX=1 keeps it from downloading one.

    Raises DemoError where the one that was asked for does not run, or where there is none at all.
    """
    if asked := given or os.environ.get("CUTOVER_PULUMI"):
        return _tried(asked, "as you asked")
    if found := shutil.which("pulumi"):
        return _tried(found, "from your PATH")
    if os.environ.get("CUTOVER_SANDBOX") != "1" and (installed := _installed(say)):
        return _tried(installed, "downloaded by the SDK's installer")
    return _tried(str(SANDBOX_ENGINE), "the sandbox's stand-in, for trying things out")


def _installed(say: Callable[[str], None]) -> str | None:
    say("no `pulumi` on the PATH; asking the SDK's installer for one (CUTOVER_SANDBOX=1 skips this)")
    root = ROOT / ".sandbox" / "cli"
    try:
        run = subprocess.run(
            [sys.executable, "-c", _INSTALL, str(root)],
            capture_output=True,
            text=True,
            timeout=_INSTALL_TIMEOUT_SECONDS,
            env=os.environ | {"RES_OPTIONS": "timeout:2 attempts:1"},
            check=True,
        )
    except subprocess.TimeoutExpired:
        say(f"the download was not done in {_INSTALL_TIMEOUT_SECONDS} s; going on without it")
        return None
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["no reason given"])[-1]
        say(f"it cannot be had from here ({last}); going on without it")
        return None
    return run.stdout.strip().splitlines()[-1]


def _tried(command: str, origin: str) -> Engine:
    path = shutil.which(command)
    fix = "Install the Pulumi CLI, or name one with `--engine PATH` or CUTOVER_PULUMI=PATH."
    if path is None:
        raise DemoError(f"{command} ({origin}) is not an executable file, so nothing can be deployed. {fix}")
    try:
        run = subprocess.run(
            [path, "version"], capture_output=True, text=True, timeout=_VERSION_TIMEOUT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DemoError(f"`{command} version` ({origin}) did not run: {error}. {fix}") from error
    if run.returncode != 0 or not run.stdout.strip():
        said = (run.stderr or run.stdout).strip()[-300:]
        raise DemoError(f"`{command} version` ({origin}) ended with exit code {run.returncode}: {said}. {fix}")
    return Engine(command=str(Path(path).absolute()), version=run.stdout.strip().splitlines()[-1], origin=origin)
