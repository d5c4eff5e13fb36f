"""cgroups of both versions, on directories that look like them."""

from pathlib import Path

import pytest

from sandbox.cluster import cgroups

CONTROLLERS = "cpuset cpu io memory pids"


@pytest.fixture
def hybrid(tmp_path: Path) -> Path:
    for hierarchy in ("cpu", "memory", "pids", "cpuset", "systemd"):
        (tmp_path / hierarchy).mkdir()
    (tmp_path / "cpuset" / "pods").mkdir()
    for setting, value in {"cpuset.cpus": "0-1\n", "cpuset.mems": "0\n"}.items():
        (tmp_path / "cpuset" / setting).write_text(value)
    return tmp_path


@pytest.fixture
def unified(tmp_path: Path) -> Path:
    (tmp_path / "pods").mkdir()
    for directory in (tmp_path, tmp_path / "pods"):
        (directory / "cgroup.controllers").write_text(CONTROLLERS)
        (directory / "cgroup.subtree_control").write_text("cpu memory")
    return tmp_path


def test_v1_gets_one_directory_per_controller_and_a_usable_cpuset(hybrid: Path) -> None:
    assert cgroups.problem(hybrid) is None
    cgroups.create("pods", hybrid)
    assert all((hybrid / hierarchy / "pods").is_dir() for hierarchy in ("cpu", "memory", "pids", "systemd"))
    assert (hybrid / "cpuset" / "pods" / "cpuset.cpus").read_text() == "0-1\n"
    assert len(cgroups.leftovers("pods", hybrid)) == 5


def test_v2_delegates_the_controllers_that_are_not_yet(unified: Path) -> None:
    assert cgroups.problem(unified) is None
    cgroups.create("pods", unified)
    for directory in (unified, unified / "pods"):
        assert (directory / "cgroup.subtree_control").read_text() == "+pids"  # a plain file keeps the last write only
    assert cgroups.leftovers("pods", unified) == [unified / "pods"]


def test_a_controller_that_is_not_there_is_named(unified: Path) -> None:
    (unified / "cgroup.controllers").write_text("cpu memory")
    assert "pids" in (cgroups.problem(unified) or "")


def test_nested_cgroups_are_removed_from_the_inside(tmp_path: Path) -> None:
    (tmp_path / "memory" / "pods" / "kubepods" / "pod1").mkdir(parents=True)
    cgroups.remove("pods", tmp_path)
    assert cgroups.leftovers("pods", tmp_path) == []
    assert (tmp_path / "memory").is_dir()
