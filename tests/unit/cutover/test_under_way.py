"""Whether a run holds a stack, told without holding it; and that no other command is advised beside it."""

import json
import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cutover.observe.records import Difference
from cutover.observe.under_way import run_under_way, waiting
from cutover.stackfile.lock import held, holder_of
from cutover.stackfile.view import StackView, read_view
from tests.unit.cutover.test_observe_tree import paused

ROOT = Path(__file__).resolve().parents[3]
HOLD = """
import sys
from pathlib import Path
from cutover.stackfile.lock import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def view(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StackView:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text("config:\n  cutover:namespace: shop\n")
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}/state")
    return read_view(path)


def lock(folder: Path, **given: object) -> Path:
    place = folder / "state" / ".pulumi" / "locks" / "organization" / "shop" / "dev"
    place.mkdir(parents=True, exist_ok=True)
    (place / "1.json").write_text(json.dumps(given))
    return place / "1.json"


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="this kernel does not tell who holds a lock")
def test_another_driver_of_this_machine_is_seen_and_not_disturbed(view: StackView) -> None:
    assert (holder_of(view.path), run_under_way(view)) == (None, "")
    command = [sys.executable, "-c", HOLD, str(view.path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        other.stdout.readline()
        assert run_under_way(view) == f"cutover, process {other.pid}"
        other.stdin.close()
        other.wait()
    assert run_under_way(view) == ""
    with held(view.path):
        assert holder_of(view.path) == os.getpid()
        assert run_under_way(view) == "", "one's own run is no other"


def test_the_engine_s_lock_is_seen_while_its_process_lives(view: StackView, tmp_path: Path) -> None:
    here = socket.gethostname()
    lock(tmp_path, pid=os.getpid(), username="ci", hostname=here)
    assert run_under_way(view) == f"pulumi, process {os.getpid()} of ci on {here}"
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    lock(tmp_path, pid=ended.pid, username="ci", hostname=here)
    assert run_under_way(view) == "", "the lock of a dead run is for `pulumi cancel`"
    lock(tmp_path, pid=ended.pid, username="ci", hostname="another")
    assert run_under_way(view).endswith("of ci on another"), "whether it lives there cannot be seen from here"


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"pid": "x"}'])
def test_an_odd_lock_is_none(view: StackView, tmp_path: Path, content: str) -> None:
    lock(tmp_path).write_text(content)
    assert run_under_way(view) == ""


def test_the_backend_is_found_as_the_engine_finds_it(
    view: StackView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock(tmp_path, pid=os.getpid(), username="ci", hostname=socket.gethostname())
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://bucket")
    assert run_under_way(view) == ""
    monkeypatch.delenv("PULUMI_BACKEND_URL")
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home"))
    assert run_under_way(view) == ""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "credentials.json").write_text(json.dumps({"current": f"file://{tmp_path}/state"}))
    assert run_under_way(view)
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\nbackend: {url: 's3://bucket'}\n")
    assert run_under_way(view) == ""


def test_beside_a_run_nothing_else_is_advised() -> None:
    (name, one), *_ = paused().items()
    found = {name: replace(one, differences=(Difference("cutover", "carried through", "not yet", "`cutover up`"),))}
    (seen,) = waiting(found, "cutover, process 7").values()
    (difference,) = seen.differences
    assert "cutover up" not in str(difference)
    assert "a run is under way (cutover, process 7): wait for its end" in str(difference)
