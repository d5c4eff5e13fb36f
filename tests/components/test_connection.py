"""The connection to the API server, against a server of this test: what is tried again, and what is said."""

import asyncio
import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.cluster import connection
from components.cluster.cluster import Cluster
from components.rules.errors import ClusterUnreachable
from components.rules.facts import Workload
from kubeaccess import Access as ClusterAccess
from sandbox.paths import ROOT

POD = {
    "metadata": {"name": "a", "uid": "1", "labels": {"x": "y"}, "creationTimestamp": "2026-01-01T00:00:00Z"},
    "spec": {"containers": [{"name": "mesh", "image": "proxy:1"}, {"name": "app", "image": "shop:1"}]},
    "status": {
        "conditions": [{"type": "Ready", "status": "False"}],
        "containerStatuses": [
            {
                "restartCount": 3,
                "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                "lastState": {"terminated": {"exitCode": 2}},
            }
        ],
    },
}


class Api(ThreadingHTTPServer):
    """Answers from a list, the last one again and again; keeps what it was asked."""

    answers: list[tuple[int, Any]]
    asked: list[tuple[str, str, Any]]


class Handler(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        assert isinstance(self.server, Api)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path, json.loads(body) if body else None))
        status, data = self.server.answers.pop(0) if len(self.server.answers) > 1 else self.server.answers[0]
        text = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815 - the names that http.server looks for

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    monkeypatch.setattr(connection, "RETRY_SECONDS", 1.2)
    with Api(("127.0.0.1", 0), Handler) as server:
        server.answers, server.asked = [(200, {"items": []})], []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def kubeconfig(api: ThreadingHTTPServer, host: str = "127.0.0.1") -> str:
    named = {"cluster": {"server": f"http://{host}:{api.server_port}"}, "name": "it"}
    context = {"context": {"cluster": "it", "user": "me"}, "name": "it"}
    user = {"name": "me", "user": {"token": "t"}}
    parts = {"clusters": [named], "contexts": [context], "users": [user], "current-context": "it"}
    return yaml.safe_dump({"apiVersion": "v1", "kind": "Config", **parts})


def ask(access: ClusterAccess, question: str, *arguments: Any) -> Any:
    async def run() -> Any:
        cluster = Cluster(access, "ns")
        try:
            return await getattr(cluster, question)(*arguments)
        finally:
            await cluster.close()

    return asyncio.run(run())


def test_pods_are_read_with_the_reason_they_give(api: Api) -> None:
    api.answers = [(200, {"items": [POD]})]
    (pod,) = ask(ClusterAccess(kubeconfig(api)), "pods", {"x": "y", "a": "b"})
    assert (pod.name, pod.image, pod.ready, pod.restarts) == ("a", "shop:1", False, 3)
    assert pod.problem == "CrashLoopBackOff (last exit code 2)"
    assert api.asked == [("GET", "/api/v1/namespaces/ns/pods?labelSelector=a%3Db%2Cx%3Dy", None)]


def test_workloads_are_deployments_and_the_replica_sets_of_nobody(api: Api) -> None:
    spec = {"replicas": 2, "selector": {"matchLabels": {"x": "y"}}, "template": {"spec": {}}}
    paced = spec | {"progressDeadlineSeconds": 9, "template": {"spec": {"terminationGracePeriodSeconds": 5}}}
    owned = {"metadata": {"name": "a-1", "ownerReferences": [{"name": "a"}]}, "spec": spec}
    deployments = {"items": [{"metadata": {"name": "a"}, "spec": paced}]}
    api.answers = [(200, deployments), (200, {"items": [owned, {"metadata": {"name": "b"}, "spec": spec}]})]
    assert ask(ClusterAccess(kubeconfig(api)), "workloads", {"x": "y"}) == [
        Workload("deployments", "a", {"x": "y"}, 2, stop_seconds=5, patience_seconds=9),
        Workload("replicasets", "b", {"x": "y"}, 2, stop_seconds=30, patience_seconds=600),
    ]
    assert [path for _, path, _ in api.asked] == [
        "/apis/apps/v1/namespaces/ns/deployments?labelSelector=x%3Dy",
        "/apis/apps/v1/namespaces/ns/replicasets?labelSelector=x%3Dy",
    ]


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


def test_an_object_that_is_not_there_is_no_error(api: Api) -> None:
    api.answers = [(404, {"message": "not found"})]
    assert ask(ClusterAccess(kubeconfig(api)), "live_service", "shop") is None


def test_the_time_of_the_switch_is_when_the_selector_was_written(api: Api) -> None:
    fields: dict[str, Any] = {"f:spec": {"f:selector": {}}}
    owners = [
        {"manager": "a", "time": "2026-01-01T00:00:05Z", "fieldsV1": fields},
        {"manager": "b", "time": "2026-01-01T00:00:09Z", "fieldsV1": {"f:metadata": {}}},
    ]
    api.answers = [(200, {"metadata": {"managedFields": owners}, "spec": {"selector": {"x": "y"}}})]
    live = ask(ClusterAccess(kubeconfig(api)), "live_service", "shop")
    assert live.selector == {"x": "y"}
    assert live.switched_at.isoformat() == "2026-01-01T00:00:05+00:00"


def test_an_answer_through_a_service_is_what_it_is(api: Api) -> None:
    api.answers = [(418, "teapot")]
    access = ClusterAccess(kubeconfig(api))
    assert ask(access, "get_through_service", "shop-green", "/version", 5.0) == (418, '"teapot"')
    assert api.asked[0][1] == "/api/v1/namespaces/ns/services/http:shop-green:http/proxy/version"


@pytest.mark.parametrize("path", ["/../../../secrets/x", "/%2e%2e/x", "//host/x"])
def test_a_path_that_leaves_the_service_is_not_asked(api: Api, path: str) -> None:
    access = ClusterAccess(kubeconfig(api))
    assert ask(access, "get_through_service", "shop-green", path, 5.0) == (0, "the path leaves the Service")
    assert api.asked == []


class Dripping(BaseHTTPRequestHandler):
    """Sends a byte now and then, for ever."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(OSError):
            while not self.server.over.wait(0.05):  # type: ignore[attr-defined]
                self.wfile.write(b"x")

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class Flooding(Dripping):
    """Sends as much as is taken, for ever."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(OSError):
            while not self.server.over.is_set():  # type: ignore[attr-defined]
                self.wfile.write(b"y" * 65536)


@contextlib.contextmanager
def endless(handler: type[BaseHTTPRequestHandler]) -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.over = threading.Event()  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.over.set()  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()


def test_an_answer_that_drips_is_given_up() -> None:
    """Each byte comes in time, the answer never ends: without a limit for all of it this test would hang."""
    with endless(Dripping) as server:
        found = ask(ClusterAccess(kubeconfig(server)), "get_through_service", "shop", "/", 0.5)
    assert found == (0, "no whole answer within 0.5 s")


def test_of_an_answer_without_end_the_first_mib_counts() -> None:
    with endless(Flooding) as server:
        status, body = ask(ClusterAccess(kubeconfig(server)), "get_through_service", "shop", "/", 30.0)
    assert (status, len(body), set(body)) == (200, 1024 * 1024, {"y"})


@pytest.mark.parametrize(
    "broken", ["nowhere/at-all", "{not: [yaml", "token: t0ken\n\tx", "apiVersion: v1\nkind: Config\n"]
)
def test_an_unusable_kubeconfig_says_how_to_set_one(broken: str) -> None:
    with pytest.raises(ClusterUnreachable, match=r"no usable kubeconfig[\s\S]*set KUBECONFIG") as error:
        ask(ClusterAccess(broken), "pods", {"x": "y"})
    assert "t0ken" not in str(error.value)


def test_an_empty_selector_finds_nothing_and_asks_nobody(api: Api) -> None:
    for question in ("pods", "replica_sets", "workloads"):
        assert ask(ClusterAccess(kubeconfig(api)), question, {}) == []
    assert api.asked == []


def test_pods_that_have_ended_are_none_and_no_items_are_no_pods(api: Api) -> None:
    ended = [{**POD, "status": {"phase": phase, "reason": "Evicted"}} for phase in ("Failed", "Succeeded")]
    starting = {**POD, "status": {"phase": "Pending", "containerStatuses": [{"name": "app", "restartCount": 0}]}}
    api.answers = [(200, {"items": [*ended, starting]}), (200, {"items": None})]
    (pod,) = ask(ClusterAccess(kubeconfig(api)), "pods", {"x": "y"})
    assert (pod.ready, pod.problem) == (False, "")
    assert ask(ClusterAccess(kubeconfig(api)), "pods", {"x": "y"}) == []


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


def test_a_pod_that_was_told_to_stop_counts_until_it_is_gone(api: Api) -> None:
    stopped = {"name": "a", "uid": "1", "creationTimestamp": "2026-01-01T00:00:00Z"}
    metadata = {**stopped, "deletionTimestamp": "2026-01-01T00:01:00Z"}
    api.answers = [(200, {"items": [{**POD, "metadata": metadata, "status": {"phase": "Succeeded"}}]})]
    (pod,) = ask(ClusterAccess(kubeconfig(api)), "pods", {"x": "y"})
    assert (pod.terminating, pod.ready) == (True, False)


def test_only_the_slices_that_follow_the_selector_are_asked_for(api: Api) -> None:
    ask(ClusterAccess(kubeconfig(api)), "endpoints", "shop")
    ((_, path, _),) = api.asked
    assert "endpointslice.kubernetes.io%2Fmanaged-by%3Dendpointslice-controller.k8s.io" in path
    assert "kubernetes.io%2Fservice-name%3Dshop" in path


def test_a_note_of_a_service_that_has_changed_is_not_set(api: Api) -> None:
    api.answers = [(409, {"message": "the object has been modified"}), (200, {"kind": "Service"})]
    at = ClusterAccess(kubeconfig(api))

    async def note() -> bool:
        return await Cluster(at, "ns").annotate_service("shop", "k", "v", version="7")

    assert [asyncio.run(note()), asyncio.run(note())] == [False, True]
    assert api.asked[0][2] == {"metadata": {"annotations": {"k": "v"}, "resourceVersion": "7"}}


SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "shop"}}
CAUSES = {"message": "no", "details": {"causes": [{"field": "spec.ports[0].port"}, {"message": "more"}]}}
STRICT = "dryRun=All&fieldValidation=Strict&fieldManager="


@pytest.mark.parametrize(
    ("manager", "method", "path"),
    [
        (None, "POST", f"services?{STRICT}cutover"),
        ("pulumi-kubernetes-1", "PATCH", f"services/shop?{STRICT}pulumi-kubernetes-1&force=true"),
    ],
)
def test_an_object_is_tried_and_never_kept(api: Api, manager: str | None, method: str, path: str) -> None:
    api.answers = [(422, CAUSES)]
    said = ask(ClusterAccess(kubeconfig(api)), "try_out", SERVICE, manager)
    assert (said.status, said.message, said.fields) == (422, "no", ("spec.ports[0].port", ""))
    assert api.asked == [(method, f"/api/v1/namespaces/ns/{path}", SERVICE)]


@pytest.mark.parametrize("answer", [(500, {"message": "failed to create typed patch object"}), (201, SERVICE)])
def test_a_trial_is_asked_for_once(api: Api, answer: tuple[int, Any]) -> None:
    api.answers = [answer]
    said = ask(ClusterAccess(kubeconfig(api)), "try_out", SERVICE, None)
    assert (said.status, said.message) == (answer[0], answer[1].get("message", ""))
    assert len(api.asked) == 1


def test_a_trial_without_an_answer_says_nothing(api: Api) -> None:
    nowhere = ClusterAccess(kubeconfig(api).replace(str(api.server_port), "1"))
    assert ask(nowhere, "try_out", SERVICE, None).status == 0
    assert ask(ClusterAccess("no kubeconfig"), "try_out", SERVICE, None).status == 0
    assert api.asked == []
