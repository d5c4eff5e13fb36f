"""Flagger with provider `kubernetes`, as its tutorial of blue/green deployments has it, without a mesh.

Controller and load tester, which runs the smoke check as a `pre-rollout` hook, are processes of this machine. Settings:
`interval` 10 s, the period of its control loop, `iterations` 1, `threshold` 1: the least that it takes. It has no
measurements: those ask a Prometheus. Users apply Deployment and Canary, and wait for the phase.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

from peers import build, footprint
from peers.bench import Bench
from peers.controller import Controller
from peers.shell import must
from peers.testbed import DEADLINE_SECONDS, DRAIN_SECONDS, GOOD, PORT, REPLICAS, Testbed, pod, python, version
from peers.way import Json, Strategy, Way
from traffic.apps import SERVICE
from traffic.space import INSTANCE

LOADTESTER_PORT = 19092
_PHASE = f"kubectl get canary {SERVICE} -o jsonpath={{.status.phase}}"
_BOOT_SECONDS, _RELEASE_SECONDS, _NOTICE_SECONDS = 90.0, 180.0, 30.0
_ASK = "import json,sys,urllib.request as r;a=sys.argv;sys.exit(json.load(r.urlopen(a[1],timeout=2))['version']!=a[2])"


@dataclass(frozen=True)
class Flagger(Way):
    """`kubectl apply` and the phase of a Canary."""

    controller: Controller
    loadtester: Controller
    peer: ClassVar[str] = "Flagger"

    def plays(self, cell: str, strategies: tuple[Strategy, ...]) -> bool:
        """Each takes minutes by the beats of its loop, so only what differs from the others is played. Its way back is
        a release too: the old manifest is applied, and analyzed like a new one.
        """
        return self.strategy in strategies and cell in ("release", "never gets ready", "answers wrongly")

    @contextmanager
    def installed(self, bench: Bench) -> Iterator[None]:
        """CRDs, role, controller and load tester."""
        source = build.FLAGGER.source(build.FLAGGER_MODULE, bench.say) / "artifacts" / "flagger"
        shell = bench.shell(bench.folder / "flagger")
        must(shell, f"kubectl apply --server-side -f {source / 'crd.yaml'} -f {source / 'account.yaml'}")
        with self.loadtester.running(shell), self.controller.running(shell):
            yield

    def stays(self, bench: Bench) -> Json:
        """Rights, and the controller by the number of Canaries."""
        shell = bench.shell(bench.folder / "flagger")
        return footprint.role(shell, "flagger") | footprint.growth(shell, self.controller, _quiet)

    def controller_seconds(self) -> float:
        """The controller's."""
        return self.controller.processor_seconds()

    def deploy(self, stand: Testbed) -> None:
        """A Deployment and a Canary; Flagger makes a second Deployment and the Services."""
        self._apply(stand, GOOD, "127.0.0.1")
        must(stand.shell, f"kubectl wait canary/{SERVICE} --for=condition=promoted --timeout={_BOOT_SECONDS:.0f}s")

    def release(self, stand: Testbed, tag: str) -> None:
        """Both manifests, with the image and with what the hook asks for; then the phase, until it is a last one."""
        self._apply(stand, tag, stand.space.url(f"{SERVICE}-canary").removeprefix("http://"))
        ends = ("Succeeded", "Failed")
        if stand.shell.until(_PHASE, lambda said: said not in (*ends, "Initialized"), _NOTICE_SECONDS):
            stand.shell.until(_PHASE, lambda said: said in ends, _RELEASE_SECONDS)

    def rollback(self, stand: Testbed) -> None:
        """Another release, of the version before: there is no other way back."""
        self.release(stand, GOOD)

    def kill(self, _stand: Testbed) -> None:
        """The controller dies, and is started again at once, as the kubelet does it."""
        self.controller.restart()

    def again(self, stand: Testbed, _tag: str) -> None:
        """Nothing but to look again."""
        stand.shell.run(_PHASE)

    def _apply(self, stand: Testbed, tag: str, address: str) -> None:
        check = f'{sys.executable} -c "{_ASK}" http://{address}/version {version(tag)}'
        hook = {
            "name": "smoke",
            "type": "pre-rollout",
            "url": f"http://127.0.0.1:{LOADTESTER_PORT}/",
            "timeout": "10s",
            "metadata": {"type": "bash", "cmd": check},
        }
        document = {"apiVersion": "v1", "kind": "List", "items": _pair(SERVICE, tag, REPLICAS, [hook])}
        (stand.folder / "shop.json").write_text(json.dumps(document, indent=1))
        must(stand.shell, "kubectl apply -f shop.json")


def _pair(name: str, tag: str, replicas: int, hooks: list[Json]) -> list[Json]:
    """A Canary and its Deployment."""
    labels = {"app": name, INSTANCE: name}
    canary = {
        "provider": "kubernetes",
        "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
        "progressDeadlineSeconds": DEADLINE_SECONDS,
        "service": {"port": 80, "targetPort": PORT},
        "analysis": {"interval": "10s", "threshold": 1, "iterations": 1, "webhooks": hooks},
    }
    template = pod(tag, labels)
    # It copies pods as Kubernetes 1.27 knew them, and so would drop a preStop of the kind `sleep`.
    waits = {"exec": {"command": [python(), "-I", "-S", "-c", f"import time; time.sleep({DRAIN_SECONDS})"]}}
    template["spec"]["containers"][0]["lifecycle"] = {"preStop": waits}
    deployment = {
        "replicas": replicas,
        "selector": {"matchLabels": {"app": name}},
        "template": template,
        "minReadySeconds": 1,
        "progressDeadlineSeconds": DEADLINE_SECONDS,
        "strategy": {"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}},
    }
    kinds = (("flagger.app/v1beta1", "Canary", canary), ("apps/v1", "Deployment", deployment))
    return [
        {"apiVersion": version_, "kind": kind, "metadata": {"name": name}, "spec": spec}
        for version_, kind, spec in kinds
    ]


def _quiet(number: int) -> list[Json]:
    """A Canary that has no pods."""
    return _pair(f"quiet-{number}", GOOD, 0, [])
