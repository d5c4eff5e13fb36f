"""HTTPRoutes of the tests: a route that others made, and a gateway that answers by the weights of one."""

import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import yaml

from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.services import V1, V2

Json = dict[str, Any]

CRD = Path(__file__).with_name("httproute_crd.yaml")
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
BACKENDS = ("shop-blue", "shop-green")
ALIEN = {"type": "ResponseHeaderModifier", "responseHeaderModifier": {"set": [{"name": "x-by", "value": "others"}]}}
EXISTING: Json = {
    "apiVersion": "gateway.networking.k8s.io/v1",
    "kind": "HTTPRoute",
    "metadata": {"name": "public", "labels": {"team": "edge"}},
    "spec": {
        "parentRefs": [{"name": "gateway", "namespace": "edge"}],
        "hostnames": ["shop.example.com"],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": "/static"}}],
                "backendRefs": [{"name": "cdn", "port": 80, "weight": 7}],
            },
            {
                "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
                "filters": [ALIEN],
                "timeouts": {"request": "10s"},
                "backendRefs": [
                    {"name": "archive", "port": 80, "weight": 0},
                    {"name": "shop-green", "port": 80, "weight": 0},
                    {"name": "shop-blue", "port": 80, "weight": 100, "filters": [ALIEN]},
                ],
            },
        ],
    },
}


def ensure_kind(admin: httpx2.Client, kind: str = "HTTPRoute") -> None:
    """Have the cluster know HTTPRoutes, or another kind with the same rules: one that does keeps its own."""
    ensure_definition(admin, CRD.read_text().replace("HTTPRoute", kind).replace("httproute", kind.lower()))


def ensure_definition(admin: httpx2.Client, text: str) -> None:
    """Have the cluster know a kind, by its definition in YAML."""
    definition = yaml.safe_load(text)
    path = f"{CRDS}/{definition['metadata']['name']}"
    if admin.get(path).status_code == 404:
        made = admin.post(CRDS, json=definition)
        assert made.status_code in (201, 409), made.text  # another worker may have been quicker

    def established() -> bool:
        status = admin.get(path).raise_for_status().json().get("status") or {}
        conditions = status.get("conditions") or []  # null until a controller has looked
        return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)

    eventually(f"{definition['metadata']['name']} to be known", established)


def weights(
    namespace: Namespace, name: str = "public", plural: str = "httproutes", service: str = "shop"
) -> dict[str, int]:
    """The weights of a service's colors in a route, which are the same in all its rules."""
    rules = namespace.get(plural, name)["spec"]["rules"]
    colors = {f"{service}-blue", f"{service}-green"}
    found = {one["name"]: one["weight"] for rule in rules for one in rule["backendRefs"] if one["name"] in colors}
    return dict(sorted(found.items()))


LAG_SECONDS = 0.1  # of a gateway behind its route


class Gateway:
    """Answers under one address with the version of the color that the weights choose. `stuck` weights stay for it
    whatever the route says, as with a control plane that does not follow; None where it follows.
    """

    def __init__(self, namespace: Namespace, route: str, service: str = "shop") -> None:
        self.versions = {f"{service}-blue": V1, f"{service}-green": V2}
        self.stuck: dict[str, int] | None = None
        self.accepts = False  # by itself, whenever it is asked for an answer and the route was written
        self._accepted = 0
        self._namespace, self._route, self._service = namespace, route, service
        self._followed: dict[str, int] = {}
        self._read = -LAG_SECONDS
        self._choice = random.Random(1)  # noqa: S311
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps({"version": gateway.version(), "host": self.headers["Host"]}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._lock = threading.Lock()
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def settings(self) -> Json:
        """What the service says of it."""
        address = f"http://127.0.0.1:{self._server.server_port}/version"
        return {"address": address, "answer": '"version": "{version}"'}

    def version(self) -> str:
        """The version that answers this time."""
        with self._lock:
            if time.monotonic() - self._read > LAG_SECONDS:
                if self.accepts:
                    self.accept()
                self._followed = weights(self._namespace, self._route, service=self._service)
                self._read = time.monotonic()
            found = self.stuck or self._followed
            return self.versions[self._choice.choices(list(found), list(found.values()))[0]]

    def accept(self) -> None:
        """Say in the status of the route that it is carried as it is now, as a control plane does after each write."""
        meta = self._namespace.get("httproutes", self._route)["metadata"]
        if meta["generation"] == self._accepted:
            return
        self._accepted = meta["generation"]
        said = {"status": "True", "reason": "Fine", "message": "", "observedGeneration": meta["generation"]}
        said["lastTransitionTime"] = meta["creationTimestamp"]
        conditions = [{"type": kind, **said} for kind in ("Accepted", "ResolvedRefs")]
        (parent,) = EXISTING["spec"]["parentRefs"]
        parents = [{"parentRef": parent, "controllerName": "example.com/test", "conditions": conditions}]
        self._namespace.patch("httproutes", self._route, {"status": {"parents": parents}}, part="status")

    def stop(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def accepting_gateway(admin: httpx2.Client, namespace: Namespace) -> Iterator[Gateway]:
    """What follows the service's own route, and says so."""
    ensure_kind(admin)
    made = Gateway(namespace, "shop")
    made.accepts = True
    yield made
    made.stop()
