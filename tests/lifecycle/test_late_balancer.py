"""A load balancer that sends to pods past the live Service and learns of new ones seconds late, as clouds have them."""

import contextlib
import itertools
import json
import socket
import socketserver
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from prober import Prober
from prober.result import FailureClass, Result
from tests.lifecycle import services
from tests.lifecycle.kube import Namespace
from tests.lifecycle.load import ANSWER_SECONDS
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic, pytest.mark.wide]

LATE_SECONDS = 6.0
COMMAND = """
import json, sys
pods = {pod["ip"] for pod in json.load(sys.stdin)["pods"] if pod["ready"]}
targets = set(json.load(open(sys.argv[1])))
print("still sends to", ", ".join(sorted(targets - pods)))
sys.exit(0 if targets and targets <= pods else 75)
"""


class LateBalancer(socketserver.ThreadingTCPServer):
    """A TCP load balancer on this machine. It sends each new connection to the next of the addresses that were ready
    endpoints of the live Service `LATE_SECONDS` ago, and writes them to a file.
    """

    def __init__(self, namespace: Namespace, file: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self._namespace, self._file = namespace, file
        self._ends = threading.Event()
        self.targets: Iterator[str] = iter(())
        self._runs = [threading.Thread(target=one) for one in (self.serve_forever, self._follow)]
        self._learn(self._look())

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

    def _follow(self) -> None:
        seen: deque[tuple[float, list[str]]] = deque()
        while not self._ends.wait(0.2):
            seen.append((time.monotonic(), self._look()))
            while seen[0][0] < time.monotonic() - LATE_SECONDS:
                self._learn(seen.popleft()[1])

    def _look(self) -> list[str]:
        slices = self._namespace.items("endpointslices", {"kubernetes.io/service-name": "shop"})
        ready = [one for each in slices for one in each.get("endpoints") or [] if one["conditions"]["ready"]]
        return sorted(address for one in ready for address in one["addresses"])

    def _learn(self, targets: list[str]) -> None:
        self.targets = itertools.cycle(targets)
        self._file.write_text(json.dumps(targets))


class _Connection(socketserver.BaseRequestHandler):
    """One request on a connection of its own; closed without a word where the pod is no more."""

    server: LateBalancer
    request: socket.socket

    def handle(self) -> None:
        with contextlib.suppress(OSError), socket.create_connection((next(self.server.targets), 9898), 2) as pod:
            pod.sendall(self.request.recv(65536))
            while data := pod.recv(65536):
                self.request.sendall(data)


@pytest.fixture
def targets(tmp_path: Path) -> Path:
    return tmp_path / "targets.json"


@pytest.fixture
def balanced(stack: Stack, namespace: Namespace, targets: Path) -> Iterator[Prober]:
    """Steady traffic by way of the balancer to a service with blue live, and green ready beside it."""
    stack.services["shop"] = services.blue_green(drain_seconds=2)
    stack.must_up()
    with LateBalancer(namespace, targets) as balancer:
        address = f"http://127.0.0.1:{balancer.server_address[1]}"
        with Prober(address, rate_per_second=60, timeout_seconds=ANSWER_SECONDS, kinds=("get-new",)) as prober:
            yield prober


def refused(result: Result) -> int:
    """Requests that met a pod which was no more."""
    assert {one.failure for one in result.failures} <= {FailureClass.REFUSED, FailureClass.CLOSED, FailureClass.RESET}
    return len(result.failures)


def test_the_drain_waits_until_the_balancer_follows(stack: Stack, balanced: Prober, targets: Path) -> None:
    stack.services["shop"]["verify_after"] = {
        "command": [sys.executable, "-c", COMMAND, str(targets)],
        "timeout_seconds": 60,
        "interval_seconds": 0.5,
    }
    for color in ("green", "blue"):
        stack.services["shop"]["active"] = color
        stack.must_up()
    assert refused(balanced.stop()) == 0


def test_without_it_the_balancer_sends_to_pods_that_are_gone(stack: Stack, balanced: Prober) -> None:
    stack.services["shop"]["active"] = "green"
    stack.must_up()
    assert refused(balanced.stop()) > 0
