"""`cutover dashboard` as a command, against a stand-in for the API server: starts, follows the cluster, ends."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2
import pytest

from cutover import app as driver
from cutover.dashboard import reader
from tests.patience import PATIENCE_SECONDS, eventually
from tests.unit.cutover.objects import V2, service
from tests.unit.cutover.page import Page
from tests.unit.cutover.test_observe_connection import SECRET
from tests.unit.cutover.test_status_verb import Cluster, cluster, project, run, start

__all__ = ["cluster", "project"]
LISTS = 3  # requests of a look


@pytest.fixture(autouse=True)
def _no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUTOVER_PULUMI", str(tmp_path / "no-pulumi"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@contextmanager
def running(project: Path, *words: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """A dashboard, and its address; ended by Ctrl-C, in order."""
    with start(project, *words, verb="dashboard") as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        try:
            yield address, process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=PATIENCE_SECONDS)
        assert (process.returncode, out, err) == (0, "", "")


def get(address: str) -> str:
    return httpx2.get(address, timeout=PATIENCE_SECONDS, trust_env=False).raise_for_status().text


@contextmanager
def following(address: str) -> Iterator[Iterator[str]]:
    """A viewer: the lines that it is sent."""
    with (
        httpx2.Client(timeout=PATIENCE_SECONDS, trust_env=False) as client,
        client.stream("GET", f"{address}events?since=0") as events,
    ):
        yield events.iter_lines()


def test_the_first_page_has_what_is_in_the_cluster(project: Path) -> None:
    with running(project) as (address, _):
        assert address.startswith("http://127.0.0.1:")
        assert len(address.split("/")[-2]) > 40
        first = get(address)
        made = Page(first)
        assert made.problems == []
        assert "blue takes the traffic with 1.0.0 build 1" in made.text
        assert SECRET not in first
        eventually("the end of asking the engine", lambda: "The history gives no answer" in get(address))


def test_what_changes_is_sent_and_ctrl_c_ends_it_while_somebody_looks(project: Path, cluster: Cluster) -> None:
    with running(project) as (address, process):
        get(address)
        with following(address) as events:
            cluster.lists["services"] = [service(color="green", release=V2)]
            for line in events:
                if line.startswith("data: {") and "green takes the traffic" in json.loads(line[6:])["html"]:
                    break
            begun = time.monotonic()
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE_SECONDS)
            assert time.monotonic() - begun < PATIENCE_SECONDS / 2


def test_one_reader_however_many_look(project: Path, cluster: Cluster) -> None:
    with running(project) as (address, _):
        get(address)
        begun, asked = time.monotonic(), len(cluster.asked)
        with ExitStack() as viewers:
            for _ in range(8):
                assert next(viewers.enter_context(following(address))).startswith("retry")
            time.sleep(3)
            looks = (len(cluster.asked) - asked) / LISTS
            assert 1 <= looks <= (time.monotonic() - begun) / reader.QUICK_SECONDS + 1


def test_a_cluster_out_of_reach_is_said_and_what_was_seen_stays(project: Path, cluster: Cluster) -> None:
    with running(project) as (address, _):
        assert "blue takes the traffic" in get(address)
        cluster.broken = 10_000
        eventually("the trouble", lambda: "The cluster is not read; what is below is of" in Page(get(address)).text)
        made = Page(get(address))
        assert made.problems == []
        assert "blue takes the traffic" in made.text
        cluster.broken = 0
        eventually("its end", lambda: "The cluster is not read" not in get(address))


def test_a_file_that_breaks_and_several_stacks(project: Path) -> None:
    (project / "Pulumi.prod.yaml").write_text("config: [")
    with running(project) as (address, _):
        text = " ".join(Page(get(address)).text.split())
        assert "blue takes the traffic" in text
        assert "Pulumi.prod.yaml" in text
        file = project / "Pulumi.dev.yaml"
        file.write_text(file.read_text().replace("active: blue", "active: green"))
        eventually("the edit", lambda: "config green, cluster blue" in get(address))


def test_a_sigterm_ends_it_at_any_moment(project: Path) -> None:
    for moment in (0.0, 0.02, 0.1, 0.5):
        with running(project) as (_, process):
            time.sleep(moment)
            process.terminate()
            assert process.wait(PATIENCE_SECONDS) == 0


def test_wrong_usage(project: Path) -> None:
    with running(project) as (address, _):
        port = address.split(":")[2].partition("/")[0]
        code, out, err = run(project, "--port", port, verb="dashboard")
        assert (code, out) == (2, "")
        assert f"port {port} of 127.0.0.1 cannot be had: Address already in use" in err
    code, _, err = run(project, "--stack", "nope", verb="dashboard")
    assert (code, "no stack is named 'nope'" in err) == (2, True)


def test_without_its_packages_it_says_which_to_install(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith("cutover.dashboard")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "starlette", None)
    monkeypatch.setitem(sys.modules, "starlette.applications", None)
    with pytest.raises(SystemExit) as ended:
        driver.main(["dashboard", "--cwd", str(project)])
    assert ended.value.code == 2
    assert "pip install 'pulumi-cutover[dashboard]'" in capsys.readouterr().err
