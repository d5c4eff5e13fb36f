"""What only a process of its own can show: signals, kills, locks, start-up and the launcher."""

import contextlib
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.engine.backend import checkpoint, store
from sandbox.engine.backend.layout import StackRef
from tests.patience import PATIENCE_SECONDS, eventually
from tests.sandbox.engine.cli.conftest import ROOT, Pulumi

Spawn = Callable[..., "subprocess.Popen[str]"]
LAUNCHER = ROOT / "sandbox" / "engine" / "bin" / "pulumi"


def hanging(project: Path, spawn: Spawn) -> "subprocess.Popen[str]":
    process = spawn("up", "-yf")
    eventually("the run to hang", lambda: (project / "hanging").exists() or process.poll() is not None)
    assert process.poll() is None, process.communicate()
    return process


def locks(project: Path) -> list[Path]:
    return list((project.parent / "state/.pulumi/locks").rglob("*.json"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_lets_the_run_finish_and_save(
    pulumi: Pulumi, project: Path, spawn: Spawn, number: signal.Signals
) -> None:
    pulumi("stack", "init", "dev", passphrase="")
    pulumi("config", "set", "hang", "politely")
    process = hanging(project, spawn)
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 8, err
    assert "received; cancelling" in err
    assert "error: update cancelled" in err
    assert "error: update cancelled" in out
    assert len(json.loads(pulumi("stack", "export").out)["deployment"]["resources"]) == 2
    assert locks(project) == []
    assert json.loads(pulumi("stack", "history", "--json").out)[0]["result"] == "failed"


def test_the_second_signal_ends_the_run_at_once_and_leaves_no_lock(pulumi: Pulumi, project: Path, spawn: Spawn) -> None:
    pulumi("stack", "init", "dev", passphrase="")
    pulumi("config", "set", "hang", "forever")
    process = hanging(project, spawn)
    process.send_signal(signal.SIGINT)
    assert process.stderr
    while "received; cancelling" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 8
    assert "received; terminating" in err
    assert locks(project) == []


def test_two_at_once_and_then_cancel(pulumi: Pulumi, project: Path, spawn: Spawn) -> None:
    pulumi("stack", "init", "dev", passphrase="")
    pulumi("config", "set", "hang", "politely")
    process = hanging(project, spawn)
    refused = pulumi("up", "-yf")
    assert refused.code == 1
    assert "the stack is currently locked by 1 lock(s)" in refused.err
    assert f"(pid {process.pid})" in refused.err
    process.kill()
    process.communicate()
    pulumi("config", "rm", "hang")
    assert pulumi("destroy", "-yf").code == 1  # the dead one's lock stays until someone lifts it
    assert pulumi("cancel", "--yes").code == 0
    assert pulumi("destroy", "-yf").code == 0


def test_a_kill_leaves_a_readable_state_and_the_next_run_warns(pulumi: Pulumi, project: Path, spawn: Spawn) -> None:
    pulumi("stack", "init", "dev", passphrase="")
    pulumi("config", "set", "die", "now")
    process = spawn("up", "-yf")
    process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == -signal.SIGKILL
    pending = json.loads(pulumi("stack", "export").out)["deployment"]["pending_operations"]
    assert [one["type"] for one in pending] == ["creating"]
    pulumi("cancel", "-y")
    pulumi("config", "rm", "die")
    result = pulumi("up", "-yf")
    assert result.code == 0
    assert "with 1 pending operations from previous deployment" in result.out
    assert "ConfigMap::settings, interrupted while creating" in result.out


SAVER = """
import sys
from pathlib import Path
from sandbox.engine.backend import checkpoint, store
from sandbox.engine.backend.layout import StackRef
from sandbox.engine.backend.secrets import SecretsManager
from sandbox.engine.model import Snapshot

ref = StackRef(Path(sys.argv[1]), "shop", "dev", "shop")
saver = store.FileStore(ref, SecretsManager(), checkpoint.read(ref))
count = 0
while True:
    count += 1
    rows = [{"urn": f"urn:pulumi:dev::shop::t::{i}", "type": "t", "outputs": {"x": "y" * 500}} for i in range(count)]
    saver.save(Snapshot(rows, []))
    print(count, flush=True)
"""


def test_a_kill_while_saving_loses_at_most_the_save_under_way(tmp_path: Path) -> None:
    ref = StackRef(tmp_path, "shop", "dev", "shop")
    store.create(ref)
    for delay_seconds in (0.0, 0.003, 0.007, 0.011, 0.02, 0.05):
        process = subprocess.Popen([sys.executable, "-c", SAVER, tmp_path], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout
        process.stdout.readline()
        time.sleep(delay_seconds)
        process.kill()
        said = [1, *map(int, process.communicate()[0].split())]
        assert len(checkpoint.read(ref).resources) in (said[-1], said[-1] + 1)


def on_a_terminal(executable: Path, project: Path, answers: str, *words: str) -> tuple[int, str]:
    ours, theirs = pty.openpty()
    process = subprocess.Popen([executable, *words], cwd=project, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    os.write(ours, answers.encode())
    output = b""
    with contextlib.suppress(OSError):  # a terminal ends with an error when the last writer is gone
        while chunk := os.read(ours, 4096):
            output += chunk
    os.close(ours)
    return process.wait(PATIENCE_SECONDS), output.decode().replace("\r\n", "\n")


def test_on_a_terminal_up_asks(pulumi: Pulumi, project: Path, executable: Path) -> None:
    pulumi("stack", "init", "dev", passphrase="")
    code, out = on_a_terminal(executable, project, "details\nno\n", "up")
    assert code == 1
    assert out.count("Do you want to perform this update? [yes/no/details]:") == 2
    assert "ConfigMap: (create)" in out
    assert "confirmation declined, not proceeding with the update" in out
    assert locks(project) == []
    code, out = on_a_terminal(executable, project, "yes\n", "up")
    assert code == 0
    assert "2 created" in out
    assert "\x1b[32m" in out
    code, out = on_a_terminal(executable, project, "wrong\n", "stack", "rm", "--force")
    assert code == 1
    code, out = on_a_terminal(executable, project, "dev\n", "stack", "rm", "--force")
    assert code == 0


def test_the_launcher_works_from_anywhere_and_through_links(project: Path, tmp_path: Path) -> None:
    link = tmp_path / "bin" / "pulumi"
    link.parent.mkdir()
    link.symlink_to(os.path.relpath(LAUNCHER, link.parent))
    (project / "yaml.py").write_text("raise SystemExit('imported from the working directory')")
    environment = {**os.environ, "PYTHONPATH": str(project), "LC_ALL": "C"}
    done = subprocess.run(
        [link, "stack", "ls"], cwd=project, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("NAME")


def test_version_waits_for_no_import(tmp_path: Path) -> None:
    """What makes it quick: the SDK's Automation API asks for it before every command."""
    tracing = tmp_path / "python"
    tracing.write_text(f'#!/bin/sh\nexec {sys.executable} -X importtime "$@"\n')
    tracing.chmod(0o755)
    environment = {**os.environ, "CUTOVER_PYTHON": str(tracing)}
    command = [str(LAUNCHER), "version"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("v3.")
    assert done.stdout.count("\n") == 1
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert "sandbox" in imported
    assert imported.isdisjoint({"cryptography", "google", "grpc", "httpx2", "pulumi", "yaml"})


def test_the_interpreter_can_be_chosen(tmp_path: Path) -> None:
    chosen = tmp_path / "python"
    chosen.write_text('#!/bin/sh\necho "chosen: $*"\n')
    chosen.chmod(0o755)
    environment = {**os.environ, "CUTOVER_PYTHON": str(chosen)}
    done = subprocess.run([LAUNCHER, "version"], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == f"chosen: -I -X utf8 {ROOT / 'sandbox/engine/__main__.py'} version\n"


@pytest.mark.skipif(shutil.which("git") is None, reason="git is missing")
def test_the_history_names_the_commit(pulumi: Pulumi, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def git(*words: str) -> str:
        command = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *words]
        return subprocess.run(command, cwd=project, capture_output=True, text=True, check=True).stdout.strip()

    git("init", "-q", "-b", "trunk")
    git("add", "Pulumi.yaml")
    git("commit", "-q", "-m", "Release the shop")
    git("remote", "add", "origin", "https://ada:secret@forge.example/team/apps/shop.git")
    run = {"GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": "77", "GITHUB_SERVER_URL": "https://forge.example"}
    for name, value in (run | {"GITHUB_REPOSITORY": "team/shop"}).items():
        monkeypatch.setenv(name, value)
    pulumi("stack", "init", "dev", passphrase="")
    pulumi("up", "-yf")
    update = json.loads(pulumi("stack", "history", "--json").out)[0]
    found = update["environment"]
    assert update["message"] == "Release the shop"
    assert found["git.head"] == git("rev-parse", "HEAD")
    assert (found["git.headName"], found["git.dirty"], found["git.author"]) == ("refs/heads/trunk", "true", "Ada")
    assert {key: value for key, value in found.items() if key.startswith(("vcs.", "ci."))} == {
        "vcs.kind": "forge.example",
        "vcs.owner": "team",
        "vcs.repo": "apps/shop",
        "vcs.root": ".",
        "ci.system": "GitHub Actions",
        "ci.build.id": "77",
        "ci.build.url": "https://forge.example/team/shop/actions/runs/77",
    }
