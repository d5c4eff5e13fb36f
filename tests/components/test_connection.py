"""The connection to the API server, against a server of this test: what is tried again, and what is said."""

import asyncio
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from components.cluster import connection
from components.cluster.cluster import Cluster
from components.rules.errors import ClusterRefused, ClusterUnreachable
from kubeaccess import Access as ClusterAccess
from sandbox.paths import ROOT
from tests.components.api_server import Api, ask, kubeconfig


def test_an_answer_comes_though_all_threads_of_the_program_wait(api: Api) -> None:
    """As those of the SDK do while their steps wait for a gate; a host's name is looked up in a thread."""
    cluster, free = Cluster(ClusterAccess(kubeconfig(api, "localhost")), "ns"), threading.Event()

    async def run() -> object:
        with ThreadPoolExecutor(1) as only:
            loop = asyncio.get_running_loop()
            loop.set_default_executor(only)
            waiting = loop.run_in_executor(None, free.wait)
            try:
                return await asyncio.wait_for(cluster.pods({"x": "y"}), 20)
            finally:
                free.set()
                await waiting
                await cluster.close()

    assert asyncio.run(run()) == []


def test_a_kubeconfig_may_be_a_file(api: Api, tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(kubeconfig(api))
    assert ask(ClusterAccess(str(file), "it"), "pods", {"x": "y"}) == []


def test_what_a_restart_explains_is_tried_again(api: Api) -> None:
    api.answers = [(503, {}), (500, {}), (429, {}), (200, {"items": []})]
    connection.RETRY_SECONDS = 10
    assert ask(ClusterAccess(kubeconfig(api)), "pods", {"x": "y"}) == []
    assert len(api.asked) == 4


def test_a_server_that_stays_away_is_named(api: Api) -> None:
    api.answers = [(503, {"message": "etcd is down"})]
    with pytest.raises(ClusterUnreachable, match=r"127\.0\.0\.1.* for 1\.2 s .*503, etcd is down"):
        ask(ClusterAccess(kubeconfig(api)), "pods", {"x": "y"})


def test_a_missing_right_is_said_at_once_with_the_role_that_gives_it(api: Api) -> None:
    api.answers = [(403, {"message": "pods is forbidden"})]
    with pytest.raises(ClusterUnreachable, match=r"403, pods is forbidden[\s\S]*docs/rbac\.yaml"):
        ask(ClusterAccess(kubeconfig(api)), "pods", {"x": "y"})
    assert len(api.asked) == 1


@pytest.mark.parametrize("said", ["no upstream", ["no upstream"], None, {"error": "no upstream"}])
def test_what_a_proxy_answers_in_json_of_its_own_is_said_as_it_is(api: Api, said: object) -> None:
    api.answers = [(403, said)]
    words = "no upstream" if said else "null"
    with pytest.raises(ClusterRefused, match=rf"GET .* was refused: 403, .*{words}"):
        ask(ClusterAccess(kubeconfig(api)), "pods", {"x": "y"})


def test_an_object_that_is_not_there_is_no_error(api: Api) -> None:
    api.answers = [(404, {"message": "not found"})]
    assert ask(ClusterAccess(kubeconfig(api)), "live_service", "shop") is None


@pytest.mark.parametrize(
    "broken", ["nowhere/at-all", "{not: [yaml", "token: t0ken\n\tx", "apiVersion: v1\nkind: Config\n"]
)
def test_an_unusable_kubeconfig_says_how_to_set_one(broken: str) -> None:
    with pytest.raises(ClusterUnreachable, match=r"no usable kubeconfig[\s\S]*set KUBECONFIG") as error:
        ask(ClusterAccess(broken), "pods", {"x": "y"})
    assert "t0ken" not in str(error.value)


def test_an_import_that_met_a_changing_path_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def find(name: str) -> None:
        asked.append(name)
        if len(asked) == 2:
            raise ModuleNotFoundError(f"No module named {name!r}")

    monkeypatch.setattr(connection, "import_module", find)
    connection.load_modules()
    assert len(asked) == 2 + len(set(asked))


LATE = """
import asyncio, sys
from pathlib import Path
from components.cluster import connection
from kubeaccess import Access

connection.load_modules()
before = set(sys.modules)
asyncio.run(connection.Connection(Access(Path(sys.argv[1]).read_text())).json("GET", "/version"))
print(sorted(set(sys.modules) - before))
"""


def test_a_request_imports_nothing_that_was_not_loaded_before_it(api: Api, tmp_path: Path) -> None:
    """What it imported on the way would be tried once, and would fail where it met a changing path."""
    api.answers = [(200, {})]
    (tmp_path / "config").write_text(kubeconfig(api))
    command = [sys.executable, "-c", LATE, str(tmp_path / "config")]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert ended.stdout.strip() == "[]"


def test_a_module_that_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}")

    monkeypatch.setattr(connection, "import_module", find)
    with pytest.raises(ModuleNotFoundError, match="yaml"):
        connection.load_modules()
