"""Kills at every moment, servers that go away, and states that others changed: the next run converges."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE_SECONDS, eventually
from tests.sandbox.engine.deploy.bench import Bench
from tests.sandbox.engine.deploy.fake_kube import FakeKube

PROGRAM = """
import os
open("pid", "w").write(str(os.getpid()))
first = config_map("first", a="1")
service("live", ResourceOptions(depends_on=[first]), color=config.get("color") or "blue")
"""


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def kill_during(bench: Bench, kube: FakeKube, call: str, kind: str = "update", **config: str) -> None:
    """Run the engine in a process of its own and kill it while the API server holds back its answer to `call`."""
    kube.blocked = {call}
    kube.arrived.clear()
    kube.release.clear()
    state = bench.folder / "state.json"
    state.write_text(bench.store.text)
    settings = {**bench.config, **{f"demo:{key}": value for key, value in config.items()}}
    argv = [sys.executable, "-m", "tests.sandbox.engine.deploy.driver", str(bench.folder), kind, json.dumps(settings)]
    engine = subprocess.Popen(argv, cwd=Path(__file__).parents[4], stdout=subprocess.DEVNULL)
    assert kube.arrived.wait(PATIENCE_SECONDS)
    engine.kill()
    engine.wait()
    kube.blocked = set()
    kube.release.set()
    bench.store.text = state.read_text()
    if kind == "update":
        pid = int((bench.folder / "pid").read_text())
        eventually("the program's end with the engine's", lambda: not alive(pid))


@pytest.mark.parametrize("call", ["POST default/configmaps", "POST default/services"])
def test_a_kill_while_creating_is_found_out_and_taken_over(bench: Bench, kube: FakeKube, call: str) -> None:
    bench.program(PROGRAM)
    kill_during(bench, kube, call)
    assert [one["type"] for one in bench.store.load().pending] == ["creating"]
    again = bench.run()
    assert again.outcome.ok, again.said()
    assert "interrupted while creating" in again.said("warning")
    assert again.state.pending == []
    assert bench.run().outcome.changes == {"same": 3}


def test_a_foreign_object_is_not_taken_over_after_a_kill(bench: Bench, kube: FakeKube) -> None:
    bench.program(PROGRAM)
    kill_during(bench, kube, "POST default/services")
    live = kube.live("services", "live")
    assert live is not None
    live["metadata"]["managedFields"][0]["manager"] = "hand"
    refused = bench.run()
    assert "already exists" in refused.said("error")
    assert [one["type"] for one in refused.state.pending] == ["creating"]
    cleared = bench.run(kind="refresh", clear_pending_creates=True)
    assert cleared.outcome.ok
    assert cleared.state.pending == []


def test_kills_while_updating_and_deleting_converge(bench: Bench, kube: FakeKube) -> None:
    bench.run(PROGRAM)
    kill_during(bench, kube, "PATCH services/live", color="green")
    assert [one["type"] for one in bench.store.load().pending] == ["updating"]
    again = bench.run(config={"color": "green"})
    assert again.outcome.ok
    assert again.state.pending == []
    kill_during(bench, kube, "DELETE services/live", kind="destroy")
    assert [one["type"] for one in bench.store.load().pending] == ["deleting"]
    gone = bench.run(kind="destroy")
    assert gone.outcome.ok
    assert kube.objects == {}
    assert gone.state.pending == gone.state.resources == []


def test_a_kill_between_the_halves_of_a_delete_first_replacement_converges(bench: Bench, kube: FakeKube) -> None:
    program = PROGRAM.replace('a="1"', 'a=config.get("a") or "1"')
    bench.run(program)
    kill_during(bench, kube, "POST default/configmaps", a="2")
    assert any(row.get("pendingReplacement") for row in bench.store.load().resources)
    again = bench.run(config={"a": "2"})
    assert again.outcome.ok
    assert again.outcome.changes == {"same": 2, "replace": 1}
    live = kube.live("configmaps", "first")
    assert live is not None
    assert live["data"] == {"a": "2"}


def test_a_server_that_restarts_is_waited_for(bench: Bench, kube: FakeKube) -> None:
    kube.failures = [503, 429, 502]
    assert bench.run(PROGRAM).outcome.ok
    assert kube.failures == []


def test_a_cluster_that_is_not_there_is_named(bench: Bench, kube: FakeKube, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.engine.kube.client.FIRST_PATIENCE_SECONDS", 0.5)
    config = json.loads(kube.kubeconfig())
    config["clusters"][0]["cluster"]["server"] = "http://127.0.0.1:9"
    bench.config["kubernetes:kubeconfig"] = json.dumps(config)
    refused = bench.run(PROGRAM)
    assert "the Kubernetes API server at http://127.0.0.1:9 cannot be reached" in refused.said("error")
    bench.config = {}
    monkeypatch.setenv("KUBECONFIG", str(bench.folder / "none"))
    bench.store.text = '{"resources": [], "pending": []}'
    refused = bench.run(PROGRAM)
    assert "unable to load Kubernetes client configuration" in refused.said("error")


def test_refresh_finds_drift_and_what_is_gone(bench: Bench, kube: FakeKube) -> None:
    bench.run(PROGRAM)
    live = kube.live("services", "live")
    assert live is not None
    live["spec"]["selector"]["color"] = "red"
    del kube.objects["/api/v1/namespaces/default/configmaps/first"]
    planned = bench.run(kind="refresh", preview=True)
    assert planned.saves == 0
    assert set(planned.steps()) == {("delete", "first"), ("update", "live")}
    found = bench.run(kind="refresh")
    assert found.outcome.changes["update"] == found.outcome.changes["delete"] == 1
    assert found.row("live")["inputs"]["spec"]["selector"] == {"color": "red"}
    assert found.row("live")["dependencies"] == []
    repaired = bench.run()
    assert repaired.outcome.changes == {"same": 1, "create": 1, "update": 1}
    live["spec"]["selector"]["color"] = "red"
    assert bench.run(refresh_first=True).outcome.ok


def test_an_object_of_others_is_read_and_never_deleted(bench: Bench, kube: FakeKube) -> None:
    kube.answer(
        "POST",
        "/api/v1/namespaces/default/configmaps?fieldManager=hand",
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "theirs"}, "data": {"k": "v"}},
        "",
    )
    program = """
class Plain(pulumi.CustomResource):
    data: pulumi.Output[dict]
found = Plain("kubernetes:core/v1:ConfigMap", "theirs", {"data": None}, ResourceOptions(id="default/theirs"))
config_map("ours", copy=found.data["k"])
"""
    read = bench.run(program)
    assert read.outcome.ok, read.said()
    assert read.row("theirs")["external"] is True
    ours = kube.live("configmaps", "ours")
    assert ours is not None
    assert ours["data"] == {"copy": "v"}
    assert bench.run(kind="destroy").outcome.ok
    assert kube.live("configmaps", "theirs")


def test_a_program_that_kills_itself_fails_the_run(bench: Bench) -> None:
    failed = bench.run("import os\nos._exit(7)\n")
    assert "Program exited with non-zero exit code: 7" in failed.said("error")
    early = bench.run("import os\nos._exit(0)\n")
    assert "ended before the engine had finished" in early.said("error")


def test_the_signal_to_the_program_is_not_seen_by_the_user(bench: Bench, kube: FakeKube) -> None:
    kube.refuse["POST default/services"] = (403, {"reason": "Forbidden", "message": "services is forbidden"})
    program = 'import signal\nservice("live")\nprint("waiting")\n'
    before = signal.getsignal(signal.SIGINT)
    failed = bench.run(program)
    assert failed.said("info#err") == ""
    assert "services is forbidden" in failed.said("error")
    assert signal.getsignal(signal.SIGINT) is before
    assert not [pid for pid in os.listdir("/proc") if pid.isdigit() and _is_ours(int(pid), bench.folder)]


def _is_ours(pid: int, folder: Path) -> bool:
    try:
        return os.readlink(f"/proc/{pid}/cwd") == str(folder)
    except OSError:
        return False
