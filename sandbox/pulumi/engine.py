"""The choice of the `pulumi` to use: the reader's own, one built here before, the SDK's download, or one built now."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.paths import ROOT
from sandbox.pulumi import build

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
    """A Pulumi CLI, and where it was found. `plugins` holds the provider of one that was built here, else None."""

    command: Path
    version: str
    origin: str
    plugins: Path | None = None

    def __str__(self) -> str:
        return f"{self.command} {self.version} ({self.origin})"

    @property
    def provider(self) -> str:
        """The Kubernetes provider that the engine runs, in words."""
        asked = build.provider_version()
        if self.plugins is None:
            return f"v{asked}, the CLI's own download"
        return f"{build.PROVIDER_REVISION}, which answers as v{asked}"

    def environment(self, home: Path) -> dict[str, str]:
        """The variables that a command of the engine needs.

        An engine that was built here gets `home` as its PULUMI_HOME, with its provider linked in. Any other one keeps
        the reader's, and with it the reader's login and plugins.
        """
        if self.plugins is None:
            return {}
        home.mkdir(parents=True, exist_ok=True)
        link = home / "plugins"
        if not link.is_symlink() or link.readlink() != self.plugins:
            link.unlink(missing_ok=True)
            link.symlink_to(self.plugins, target_is_directory=True)
        return {"PULUMI_HOME": str(home)}


def choose(given: str | None, say: Callable[[str], None]) -> Engine:
    """The engine to use. `given` (or CUTOVER_PULUMI) settles it; CUTOVER_SANDBOX=1 keeps it from downloading one.

    CUTOVER_PULUMI=oldest builds the oldest CLI that is tested.

    Raises SandboxError where the one that was asked for does not run, or where none can be had.
    """
    if asked := given or os.environ.get("CUTOVER_PULUMI"):
        if asked == "oldest":
            return _tried(str(build.ensure_oldest(say)), "built from its Go modules, the oldest", build.plugins())
        return _tried(asked, "as you asked")
    if found := shutil.which("pulumi"):
        return _tried(found, "from your PATH")
    if not build.is_built() and os.environ.get("CUTOVER_SANDBOX") != "1" and (installed := _installed(say)):
        return _tried(installed, "downloaded by the SDK's installer")
    return _tried(str(build.ensure(say)), "built from its Go modules", build.plugins())


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
        say(f"the download was not done in {_INSTALL_TIMEOUT_SECONDS} s; building one instead")
        return None
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["no reason given"])[-1]
        say(f"it cannot be had from here ({last}); building one instead")
        return None
    return run.stdout.strip().splitlines()[-1]


def _tried(command: str, origin: str, plugins: Path | None = None) -> Engine:
    path = shutil.which(command)
    fix = "Install the Pulumi CLI, or name one with CUTOVER_PULUMI=PATH."
    if path is None:
        raise SandboxError(f"{command} ({origin}) is not an executable file, so nothing can be deployed. {fix}")
    try:
        run = subprocess.run(
            [path, "version"], capture_output=True, text=True, timeout=_VERSION_TIMEOUT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SandboxError(f"`{command} version` ({origin}) did not run: {error}. {fix}") from error
    if run.returncode != 0 or not run.stdout.strip():
        said = (run.stderr or run.stdout).strip()[-300:]
        raise SandboxError(f"`{command} version` ({origin}) ended with exit code {run.returncode}: {said}. {fix}")
    return Engine(
        command=Path(path).absolute(), version=run.stdout.strip().splitlines()[-1], origin=origin, plugins=plugins
    )
