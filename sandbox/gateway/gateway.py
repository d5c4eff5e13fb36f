"""The gateway of a sandbox cluster: started, stopped, and where it answers."""

import hashlib
import json
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import httpx2

from sandbox import golang
from sandbox.cluster import Cluster
from sandbox.cluster import build as cluster_build
from sandbox.errors import SandboxError
from sandbox.gateway import build, crds, images

NAMESPACE = "cutover-gateway"
NAME = "gateway"  # of the Gateways of both kinds, which are in NAMESPACE
MANIFESTS = Path(__file__).with_name("manifests")
START_TIMEOUT_SECONDS = 60
POLL_SECONDS = 0.05
LOG_LINES = 15
_RECIPE = "sandbox.cutover.dev/recipe"  # on the namespace once all that is in it was seen to work
_CHECK_HOST = "check.cutover.local"
_CLUSTER_WIDE = ("clusterrole/cutover-gateway-istiod", "clusterrolebinding/cutover-gateway-istiod")


@dataclass(frozen=True)
class Address:
    """Where the gateway answers, reached from the host and from pods."""

    ip: str

    @property
    def gateway_api(self) -> str:
        """The URL on which HTTPRoutes and GRPCRoutes lead."""
        return f"http://{self.ip}:8080"

    @property
    def istio(self) -> str:
        """The URL on which VirtualServices lead."""
        return f"http://{self.ip}:8081"


class Gateway:
    """istiod and an Envoy as pods of one sandbox cluster. `report` gets a line per step that takes time."""

    def __init__(self, cluster: Cluster, report: Callable[[str], None] = print) -> None:
        self._cluster = cluster
        self._report = report
        network = cluster.instance.network
        # Of those that Kubernetes gives to no Service that asks for none in particular.
        self._istiod_ip, self._ip = f"{network}.16.250", f"{network}.16.251"

    def up(self) -> Address:
        """Start it unless it is up, and return when requests are routed by both kinds of route. Raises SandboxError."""
        if not self._cluster.status().traffic:
            msg = (
                "the gateway needs pods that answer requests: the cluster is not up, or kwok plays its node. Run "
                "`python -m sandbox up` and see what it says; docs/sandbox-cluster.md has what real pods need."
            )
            raise SandboxError(msg)
        with self._lock():
            if address := self.address():
                return address
            build.ensure(self._report)
            archive, kinds = images.ensure(self._report), crds.ensure(self._report)
            started = time.monotonic()
            with ThreadPoolExecutor(1) as pool:
                loaded = pool.submit(self._load, archive)
                self._apply(kinds.read_text())
                self._kubectl("wait", "--for=condition=Established", *(f"crd/{one}" for one in crds.NAMES))
                loaded.result()
            self._apply(self._manifests())
            self._wait()
            self._kubectl("annotate", "--overwrite", "namespace", NAMESPACE, f"{_RECIPE}={self._recipe()}")
            self._report(f"the gateway routes requests after {time.monotonic() - started:.1f} s")
        return Address(self._ip)

    def _load(self, archive: Path) -> None:
        """Once per life of the cluster: the sign goes with its images."""
        sign = self._cluster.instance.signs / archive.name
        if not sign.exists():
            self._cluster.load_images(archive)
            sign.touch()

    def down(self) -> None:
        """Remove it and the kinds of its routes, and with them all routes."""
        with self._lock():
            kinds = [f"crd/{one}" for one in crds.NAMES]
            self._kubectl("delete", "--ignore-not-found", f"namespace/{NAMESPACE}", *_CLUSTER_WIDE, *kinds)

    def address(self) -> Address | None:
        """Where it answers, asked now; None where it is not up, or is not what this checkout would start."""
        try:
            found: dict[str, Any] = json.loads(self._kubectl("get", "namespace", NAMESPACE, "--output=json"))
        except SandboxError:
            return None
        if found["metadata"].get("annotations", {}).get(_RECIPE) != self._recipe() or self._silent():
            return None
        return Address(self._ip)

    def _recipe(self) -> str:
        """Of all that is applied, the kinds by their pins."""
        return hashlib.sha256(f"{build.GATEWAY_API_VERSION} {self._filled('')}".encode()).hexdigest()[:16]

    def _manifests(self) -> str:
        return self._filled(self._recipe())

    def _filled(self, recipe: str) -> str:
        namespace = f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {NAMESPACE}}}\n"
        texts = [(MANIFESTS / f"{one}.yaml").read_text() for one in ("istiod", "proxy", "gateway")]
        return Template("---\n".join([namespace, *texts])).substitute(
            istiod_ip=self._istiod_ip,
            gateway_ip=self._ip,
            istiod_image=images.ISTIOD_IMAGE,
            envoy_image=images.ENVOY_IMAGE,
            istio_version=build.ISTIO_VERSION,
            recipe=recipe,
        )

    def _silent(self) -> list[str]:
        """The URLs on which the check's route leads nowhere, each with what came instead."""
        at = Address(self._ip)
        return [f"{url} ({said})" for url in (at.gateway_api, at.istio) if (said := _answer(url)) != "200"]

    def _wait(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while silent := self._silent():
            if time.monotonic() > deadline:
                msg = (
                    f"the gateway does not route {START_TIMEOUT_SECONDS} s after the start on {', '.join(silent)}\n"
                    f"{self._state()}"
                )
                raise SandboxError(msg)
            time.sleep(POLL_SECONDS)
        self._kubectl("wait", "--for=condition=Programmed", f"gateways.gateway.networking.k8s.io/{NAME}")

    def _state(self) -> str:
        """What its pods are, and what they said last."""
        asked = [("get", "pods", "--output=wide")]
        asked += [("logs", f"deployment/{one}", f"--tail={LOG_LINES}") for one in ("istiod", "gateway")]
        said = []
        for words in asked:
            try:
                said.append(self._kubectl(*words))
            except SandboxError as error:  # no pod, or none that started
                said.append(f"{error}\n")
        return "".join(said)

    def _lock(self) -> AbstractContextManager[None]:
        return golang.locked(self._cluster.instance.state / "gateway.lock")

    def _apply(self, manifests: str) -> None:
        self._kubectl("apply", "--server-side", "--force-conflicts", "--filename=-", text=manifests)

    def _kubectl(self, *words: str, text: str = "") -> str:
        program = str(cluster_build.MODULE.binaries / "kubectl")
        command = (program, f"--kubeconfig={self._cluster.kubeconfig}", f"--namespace={NAMESPACE}", *words)
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        if done.returncode:
            msg = f"`kubectl {' '.join(words[:2])}` failed: {done.stderr.strip()[-2000:]}"
            raise SandboxError(msg)
        return done.stdout


def _answer(url: str) -> str:
    """The status of an answer to the check, or why there is none."""
    try:
        return str(httpx2.get(f"{url}/ready", headers={"Host": _CHECK_HOST}, timeout=2, trust_env=False).status_code)
    except httpx2.HTTPError as error:
        return str(error) or type(error).__name__
