"""The distribution, built as a release builds it, for the tests that look into it and those that install it."""

import os
import shutil
import subprocess
import sys
import sysconfig
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
    """An environment in `folder`, as `python3 -m venv .venv && pip install dist/*.whl` makes it; returns its directory.

    What the wheel asks for is read from this project's own environment, where it is installed: nothing is downloaded.
    """
    made = folder / ".venv"
    (wheel,) = dist.glob("*.whl")
    run([UV, "venv", "--quiet", "--python", sys.executable, str(made)], folder)
    run([UV, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", str(made), str(wheel)], folder)
    (own,) = made.glob("lib/python*/site-packages")
    (own / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return made


def run(words: list[str], folder: Path, **variables: str) -> str:
    """A command that has to succeed, in a folder; what it prints."""
    outside = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    ended = subprocess.run(
        words, cwd=folder, env=outside | variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT_SECONDS,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout
    return ended.stdout
