"""Where one row is measured: a namespace with the service in it, a user's shell, and moments told to the prober."""

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from peers.row import BAD, COMMAND, SAID
from peers.shell import Shell, StoppedError
from prober import Prober
from sandbox.cluster import Cluster
from traffic.apps import release
from traffic.errors import TrafficError
from traffic.space import Space, eventually

Json = dict[str, Any]

GOOD, NEXT, AFTER = "1.0.0", "1.1.0", "1.2.0"
REPLICAS = 3
DRAIN_SECONDS = 2
DEADLINE_SECONDS = 20  # for pods to get ready
PORT = 9898
SETTLED_SECONDS = 3.0  # so long nothing but the wanted version has to answer, without a failure
WATCH_SECONDS = 36.0  # until that is so; Argo Rollouts stops the old pods 30 s after its switch
INTO_IT_SECONDS = 60.0
POLL_SECONDS = 0.05


def image(tag: str) -> str:
    """The image of a tag: good ones drain as an application should, broken ones are podinfo's."""
    return str(release(tag)["image"])


def version(tag: str) -> str:
    """What a release of this tag is called; its answers may say another."""
    return tag.partition("-")[0]


def python() -> str:
    """The Python in the application's image: this machine's, at its path here."""
    return str(Path(getattr(sys, "_base_executable", sys.executable)).resolve())


def pod(tag: str, labels: Json) -> Json:
    """A pod template with what every way's pods have: readiness, a preStop sleep, requests."""
    container = {
        "name": "app",
        "image": image(tag),
        "ports": [{"name": "http", "containerPort": PORT}],
        "readinessProbe": {"httpGet": {"path": "/readyz", "port": PORT}, "periodSeconds": 1},
        "lifecycle": {"preStop": {"sleep": {"seconds": DRAIN_SECONDS}}},
        "resources": {"requests": {"cpu": "100m", "memory": "32Mi"}},
    }
    spec = {"terminationGracePeriodSeconds": 30, "containers": [container]}
    return {"metadata": {"labels": labels}, "spec": spec}


def service(name: str, selector: Json) -> Json:
    """A Service to the pods."""
    ports = [{"name": "http", "port": 80, "targetPort": PORT}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": selector, "ports": ports},
    }


@dataclass
class Testbed:
    """One namespace, one shell. `prober` is None until the load runs."""

    cluster: Cluster
    space: Space
    shell: Shell
    folder: Path
    prober: Prober | None = None
    problems: list[str] = field(default_factory=list)

    def mark(self, name: str) -> None:
        """Name this moment."""
        if self.prober:
            self.prober.mark(name)

    def command(self, act: Callable[[], object]) -> None:
        """What the user does, from the first key until the tool says how it ended."""
        self.mark(COMMAND)
        try:
            act()
        finally:
            self.mark(SAID)

    def during(self, act: Callable[[], object], when: Callable[[], bool], then: Callable[[], object]) -> None:
        """`act` in a thread of its own; `then` once `when` says so. Raises TrafficError where that never is."""
        with ThreadPoolExecutor(1) as pool:
            acting = pool.submit(act)
            end = time.monotonic() + INTO_IT_SECONDS
            came = False
            while not (came := when()) and not acting.done() and time.monotonic() < end:
                time.sleep(POLL_SECONDS)
            if came:
                then()
            with suppress(StoppedError):
                acting.result()
        if not came:
            raise TrafficError("the moment to act never came")

    def new_pods(self, tag: str) -> int:
        """How many pods of this tag there are that are not on their way out."""
        return sum(one.image == image(tag) for one in self.space.pods() if not one.leaving)

    def settle(self, wanted: str) -> None:
        """Until only the wanted version has answered for a while, and no more than WATCH_SECONDS."""
        end = time.monotonic() + WATCH_SECONDS
        calm, before = time.monotonic(), self._others(wanted)
        while time.monotonic() < end and time.monotonic() - calm < SETTLED_SECONDS:
            time.sleep(0.2)
            if (now := self._others(wanted)) != before:
                calm, before = time.monotonic(), now

    def _others(self, wanted: str) -> int:
        if self.prober is None:
            return 0
        seen = self.prober.progress
        return seen.failed + sum(count for name, count in seen.versions.items() if name != wanted)

    def turn_bad(self, tag: str, after_seconds: float) -> Callable[[], None]:
        """Once this release has answered for so long, all its pods answer 500, and stay ready; that is a thread's work.
        What is returned waits for its end, and raises TrafficError where the release never answered.
        """
        url = self.space.url()

        def wait_and_turn() -> None:
            eventually(f"an answer of {tag}", lambda: _says(url, version(tag)), INTO_IT_SECONDS)
            time.sleep(after_seconds)
            self.mark(BAD)
            for one in self.space.pods():
                if one.image == image(tag) and one.address and not one.leaving:  # without one it serves nobody yet
                    httpx2.post(f"http://{one.address}:{PORT}/sick/enable", timeout=5, trust_env=False)

        pool = ThreadPoolExecutor(1)
        turning = pool.submit(wait_and_turn)
        pool.shutdown(wait=False)
        return turning.result


def _says(url: str, wanted: str) -> bool:
    with suppress(httpx2.HTTPError):
        return bool(httpx2.get(f"{url}/version", timeout=1, trust_env=False).json().get("version") == wanted)
    return False
