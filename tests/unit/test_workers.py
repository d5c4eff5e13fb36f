"""The rules of tests/workers.py, seen on a suite of a few lines that is run as `make test` runs this one."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SIDE_BY_SIDE = ("-n", "2", "--dist", "load", "--maxschedchunk", "1")

CONFTEST = """
import os, pathlib, pytest

pytest_plugins = ("tests.workers",)

def pytest_configure(config):
    config.addinivalue_line("markers", "alone: no other test runs")

@pytest.fixture(autouse=True)
def note(request):
    with pathlib.Path("played").open("a") as file:
        print(os.getpid(), "begins", request.node.originalname, file=file)
    yield
    with pathlib.Path("played").open("a") as file:
        print(os.getpid(), "ends", request.node.originalname, file=file)
"""
SUITE = """
import os, pytest

@pytest.mark.alone
@pytest.mark.parametrize("word", ["a b", "c::d"])
def test_first_alone(word):
    pass

@pytest.mark.parametrize("number", range(8))
def test_short(number):
    pass

@pytest.mark.alone
def test_then_alone():
    assert "broken" not in os.environ
"""
LONG = "def test_long(): pass"
CRASH = "import os\ndef test_crash(): os._exit(3)"


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A suite of 8 short tests, 1 long and 3 that run alone."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_all.py").write_text(SUITE)
    (tmp_path / "tests" / "sandbox").mkdir(parents=True)
    (tmp_path / "tests" / "sandbox" / "test_z.py").write_text(LONG)
    return tmp_path


def play(suite: Path, *words: str, code: int = 0, **env: str) -> str:
    """The last line of the run. Warnings are of the machine (a temporary folder that was not to be removed, say)."""
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "--disable-plugin-autoload", "-p", "xdist", "-p", "no:warnings", "-q", *words],
        cwd=suite, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT), **env},
    )  # fmt: skip
    assert ended.returncode == code, ended.stdout + ended.stderr
    return ended.stdout.splitlines()[-1]


def played(suite: Path) -> list[tuple[str, ...]]:
    return [tuple(line.split()) for line in (suite / "played").read_text().splitlines()]


def test_what_runs_alone_is_last_and_in_one_closing_line(suite: Path) -> None:
    assert re.match("12 passed in", play(suite, *SIDE_BY_SIDE))
    notes = played(suite)
    alone = [process for process, _, test in notes if "alone" in test]
    assert [test for _, does, test in notes[-6:] if does == "begins"] == ["test_first_alone"] * 2 + ["test_then_alone"]
    assert [does for _, does, _ in notes[-6:]] == ["begins", "ends"] * 3
    assert len(set(alone)) == 1
    assert set(alone).isdisjoint(process for process, _, test in notes if "alone" not in test)


def test_one_process_keeps_the_same_order(suite: Path) -> None:
    assert re.match("12 passed in", play(suite))
    tests = [test for _, does, test in played(suite) if does == "begins"]
    assert tests == ["test_long", *["test_short"] * 8, *["test_first_alone"] * 2, "test_then_alone"]


def test_a_selection_holds_for_what_runs_alone(suite: Path) -> None:
    assert re.match("1 passed in", play(suite, *SIDE_BY_SIDE, "-k", "then"))
    assert re.match("9 passed in", play(suite, *SIDE_BY_SIDE, "-m", "not alone"))


def test_a_worker_that_dies_and_a_failure_alone_are_both_counted(suite: Path) -> None:
    (suite / "test_crash.py").write_text(CRASH)
    assert re.match("2 failed, 11 passed in", play(suite, *SIDE_BY_SIDE, code=1, broken="1"))
    assert re.match(
        "1 failed.* in", play(suite, *SIDE_BY_SIDE, "-x", "--deselect", "test_crash.py", code=1, broken="1")
    )
