"""A small API server in memory: enough of REST, field ownership and dry runs to test the engine without a cluster."""

import copy
import json
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Object = dict[str, Any]
KINDS = {
    "/api/v1": {"ConfigMap": "configmaps", "Service": "services", "Secret": "secrets", "Pod": "pods"},
    "/apis/apps/v1": {"ReplicaSet": "replicasets", "Deployment": "deployments"},
    "/apis/batch/v1": {"Job": "jobs"},
}


def leaves(value: Any, at: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Flatten dicts to leaf paths."""
    if isinstance(value, dict) and value:
        return {path: leaf for key, item in value.items() for path, leaf in leaves(item, (*at, key)).items()}
    return {at: value}


def to_fields(paths: set[tuple[str, ...]]) -> Object:
    """Write leaf paths as fieldsV1."""
    root: Object = {}
    for path in paths:
        node = root
        for part in path:
            node = node.setdefault(f"f:{part}", {})
    return root


def from_fields(fields: Object, at: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """Read fieldsV1 as leaf paths."""
    found: set[tuple[str, ...]] = set()
    for key, inner in fields.items():
        path = (*at, key.removeprefix("f:"))
        found |= from_fields(inner, path) if inner else {path}
    return found


def owned_part(obj: Object) -> Object:
    """What a manager owns of what it sends."""
    metadata = {k: v for k, v in obj["metadata"].items() if k in ("labels", "annotations")}
    return {**{k: v for k, v in obj.items() if k not in ("apiVersion", "kind", "metadata")}, "metadata": metadata}


class FakeKube:
    """The server. `calls` are (method, path) in order; `on_write` may fill a status in; `blocked` paths hang."""

    def __init__(self) -> None:
        self.objects: dict[str, Object] = {}
        self.calls: list[tuple[str, str]] = []
        self.on_write: Callable[[Object], None] = lambda obj: None
        self.failures: list[int] = []
        self.refuse: dict[str, tuple[int, Object]] = {}
        self.blocked: set[str] = set()
        self.arrived = threading.Event()
        self.release = threading.Event()
        self._lock = threading.RLock()
        self._version = 0
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                status, answer = fake.answer(self.command, self.path, body, self.headers.get("Content-Type", ""))
                data = json.dumps(answer).encode()
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)
                except ConnectionError:
                    self.close_connection = True  # the engine was killed

            do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = handle_any  # noqa: N815 - http.server's names

            def log_message(self, *args: Any) -> None:
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop."""
        self.release.set()
        self._server.shutdown()
        self._server.server_close()

    def kubeconfig(self) -> str:
        """A kubeconfig for this server."""
        context = {"cluster": "fake", "user": "fake", "namespace": "default"}
        return json.dumps(
            {
                "current-context": "fake",
                "clusters": [{"name": "fake", "cluster": {"server": self.url}}],
                "contexts": [{"name": "fake", "context": context}],
                "users": [{"name": "fake", "user": {}}],
            }
        )

    def live(self, kind: str, name: str, namespace: str = "default") -> Object | None:
        """Look an object up by its plural kind."""
        for path, obj in self.objects.items():
            if path.endswith(f"/namespaces/{namespace}/{kind}/{name}"):
                return obj
        return None

    def writes(self) -> list[tuple[str, str]]:
        """The calls that change something."""
        return [call for call in self.calls if call[0] != "GET" and "dryRun" not in call[1]]

    def answer(self, method: str, target: str, body: Any, content_type: str) -> tuple[int, Object]:
        """Serve one request."""
        url = urlsplit(target)
        query = dict(parse_qsl(url.query))
        short = "/".join(url.path.rsplit("/", 2)[-2:])
        self.calls.append((method, short + ("?dryRun" if "dryRun" in query else "")))
        if url.path in KINDS:
            return 200, {"resources": [{"kind": k, "name": v, "namespaced": True} for k, v in KINDS[url.path].items()]}
        if self.failures and method != "GET":
            return self.failures.pop(0), {"message": "the server is not ready"}
        if f"{method} {short}" in self.refuse:
            return self.refuse[f"{method} {short}"]
        with self._lock:
            result = self._serve(method, url.path, query, body, content_type)
        if f"{method} {short}" in self.blocked:
            self.arrived.set()
            self.release.wait(20)
        return result

    def _serve(self, method: str, path: str, query: dict[str, str], body: Any, kind: str) -> tuple[int, Object]:
        dry = "dryRun" in query
        if method == "POST":
            return self._create(f"{path}/{body['metadata']['name']}", body, query["fieldManager"], dry)
        if path.rsplit("/", 1)[-1] in {plural for kinds in KINDS.values() for plural in kinds.values()}:
            return 200, {"items": [obj for key, obj in self.objects.items() if key.rpartition("/")[0] == path]}
        if path not in self.objects:
            return 404, {"reason": "NotFound", "message": f"{path.rsplit('/', 1)[-1]} not found"}
        if method == "DELETE":
            return 200, self.objects.pop(path)
        if method == "PATCH" and "json-patch" in kind:
            self.objects[path]["metadata"]["managedFields"] = body[0]["value"]
        elif method == "PATCH":
            return self._apply(path, body, query, dry)
        return 200, copy.deepcopy(self.objects[path])

    def _create(self, path: str, body: Object, manager: str, dry: bool) -> tuple[int, Object]:
        name = body["metadata"]["name"]
        if path in self.objects:
            return 409, {"reason": "AlreadyExists", "message": f'{path.split("/")[-2]} "{name}" already exists'}
        obj = copy.deepcopy(body)
        entry = {"manager": manager, "operation": "Update", "fieldsV1": to_fields(set(leaves(owned_part(body))))}
        obj["metadata"] |= {
            "uid": str(uuid.uuid4()),
            "generation": 1,
            "creationTimestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "managedFields": [entry],
        }
        obj["metadata"].setdefault("namespace", path.split("/")[-3])
        return 201, self._store(path, obj, dry)

    def _apply(self, path: str, body: Object, query: dict[str, str], dry: bool) -> tuple[int, Object]:
        obj, manager = copy.deepcopy(self.objects[path]), query["fieldManager"]
        wanted = leaves(owned_part(body))
        mine: set[tuple[str, ...]] = set()
        for entry in obj["metadata"]["managedFields"]:
            theirs = from_fields(entry["fieldsV1"])
            if entry["manager"] == manager and entry["operation"] == "Apply":
                mine = theirs
            elif query["force"] != "true":
                clash = [p for p in theirs & set(wanted) if leaves(obj).get(p) != wanted[p]]
                if clash:
                    text = f'conflict with "{entry["manager"]}": .{".".join(clash[0])}'
                    return 409, {"reason": "Conflict", "message": f"Apply failed with 1 conflict: {text}"}
        for gone in mine - set(wanted):
            node = obj
            for part in gone[:-1]:
                node = node.get(part, {})
            node.pop(gone[-1], None)
        for leaf, value in wanted.items():
            node = obj
            for part in leaf[:-1]:
                node = node.setdefault(part, {})
            if leaf and value != {}:
                node[leaf[-1]] = value
        entries = [e for e in obj["metadata"]["managedFields"] if (e["manager"], e["operation"]) != (manager, "Apply")]
        entries.append({"manager": manager, "operation": "Apply", "fieldsV1": to_fields(set(wanted))})
        obj["metadata"]["managedFields"] = entries
        obj["metadata"]["generation"] += 1
        return 200, self._store(path, obj, dry)

    def _store(self, path: str, obj: Object, dry: bool) -> Object:
        self._version += 1
        obj["metadata"]["resourceVersion"] = str(self._version)
        if not dry:
            self.objects[path] = obj
            self.on_write(obj)
        return copy.deepcopy(obj)
