"""The distribution, built as a release builds it, for the tests that look into it and those that install it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.unit.test_house import tracked

ROOT = Path(__file__).resolve().parents[1]
UV = str(Path(sys.executable).with_name("uv"))
TIMEOUT_SECONDS = 240


def build(folder: Path) -> Path:
    """Build sdist and wheel from a copy of the checkout's files, so that nothing else can get in. Returns `dist`."""
    source, dist = folder / "source", folder / "dist"
    for path in tracked("*"):
        copy = source / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    pinned = ["--build-constraints", str(source / "requirements-build.txt"), "--require-hashes"]
    run([UV, "build", "--quiet", *pinned, "--out-dir", str(dist), str(source)], folder)
    return dist


def environment(folder: Path, dist: Path) -> Path:
    """An empty environment with the wheel in it; returns its interpreter. `pip install dist/*.whl` does the same."""
    python = folder / ".venv" / "bin" / "python"
    run([UV, "venv", "--quiet", "--python", sys.executable, str(folder / ".venv")], folder)
    run([UV, "pip", "install", "--quiet", "--python", str(python), *map(str, dist.glob("*.whl"))], folder)
    return python


def run(words: list[str], folder: Path, **variables: str) -> str:
    """A command that has to succeed, in a folder; what it prints."""
    outside = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    ended = subprocess.run(
        words, cwd=folder, env=outside | variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT_SECONDS,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout
    return ended.stdout
