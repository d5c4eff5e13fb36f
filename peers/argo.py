"""Argo Rollouts, as its documentation recommends: `kubectl apply` and its plugin's `status`, `undo`.

The controller runs as a process of this machine, as the sandbox's own components do, with the flags of its manifest;
CRDs and the role are applied from the module. Settings: an analysis before and after the promotion (blue/green) or
between steps (canary), which asks the Service as our smoke check does; `scaleDownDelaySeconds` 30, its default, below
which it warns; `progressDeadlineAbort`; a rollback window.
"""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from peers import build, footprint
from peers.bench import Bench
from peers.controller import Controller
from peers.ours import BAKE_SECONDS
from peers.shell import must
from peers.stand import DEADLINE_SECONDS, GOOD, REPLICAS, Stand, pod, service, version
from peers.way import Json, Way
from traffic.apps import SERVICE
from traffic.space import INSTANCE

_ACTIVE, _PREVIEW, _STABLE = SERVICE, f"{SERVICE}-preview", f"{SERVICE}-stable"
_API = "argoproj.io/v1alpha1"
_LABELS = {INSTANCE: SERVICE}


@dataclass(frozen=True)
class Argo(Way):
    """`kubectl argo rollouts`."""

    controller: Controller
    peer: ClassVar[str] = "Argo Rollouts"

    @contextmanager
    def installed(self, bench: Bench) -> Iterator[None]:
        """CRDs, role and controller."""
        source = build.ARGO.source(build.ARGO_MODULE, bench.say)
        shell = bench.shell(bench.folder / "argo")
        must(shell, "kubectl create namespace argo-rollouts")
        for part in ("crds", "role"):
            must(shell, f"kubectl apply --server-side -k {source / 'manifests' / part}")
        with self.controller.running(shell):
            yield

    def stays(self, bench: Bench) -> Json:
        """CRDs, rights and the controller."""
        return footprint.of(bench.shell(bench.folder / "argo"), "argoproj.io", "argo-rollouts", self.controller)

    def deploy(self, stand: Stand) -> None:
        """The Services, the analyses, the Rollout."""
        for name in (_ACTIVE, _PREVIEW, _STABLE):
            _apply(stand, f"service-{name}", service(name, _LABELS))
        _apply(stand, "before", _analysis("before", stand.space.url(_PREVIEW), count=2))
        _apply(stand, "after", _analysis("after", stand.space.url(_ACTIVE), count=BAKE_SECONDS))
        self._write(stand, GOOD, watched=False)
        must(stand.shell, "kubectl apply -f rollout.json")
        must(stand.shell, f"kubectl argo rollouts status {SERVICE} --timeout 60s")

    def release(self, stand: Stand, tag: str) -> None:
        """The manifest with another image is applied."""
        self._release(stand, tag, watched=False)

    def watched(self, stand: Stand, tag: str) -> None:
        """The same with an analysis after the promotion, which a rolling update has none of."""
        if self.strategy == "rolling":
            super().watched(stand, tag)
        else:
            self._release(stand, tag, watched=True)

    def rollback(self, stand: Stand) -> None:
        """`undo`."""
        stand.shell.run(f"kubectl argo rollouts undo {SERVICE}")
        stand.shell.run(f"kubectl argo rollouts status {SERVICE}")

    def kill(self, _stand: Stand) -> None:
        """The controller dies, and is started again at once, as the kubelet does it; its lease has to run out."""
        self.controller.restart()

    def again(self, stand: Stand, _tag: str) -> None:
        """Nothing but to look again."""
        stand.shell.run(f"kubectl argo rollouts status {SERVICE}")

    def interrupt(self, stand: Stand) -> None:
        """Ctrl-C ends the command that looks."""
        stand.shell.send(signal.SIGINT)

    def _release(self, stand: Stand, tag: str, *, watched: bool) -> None:
        self._write(stand, tag, watched=watched)
        stand.shell.run("kubectl apply -f rollout.json")
        stand.shell.run(f"kubectl argo rollouts status {SERVICE}")

    def _write(self, stand: Stand, tag: str, *, watched: bool) -> None:
        spec = {
            "replicas": REPLICAS,
            "selector": {"matchLabels": _LABELS},
            "template": pod(tag, {**_LABELS, "version": version(tag)}),
            "minReadySeconds": 1,
            "progressDeadlineSeconds": DEADLINE_SECONDS,
            "progressDeadlineAbort": True,
            "rollbackWindow": {"revisions": 3},
            "strategy": self._strategy(watched=watched),
        }
        rollout = {"apiVersion": _API, "kind": "Rollout", "metadata": {"name": SERVICE}, "spec": spec}
        (stand.folder / "rollout.json").write_text(json.dumps(rollout, indent=1))

    def _strategy(self, *, watched: bool) -> Json:
        field = {"fieldRef": {"fieldPath": "spec.template.metadata.labels.version"}}
        args = [{"name": "version", "valueFrom": field}]
        before, after = ({"templates": [{"templateName": name}], "args": args} for name in ("before", "after"))
        if self.strategy == "blue-green":
            made: Json = {"activeService": _ACTIVE, "previewService": _PREVIEW, "prePromotionAnalysis": before}
            return {"blueGreen": made | ({"postPromotionAnalysis": after} if watched else {})}
        surge: Json = {"maxSurge": "25%", "maxUnavailable": 0}
        if self.strategy == "rolling":
            return {"canary": surge}
        steps: list[Json] = []
        for weight in (25, 50):
            steps += [{"setWeight": weight}, {"analysis": before}, {"pause": {"duration": "5s"}}]
        return {"canary": surge | {"canaryService": _PREVIEW, "stableService": _STABLE, "steps": steps}}


def _analysis(name: str, url: str, count: int) -> Json:
    metric = {
        "name": "version",
        "interval": "1s",
        "count": count,
        "consecutiveErrorLimit": 0,
        "successCondition": "result == '{{args.version}}'",
        "provider": {"web": {"url": f"{url}/version", "timeoutSeconds": 2, "jsonPath": "{$.version}"}},
    }
    spec = {"args": [{"name": "version"}], "metrics": [metric]}
    return {"apiVersion": _API, "kind": "AnalysisTemplate", "metadata": {"name": name}, "spec": spec}


def _apply(stand: Stand, name: str, manifest: Json) -> None:
    path = Path(stand.folder) / f"{name}.json"
    path.write_text(json.dumps(manifest, indent=1))
    must(stand.shell, f"kubectl apply -f {path.name}")
