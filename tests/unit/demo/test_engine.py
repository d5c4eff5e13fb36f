"""Which `pulumi` the demo takes, and what it says when there is none."""

import subprocess
from pathlib import Path

import pytest

from demo import engine
from demo.errors import DemoError


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Nothing on the PATH but a shell, nothing asked for, no network to try; gives a folder to put engines in."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("CUTOVER_SANDBOX", "1")
    monkeypatch.delenv("CUTOVER_PULUMI", raising=False)
    monkeypatch.setattr(engine, "SANDBOX_ENGINE", _engine(tmp_path / "sandboxed", "3.272.0+sandbox"))
    return folder


def _engine(path: Path, version: str, code: int = 0) -> Path:
    path.write_text(f"#!/bin/sh\necho {version}\nexit {code}\n")
    path.chmod(0o755)
    return path


def test_what_was_asked_for_comes_first(bare_machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _engine(bare_machine / "pulumi", "v3.200.0")
    monkeypatch.setenv("CUTOVER_PULUMI", str(_engine(tmp_path / "named", "v3.201.0")))
    assert engine.choose(None, print).version == "v3.201.0"
    assert engine.choose(str(_engine(tmp_path / "given", "v3.202.0")), print).version == "v3.202.0"


def test_the_path_comes_before_the_sandbox(bare_machine: Path) -> None:
    chosen = engine.choose(None, print)
    assert (chosen.version, chosen.is_sandbox) == ("3.272.0+sandbox", True)
    _engine(bare_machine / "pulumi", "v3.200.0")
    chosen = engine.choose(None, print)
    assert (chosen.version, chosen.is_sandbox) == ("v3.200.0", False)
    assert chosen.command == str(bare_machine / "pulumi")


@pytest.mark.parametrize(
    "failure",
    [
        subprocess.CalledProcessError(1, "python", stderr="Traceback\nURLError: no route to host"),
        subprocess.TimeoutExpired("python", 180),
    ],
)
def test_an_installer_that_cannot_download_is_not_the_end(failure: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    run, said = subprocess.run, list[str]()

    def offline(command: list[str], **options: object) -> object:
        if "-c" in command:
            raise failure
        return run(command, **options)  # type: ignore[call-overload]

    monkeypatch.delenv("CUTOVER_SANDBOX")
    monkeypatch.setattr(subprocess, "run", offline)
    assert engine.choose(None, said.append).is_sandbox
    assert "going on without it" in said[-1]


def test_an_installed_one_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, installed = subprocess.run, _engine(tmp_path / "fetched", "v3.272.0")

    def online(command: list[str], **options: object) -> object:
        if "-c" in command:
            return subprocess.CompletedProcess(command, 0, f"some words\n{installed}\n", "")
        return run(command, **options)  # type: ignore[call-overload]

    monkeypatch.delenv("CUTOVER_SANDBOX")
    monkeypatch.setattr(subprocess, "run", online)
    assert engine.choose(None, print).command == str(installed)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: path, "not an executable file"),
        (lambda path: _engine(path, "oops", 3), "exit code 3: oops"),
        (lambda path: _engine(path, ""), "exit code 0"),
    ],
)
def test_one_that_does_not_run_is_named(make: object, says: str, tmp_path: Path) -> None:
    assert callable(make)
    with pytest.raises(DemoError, match=says) as raised:
        engine.choose(str(make(tmp_path / "odd")), print)
    assert "CUTOVER_PULUMI" in str(raised.value)
