"""Stand-ins of cloud load balancers: they send to pods past every Service, by targets of their own, on this machine."""

import contextlib
import json
import random
import socket
import socketserver
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import httpx2

from tests.lifecycle.kube import Namespace
from tests.lifecycle.routes import weights

Targets = Mapping[str, float]
"""Address of a pod -> its share of the requests, in percent. One without an address is nobody: its requests fail."""
GATE = "target-health.example.com/shop"
PORT = 9898
LOOK_SECONDS = 0.2


def behind_live(namespace: Namespace) -> Targets:
    """The ready pods of the live Service, alike."""
    found = _ready(namespace, "shop")
    return {one: 100 / len(found) for one in found}


def behind_route(namespace: Namespace) -> Targets:
    """The ready pods of each color, by the shares of the route `public`."""
    return _spread(weights(namespace), {one: _ready(namespace, one) for one in ("shop-blue", "shop-green")})


class Balancer(socketserver.ThreadingTCPServer, ABC):
    """A TCP load balancer: each new connection goes to one of its targets, by their shares. It writes them to `file`,
    as a cloud's API would tell them.
    """

    daemon_threads = True

    def __init__(self, namespace: Namespace, file: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.namespace, self._file = namespace, file
        self.targets: Targets = {}
        self._choice = random.Random(1)  # noqa: S311
        self._ends = threading.Event()
        self._runs = [threading.Thread(target=one) for one in (self.serve_forever, self._follow)]

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        for one in self._runs:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self.shutdown()
        for one in self._runs:
            one.join()
        self.server_close()

    def next(self) -> str:
        """The target of the next connection."""
        found = dict(self.targets)
        return self._choice.choices(list(found), list(found.values()))[0] if found else ""

    @abstractmethod
    def look(self) -> Targets | None:
        """What it learns now; None where that is nothing new."""

    def learn(self, found: Targets) -> None:
        """Send there from now on, and say so in the file; who reads it meanwhile finds it whole."""
        self.targets = found
        written = self._file.with_suffix(".written")
        written.write_text(json.dumps(found))
        written.replace(self._file)

    def _follow(self) -> None:
        while not self._ends.wait(LOOK_SECONDS):
            with contextlib.suppress(httpx2.HTTPError):
                found = self.look()
                if found is not None:
                    self.learn(found)


class Late(Balancer):
    """One that learns of everything so many seconds late: of new targets, of those that went, of shares."""

    def __init__(
        self, namespace: Namespace, file: Path, wanted: Callable[[Namespace], Targets], late_seconds: float
    ) -> None:
        super().__init__(namespace, file)
        self._wanted, self._late_seconds = wanted, late_seconds
        self._seen: deque[tuple[float, Targets]] = deque()
        self.learn(wanted(namespace))

    def look(self) -> Targets | None:
        """See Balancer."""
        self._seen.append((time.monotonic(), self._wanted(self.namespace)))
        found = None
        while self._seen[0][0] < time.monotonic() - self._late_seconds:
            found = self._seen.popleft()[1]
        return found


class Registering(Balancer):
    """One that follows the shares of the route `public` at once, and has a pod as its target only so many seconds after
    its containers are ready. It then opens the readiness gate GATE of the pod, where that has it.
    """

    def __init__(self, namespace: Namespace, file: Path, late_seconds: float) -> None:
        super().__init__(namespace, file)
        self._late_seconds = late_seconds
        self._since: dict[str, float] = {}

    def look(self) -> Targets:
        """See Balancer."""
        healthy: dict[str, list[str]] = {"shop-blue": [], "shop-green": []}
        for pod in self.namespace.items("pods"):
            meta, status = pod["metadata"], pod["status"]
            conditions = {one["type"]: one["status"] for one in status.get("conditions", [])}
            if "deletionTimestamp" in meta or conditions.get("ContainersReady") != "True":
                continue
            since = self._since.setdefault(meta["uid"], time.monotonic())
            if time.monotonic() - since >= self._late_seconds:
                healthy[f"shop-{meta['labels']['cutover.dev/color']}"].append(status["podIP"])
                if pod["spec"].get("readinessGates") and GATE not in conditions:
                    self._open(meta["name"])
        return _spread(weights(self.namespace), healthy)

    def _open(self, name: str) -> None:
        opened = {
            "type": GATE,
            "status": "True",
            "lastTransitionTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        self.namespace.patch(
            "pods", name, [{"op": "add", "path": "/status/conditions/-", "value": opened}], part="status"
        )


class _Connection(socketserver.BaseRequestHandler):
    """One request on a connection of its own; closed without a word where nobody is there."""

    server: Balancer
    request: socket.socket

    def handle(self) -> None:
        target = self.server.next()
        if not target:
            return
        with contextlib.suppress(OSError), socket.create_connection((target, PORT), 2) as pod:
            pod.sendall(self.request.recv(65536))
            while data := pod.recv(65536):
                self.request.sendall(data)


def _ready(namespace: Namespace, service: str) -> list[str]:
    slices = namespace.items("endpointslices", {"kubernetes.io/service-name": service})
    endpoints: list[dict[str, Any]] = [one for each in slices for one in each.get("endpoints") or []]
    return sorted(address for one in endpoints if one["conditions"]["ready"] for address in one["addresses"])


def _spread(shares: Mapping[str, int], pods: Mapping[str, list[str]]) -> Targets:
    found: dict[str, float] = {}
    for service, share in shares.items():
        for address in pods[service] or [""]:
            if share:
                found[address] = found.get(address, 0) + share / max(1, len(pods[service]))
    return found
