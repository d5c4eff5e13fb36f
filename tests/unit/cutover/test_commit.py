"""The commit of a stack's file: what git refuses is known before anything moves; what is to be typed can be pasted."""

import os
import subprocess
from pathlib import Path

import pytest

from cutover.errors import DriverError, UsageError
from cutover.operations.command.run import Run
from cutover.operations.rollback import at_once
from cutover.operations.up import commit
from cutover.options import Options
from cutover.output.report import Report


def fake_git(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = folder / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    file = folder / "Pulumi.dev.yaml"
    file.write_text("config: {}\n")
    return file


def test_a_git_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = fake_git(tmp_path, "exec sleep 60", monkeypatch)
    monkeypatch.setattr(commit, "LIMIT_SECONDS", 0.2)
    with pytest.raises(DriverError, match=r"`git status` did not end within 0\.2 s"):
        commit.check_repository(file)
    with pytest.raises(commit.NotCommitted, match=r"could not be committed: --commit: `git status` did not end"):
        commit.commit_file(file, "release")


def test_the_hint_is_quoted_and_what_git_says_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = """case $1 in status) echo M;; *) printf 'no\\n\\033[2J::error::x' >&2; exit 1;; esac"""
    file = fake_git(tmp_path, script, monkeypatch)
    with pytest.raises(DriverError) as caught:
        commit.commit_file(file, "release it's $(touch x)\n\nmore")
    assert caught.value.what.endswith("could not be committed: no ::error::x")
    words = subprocess.run(["sh", "-c", f"printf '%s|' {caught.value.fix}"], capture_output=True, text=True, check=True)
    assert words.stdout == "git|commit|-m|release it's $(touch x)|--|Pulumi.dev.yaml|"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stack's file as its last commit has it, for a git that knows nobody by itself."""
    for name, value in {
        "HOME": str(tmp_path),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": str(tmp_path.parent),
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("NAME", "EMAIL"):
        for who in ("AUTHOR", "COMMITTER"):
            monkeypatch.delenv(f"GIT_{who}_{name}", raising=False)
    monkeypatch.delenv("EMAIL", raising=False)
    file = tmp_path / "work" / "Pulumi.dev.yaml"
    file.parent.mkdir()
    file.write_text("config: {}\n")
    ann = ("-c", "user.name=ann", "-c", "user.email=ann@example.com")
    for words in (("init", "-q"), ("add", "."), (*ann, "commit", "-qm", "x"), ("config", "user.useConfigOnly", "true")):
        subprocess.run(["git", *words], cwd=file.parent, check=True)
    return file


def test_that_git_knows_nobody_to_commit_as_is_said_before_anything_is_touched(repository: Path) -> None:
    with pytest.raises(UsageError, match="--commit: git knows no name and address to commit with") as caught:
        commit.check_repository(repository)
    assert "`git config user.name NAME` and `git config user.email ADDRESS`" in caught.value.fix
    for key, value in (("user.name", "ann"), ("user.email", "ann@example.com")):
        subprocess.run(["git", "config", key, value], cwd=repository.parent, check=True)
    commit.check_repository(repository)


def test_only_where_there_is_no_repository_one_is_to_be_made(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository.parent / ".git").rename(tmp_path / "away")
    with pytest.raises(UsageError, match="is in no git repository") as caught:
        commit.check_repository(repository)
    assert "`git init`" in caught.value.fix
    script = (
        "printf 'fatal: detected dubious ownership\\n\\033[2Jcall: git config --add safe.directory /x' >&2; exit 128"
    )
    with pytest.raises(UsageError) as caught:
        commit.check_repository(fake_git(tmp_path, script, monkeypatch))
    assert caught.value.what.endswith(
        "`git status` failed: fatal: detected dubious ownership call: git config --add safe.directory /x"
    )
    assert "git init" not in caught.value.fix


def test_a_rollback_at_once_asks_git_before_it_moves_anything(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "config:\n  cutover:services:\n    shop: {strategy: blue-green, active: green, blue: {}, green: {}}\n"
    repository.write_text(text)
    monkeypatch.setattr(at_once, "Api", lambda _: pytest.fail("the cluster is asked"))
    run = Run("rollback", repository, Options(yes=True, commit=True), Report())
    for key, value in (("user.name", "ann"), ("user.email", "ann@example.com")):
        subprocess.run(["git", "config", key, value], cwd=repository.parent, check=True)
    with pytest.raises(UsageError, match="has changes that are not committed"):
        at_once.at_once(run, ["shop"], everyone=False)
    assert repository.read_text() == text
