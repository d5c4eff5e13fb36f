"""The lock of a stack's file: one driver at a time, and nothing left behind."""

import fcntl
import os
from pathlib import Path

import pytest

from cutover.errors import StackLocked
from cutover.stackfile import lock
from cutover.stackfile.lock import held, holder_of


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the locks are: a folder of the test's own."""
    folder = tmp_path / "locks"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def test_one_driver_at_a_time(tmp_path: Path, place: Path) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    with held(path):
        with pytest.raises(StackLocked, match="another `cutover` works"), held(path):
            pass
        assert holder_of(path) == os.getpid(), "who was refused let nothing go"
    with held(path), held(tmp_path / "Pulumi.prod.yaml"):
        pass


def test_nothing_is_left_behind(tmp_path: Path, place: Path) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    with held(path):
        assert len(list(place.iterdir())) == 1
    assert list(place.iterdir()) == []
    with pytest.raises(KeyboardInterrupt), held(path):
        raise KeyboardInterrupt
    assert list(place.iterdir()) == []


def test_what_was_removed_while_it_was_opened_locks_nobody_out(
    tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one before ends between the open and the lock: what is locked then is at no place, and the next driver
    would lock another file.
    """
    path, really = tmp_path / "Pulumi.dev.yaml", fcntl.flock
    tries: list[int] = []

    def flock(handle: int, operation: int) -> None:
        if not tries:
            next(place.iterdir()).unlink()
        tries.append(handle)
        really(handle, operation)

    monkeypatch.setattr(fcntl, "flock", flock)
    with held(path):
        assert len(tries) == 2
        with pytest.raises(StackLocked), held(path):
            pass


def test_another_s_lock_is_not_removed_where_somebody_cleaned_the_folder(tmp_path: Path, place: Path) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    with held(path):
        next(place.iterdir()).unlink()
        (theirs := lock._place(path)).touch()
    assert theirs.exists()
