"""`cutover report` as a command, against a stand-in for the API server, on a machine without an engine."""

import json
import os
from pathlib import Path

import pytest

from tests.unit.cutover.page import Page
from tests.unit.cutover.released import document
from tests.unit.cutover.test_status_verb import Cluster, cluster, project, run

__all__ = ["cluster", "project"]


@pytest.fixture(autouse=True)
def _no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUTOVER_PULUMI", str(tmp_path / "no-pulumi"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def test_a_page_in_a_file_and_a_comment_on_stdout(project: Path, cluster: Cluster) -> None:
    page = project / "report.html"
    code, out, err = run(project, "--html", str(page), "--markdown", verb="report")
    assert code == 0, err
    assert "| `shop` | ॥ paused | `blue 1.0.0 build 1` |" in out
    assert err.splitlines()[-1].startswith(f"wrote {page}, ")
    made = Page(page.read_text())
    assert made.problems == []
    assert "1.1.0 build 1 on green waits to be promoted" in made.text
    assert "The history gives no answer" in made.text
    assert "warning: The history gives no answer" in err
    assert len(cluster.asked) == 3


def test_the_document_of_another_job(project: Path) -> None:
    file = project / "promoted.json"
    file.write_text(json.dumps(document()))
    code, out, _ = run(project, "shop", "--from", str(file), verb="report")
    assert code == 0
    assert "**Under load**: 20 of 800 requests failed" in out
    assert "**The last command**: ✖ `cutover promote` `failed`" in out


def test_a_page_on_stdout_is_all_there_is(project: Path) -> None:
    code, out, _ = run(project, "--html", "-", verb="report")
    assert code == 0
    assert out.startswith("<!doctype html>")
    assert Page(out).problems == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nope",), "has no service 'nope'; it has: shop"),
        (("--from", "nowhere.json"), "nowhere.json holds no document of a command"),
        (("--html", "-", "--markdown"), "both print on stdout"),
        (("--html", "/no/such/folder/x"), "/no/such/folder/x cannot be written: No such file or directory"),
        (("--stack", "nope"), "no stack is named 'nope'"),
    ],
)
def test_wrong_usage(project: Path, words: tuple[str, ...], said: str) -> None:
    code, _, err = run(project, *words, verb="report")
    assert (code, said in err) == (2, True), err


def test_without_a_cluster_it_says_so(project: Path) -> None:
    file = project / "Pulumi.dev.yaml"
    file.write_text(file.read_text().replace("kubeconfig: kubeconfig", "kubeconfig: nowhere"))
    code, out, err = run(project, "--markdown", verb="report")
    assert (code, out) == (1, "")
    assert "no usable kubeconfig" in err
    assert os.environ["XDG_STATE_HOME"]
