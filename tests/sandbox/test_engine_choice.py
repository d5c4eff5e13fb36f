"""Which `pulumi` is taken, and what is said when there is none."""

import subprocess
from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.pulumi import build, engine


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Nothing on the PATH but a shell, nothing built, no network to try; gives a folder to put engines in."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("CUTOVER_SANDBOX", "1")
    monkeypatch.delenv("CUTOVER_PULUMI", raising=False)
    monkeypatch.setattr(build, "is_built", lambda: False)
    monkeypatch.setattr(build, "ensure", lambda _say: _engine(tmp_path / "built", "v3.274.1"))
    return folder


def _engine(path: Path, version: str, code: int = 0) -> Path:
    path.write_text(f"#!/bin/sh\necho {version}\nexit {code}\n")
    path.chmod(0o755)
    return path


def test_what_was_asked_for_comes_first(bare_machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _engine(bare_machine / "pulumi", "v3.240.0")
    monkeypatch.setenv("CUTOVER_PULUMI", str(_engine(tmp_path / "named", "v3.241.0")))
    assert engine.choose(None, print).version == "v3.241.0"
    assert engine.choose(str(_engine(tmp_path / "given", "v3.242.0")), print).version == "v3.242.0"


def test_the_path_comes_before_a_build(bare_machine: Path, tmp_path: Path) -> None:
    chosen = engine.choose(None, print)
    assert (chosen.command, chosen.plugins) == (tmp_path / "built", build.plugins())
    _engine(bare_machine / "pulumi", "v3.240.0")
    chosen = engine.choose(None, print)
    assert (chosen.version, chosen.plugins) == ("v3.240.0", None)
    assert chosen.command == bare_machine / "pulumi"


def test_one_that_was_built_is_taken_without_asking_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUTOVER_SANDBOX")
    monkeypatch.setattr(build, "is_built", lambda: True)
    said: list[str] = []
    assert engine.choose(None, said.append).plugins == build.plugins()
    assert said == []


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
    assert engine.choose(None, said.append).plugins
    assert "building one instead" in said[-1]


def test_an_installed_one_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, installed = subprocess.run, _engine(tmp_path / "fetched", "v3.272.0")

    def online(command: list[str], **options: object) -> object:
        if "-c" in command:
            return subprocess.CompletedProcess(command, 0, f"some words\n{installed}\n", "")
        return run(command, **options)  # type: ignore[call-overload]

    monkeypatch.delenv("CUTOVER_SANDBOX")
    monkeypatch.setattr(subprocess, "run", online)
    assert engine.choose(None, print).command == installed


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
    with pytest.raises(SandboxError, match=says) as raised:
        engine.choose(str(make(tmp_path / "odd")), print)
    assert "CUTOVER_PULUMI" in str(raised.value)


def test_a_home_links_the_built_provider_and_follows_a_new_build(tmp_path: Path) -> None:
    home, plugins = tmp_path / "home", (tmp_path / "old", tmp_path / "new")
    for folder in plugins:
        folder.mkdir()
        made = engine.Engine(command=tmp_path / "pulumi", version="v3.274.1", origin="a test", plugins=folder)
        assert made.environment(home) == {"PULUMI_HOME": str(home)}
        assert (home / "plugins").resolve() == folder


def test_a_readers_own_engine_keeps_the_readers_home(tmp_path: Path) -> None:
    made = engine.Engine(command=tmp_path / "pulumi", version="v3.274.1", origin="from your PATH")
    assert made.environment(tmp_path / "home") == {}
    assert not (tmp_path / "home").exists()
