"""`cutover status` as a command, against a stand-in for the API server: output, waiting, exit codes, Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.patience import PATIENCE_SECONDS
from tests.unit.cutover.objects import V1, V2, blue_green, deployment, pod, pods, service
from tests.unit.cutover.servers import Reply, Request, serve
from tests.unit.cutover.test_observe_connection import SECRET, kubeconfig

ROOT = Path(__file__).resolve().parents[3]
Json = dict[str, Any]


@dataclass
class Cluster:
    """What the stand-in says, by the last word of the path. `broken` looks fail first."""

    lists: dict[str, list[Json]]
    broken: int = 0
    url: str = ""
    asked: list[str] = field(default_factory=list)

    def answer(self, request: Request) -> Reply:
        self.asked.append(request.path)
        if self.broken:
            self.broken -= 1
            return Reply(503, '{"message": "starting up"}')
        kind = request.path.partition("?")[0].rpartition("/")[2]
        return Reply(body=json.dumps({"items": self.lists[kind]}))


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    both = [deployment("blue", V1), deployment("green", V2, minutes=10)]
    made = Cluster(
        {"services": [service()], "deployments": both, "pods": [*pods("blue", V1), *pods("green", V2)]},
    )
    with serve(answers=made.answer) as server:
        made.url = server.url
        yield made


@pytest.fixture
def project(tmp_path: Path, cluster: Cluster) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: cutover\n")
    (tmp_path / "kubeconfig").write_text(kubeconfig(cluster.url))
    config = {
        "cutover:namespace": "shop",
        "cutover:services": {"shop": blue_green()},
        "kubernetes:kubeconfig": "kubeconfig",
    }
    (tmp_path / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": config}))
    return tmp_path


def start(project: Path, *words: str, verb: str = "status") -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "cutover", verb, *words, "--cwd", str(project)],
        cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip


def run(project: Path, *words: str, verb: str = "status") -> tuple[int, str, str]:
    with start(project, *words, verb=verb) as process:
        out, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert SECRET not in out + err
    assert "Traceback" not in err
    return process.returncode, out, err


def test_a_look_is_three_requests(project: Path, cluster: Cluster) -> None:
    code, out, _ = run(project)
    assert (code, len(cluster.asked)) == (0, 3)
    assert all("labelSelector=" in path for path in cluster.asked)
    assert "shop  ॥ paused  live blue" in out


def test_the_document_is_all_there_is_on_stdout(project: Path) -> None:
    code, out, err = run(project, "--json", "--until", "paused")
    document = json.loads(out)
    assert (code, document["exitCode"], document["stacks"][0]["drift"]) == (0, 0, False)
    assert document["stacks"][0]["services"]["shop"]["state"] == "paused"
    assert "Z shop: paused; blue live 2/2, green preview 2/2" in err


def test_it_waits_for_an_api_server_that_starts(project: Path, cluster: Cluster) -> None:
    cluster.broken = 50
    code, out, _ = run(project, "--until", "paused", "--timeout", "80s")
    assert code == 0
    assert "gave no good answer for 3 s" in out
    assert out.rstrip().endswith("shop: paused; blue live 2/2, green preview 2/2")


def test_the_wait_ends_with_what_is_missing(project: Path, cluster: Cluster) -> None:
    cluster.lists["pods"][0] = pod("blue", V1, ready=False, reason="Evicted")
    code, _, err = run(project, "--until", "healthy", "--timeout", "0s")
    assert code == 5
    assert "error: dev is not healthy after 0 s: shop blue: 1 of 2 pods ready (Evicted)" in err


def test_drift_has_an_exit_code_of_its_own(project: Path, cluster: Cluster) -> None:
    cluster.lists["services"] = [service(color="green", release=V2)]
    code, out, _ = run(project)
    assert code == 6
    assert "⚠ shop: live color: config blue, cluster green\n   fix: `cutover up --stack dev`" in out


def test_ctrl_c_is_the_ordinary_end_of_watching(project: Path, cluster: Cluster) -> None:
    with start(project, "--watch") as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, rest, err) == (0, "", "")
    assert first.endswith("Z shop: paused; blue live 2/2, green preview 2/2\n")


def test_a_watch_follows_the_file(project: Path, cluster: Cluster) -> None:
    with start(project, "--watch") as process:
        assert process.stdout is not None
        process.stdout.readline()
        file = project / "Pulumi.dev.yaml"
        edited = project / "edited"
        edited.write_text(file.read_text().replace("active: blue", "active: green"))
        edited.replace(file)
        assert "shop: progressing;" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 6


def test_several_stacks_each_have_their_own_result(project: Path, cluster: Cluster) -> None:
    broken = (project / "Pulumi.dev.yaml").read_text().replace("kubeconfig: kubeconfig", "kubeconfig: nowhere")
    (project / "Pulumi.eu.yaml").write_text(broken)
    code, out, err = run(project, "--stack", "*")
    assert code == 1
    assert "dev  namespace shop\nshop  ॥ paused  live blue" in out
    assert "error: eu: no usable kubeconfig" in err
    code, out, _ = run(project, "--stack", "*", "--json")
    document = json.loads(out)
    assert (code, document["exitCode"]) == (1, 1)
    assert [(stack["stack"], stack["exitCode"]) for stack in document["stacks"]] == [("dev", 0), ("eu", 1)]
    assert "set KUBECONFIG" in document["stacks"][1]["fix"]


def test_an_error_is_a_document_too(project: Path) -> None:
    for verb in ("status", "doctor"):
        code, out, err = run(project, "--stack", "nope", "--json", verb=verb)
        document = json.loads(out)
        assert (code, document["exitCode"], document["verb"]) == (2, 2, verb)
        assert document["error"] in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--watch", "--json"), "--watch --json has no end"),
        (("--until", "soon"), "soon"),
        (("--until", "healthy", "--timeout", "soon"), "is no duration"),
        (("--stack", "nope"), "no stack is named 'nope'"),
    ],
)
def test_wrong_usage_is_said_before_anything_is_asked(
    project: Path, cluster: Cluster, words: tuple[str, ...], said: str
) -> None:
    code, _, err = run(project, *words)
    assert code == 2
    assert said in err
    assert cluster.asked == []


REFUSED = '{"kind":"reverted","color":"green","revision":"1-1-0-b1","at":"2026-01-01T11:59:00Z","why":"errors: 7"}'


def test_what_was_refused_is_degraded_in_later_runs_too_and_no_wait_goes_on_for_it(
    project: Path, cluster: Cluster
) -> None:
    cluster.lists["services"][0]["metadata"]["annotations"]["cutover.dev/refused"] = REFUSED
    code, out, _ = run(project)
    assert code == 1
    assert "shop  ✖ degraded" in out
    assert "1.1.0 build 1 on green was sent the traffic and lost it again at 2026-01-01T11:59:00Z: errors: 7" in out
    code, _, err = run(project, "--until", "healthy")
    assert code == 1
    assert "dev is degraded, which waiting does not mend: shop: 1.1.0 build 1 on green" in err
