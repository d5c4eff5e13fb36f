"""An API server of one test: it answers from a list, and keeps what it was asked. And a cluster that asks it."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import yaml

from components.cluster.cluster import Cluster
from kubeaccess import Access as ClusterAccess


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


@contextmanager
def serving() -> Iterator[Api]:
    """The server while the block runs, with an empty list as its answer."""
    with Api(("127.0.0.1", 0), Handler) as server:
        server.answers, server.asked = [(200, {"items": []})], []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def kubeconfig(api: ThreadingHTTPServer, host: str = "127.0.0.1") -> str:
    """A kubeconfig that leads to the server."""
    named = {"cluster": {"server": f"http://{host}:{api.server_port}"}, "name": "it"}
    context = {"context": {"cluster": "it", "user": "me"}, "name": "it"}
    user = {"name": "me", "user": {"token": "t"}}
    parts = {"clusters": [named], "contexts": [context], "users": [user], "current-context": "it"}
    return yaml.safe_dump({"apiVersion": "v1", "kind": "Config", **parts})


def ask(access: ClusterAccess, question: str, *arguments: Any) -> Any:
    """The answer of a cluster in the namespace `ns`, whose connections are closed afterwards."""

    async def run() -> Any:
        cluster = Cluster(access, "ns")
        try:
            return await getattr(cluster, question)(*arguments)
        finally:
            await cluster.close()

    return asyncio.run(run())
