"""Processes are found and ended by their marker alone; the node restarts what dies."""

import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.cluster import processes
from sandbox.cluster.node import Component, Plan
from tests.patience import eventually

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start() -> Iterator[Start]:
    started = []

    def run(state: Path, *argv: str) -> "subprocess.Popen[bytes]":
        started.append(subprocess.Popen(argv, env=processes.environment(state)))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.wait()


def _wait(done: Callable[[], bool]) -> None:
    eventually("what the test is about", done, poll_seconds=0.02)


def test_only_the_instances_own_processes_are_ended(start: Start, tmp_path: Path) -> None:
    ours = start(tmp_path / "ours", "sleep", "60")
    others = start(tmp_path / "ours-too", "sleep", "60")  # its marker begins like ours
    _wait(lambda: [one.pid for one in processes.owned(tmp_path / "ours")] == [ours.pid])
    processes.kill_all(tmp_path / "ours")
    assert ours.wait() == -9
    assert others.poll() is None
    assert processes.owned(tmp_path / "ours") == []


def _plan(directory: Path, *components: Component) -> Path:
    place = str(directory)
    plan = Plan("kwok", "host", "127.0.0.1", 1, _any_authority(), place, place, place, components)
    path = directory / "plan.json"
    path.write_text(plan.dumps())
    return path


def _any_authority() -> str:
    return ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt"


def test_the_node_restarts_what_dies(start: Start, tmp_path: Path) -> None:
    count = tmp_path / "count"
    restarted = Component("daemon", ("sh", "-c", f"echo x >> {count}; exit 3"))
    start(tmp_path, sys.executable, processes.NODE_SCRIPT, str(_plan(tmp_path, restarted)))
    _wait(lambda: count.exists() and len(count.read_text().split()) >= 2)
    assert processes.owned(tmp_path)[0].is_node


def test_the_node_repeats_a_single_run_until_it_succeeds(start: Start, tmp_path: Path) -> None:
    attempts = tmp_path / "attempts"
    script = f"echo x >> {attempts}; test $(wc -l < {attempts}) -ge 3"
    once = Component("import", ("sh", "-c", script), once=True)
    start(tmp_path, sys.executable, processes.NODE_SCRIPT, str(_plan(tmp_path, once)))
    _wait(lambda: (tmp_path / "import.done").exists())
    assert len(attempts.read_text().split()) == 3


def test_what_needs_the_api_server_waits_for_it(start: Start, tmp_path: Path) -> None:
    late = Component("late", ("touch", str(tmp_path / "late")), after_api=True)
    first = Component("first", ("touch", str(tmp_path / "first")), once=True)
    start(tmp_path, sys.executable, processes.NODE_SCRIPT, str(_plan(tmp_path, late, first)))
    _wait(lambda: (tmp_path / "first.done").exists())
    assert not (tmp_path / "late").exists()
