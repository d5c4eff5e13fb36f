"""The commit of a stack's file: a git that hangs is given up, and what is to be typed can be pasted into a shell."""

import subprocess
from pathlib import Path

import pytest

from cutover.errors import DriverError
from cutover.operations.up import commit


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


def test_the_hint_is_quoted_and_what_git_says_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = """case $1 in status) echo M;; *) printf 'no\\n\\033[2J::error::x' >&2; exit 1;; esac"""
    file = fake_git(tmp_path, script, monkeypatch)
    with pytest.raises(DriverError) as caught:
        commit.commit_file(file, "release it's $(touch x)\n\nmore")
    assert caught.value.what.endswith("could not be committed: no ::error::x")
    words = subprocess.run(["sh", "-c", f"printf '%s|' {caught.value.fix}"], capture_output=True, text=True, check=True)
    assert words.stdout == "git|commit|-m|release it's $(touch x)|--|Pulumi.dev.yaml|"
