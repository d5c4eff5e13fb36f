"""What git says of a release's origin: the stack's own file, which a release edits, makes no commit a dirty one."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pulumi
import pytest

from components.hooks import provenance
from components.rules.provenance import Git


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    project = tmp_path / "deploy"
    project.mkdir()
    monkeypatch.chdir(project)
    monkeypatch.setattr(pulumi, "get_stack", lambda: "dev")
    for name in ("Pulumi.dev.yaml", "Pulumi.prod.yaml", "__main__.py"):
        (project / name).write_text("1\n")
    git("init", "-q", str(tmp_path))
    git("remote", "add", "origin", "https://forge.example/team/shop")
    git("add", "-A")
    git("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "commit", "-q", "-m", "first")
    git("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "tag", "-a", "-m", "v1", "v1")
    return project


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    yield
    provenance._git.cache_clear()


def git(*words: str) -> str:
    return subprocess.run(["git", *words], capture_output=True, text=True, check=True).stdout.strip()


def told() -> Git:
    provenance._git.cache_clear()
    return provenance._git()


def test_a_clean_checkout_is_its_commit(checkout: Path) -> None:
    (checkout / "new.txt").write_text("git does not know it\n")
    assert told() == Git(git("rev-parse", "HEAD"), "https://forge.example/team/shop")


@pytest.mark.parametrize(
    ("edited", "dirty"), [("Pulumi.dev.yaml", False), ("Pulumi.prod.yaml", True), ("__main__.py", True)]
)
def test_only_other_files_than_the_stacks_own_make_it_dirty(checkout: Path, edited: str, dirty: bool) -> None:
    (checkout / edited).write_text("2\n")
    assert told().commit == git("rev-parse", "HEAD") + "-dirty" * dirty


def test_outside_of_git_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pulumi, "get_stack", lambda: "dev")
    assert told() == Git("", "")
