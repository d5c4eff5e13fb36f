"""Packages of PyPI, by the hashes of their wheels: with uv where this Python has it, else with pip."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from sandbox.errors import SandboxError


def install(requirements: Path, into: Path | None = None) -> None:
    """Install what the file pins, beside this Python or into a folder. Raises SandboxError with the command tried."""
    uv = ("uv", "pip", "install", "--python", sys.executable) if find_spec("uv") else ("pip", "install")
    where = ("--target", str(into)) if into else ()
    command = (sys.executable, "-m", *uv, "--quiet", *where, "--require-hashes", "-r", str(requirements))
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        msg = f"`{' '.join(command)}` failed: {done.stderr.strip()[-1000:]}."
        raise SandboxError(msg)
