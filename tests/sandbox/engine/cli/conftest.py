"""A project in an empty folder, a backend of its own, and two ways to run commands on it."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.engine.backend import secrets
from sandbox.engine.cli.main import main
from tests.sandbox.engine.cli import fake_engine

ROOT = Path(__file__).resolve().parents[4]
PROJECT = "name: shop\nruntime: {name: python, options: {virtualenv: venv}}\n"


@dataclass
class Result:
    """What a command said."""

    code: int
    out: str
    err: str


Pulumi = Callable[..., Result]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project's folder, the working directory; nothing of the machine's own Pulumi shows through."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text(PROJECT)
    (folder / "__main__.py").write_text("")
    for name in [name for name in os.environ if name.startswith("PULUMI_")]:
        monkeypatch.delenv(name)
    (tmp_path / "state").mkdir()
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path / 'state'}")
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(secrets, "ROUNDS", 1000)  # the real number costs a third of a second per key
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def pulumi(project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Pulumi:
    """Runs a command in this process, with the fake deployment core."""
    module = fake_engine.module()
    monkeypatch.setitem(sys.modules, "sandbox.engine.deploy", module)
    monkeypatch.setattr("sandbox.engine.deploy", module, raising=False)

    def run(*words: str, passphrase: str | None = None) -> Result:
        if passphrase is not None:
            monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", passphrase)
        monkeypatch.chdir(project)
        capsys.readouterr()
        code = main(words)
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return run


@pytest.fixture
def executable(tmp_path: Path, project: Path) -> Path:
    """A folder with `bin/pulumi`: the command line in a process of its own, with the fake deployment core."""
    path = tmp_path / "root" / "bin" / "pulumi"
    path.parent.mkdir(parents=True)
    script = ROOT / "tests" / "sandbox" / "engine" / "cli" / "fake_engine.py"
    path.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} {script} "$@"\n')
    path.chmod(0o755)
    return path


@pytest.fixture
def spawn(executable: Path, project: Path) -> Callable[..., "subprocess.Popen[str]"]:
    """Starts a command in a process of its own."""

    def start(*words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [str(executable), *words], cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    return start
