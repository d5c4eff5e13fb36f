"""Argo Rollouts, as its documentation recommends: `kubectl apply` and its plugin's `status`, `undo`.

The controller runs as a process of this machine, as the sandbox's own components do, with the flags of its manifest;
CRDs and the role are applied from the module. Settings: an analysis before and after the promotion (blue/green) or
between steps (canary), which asks the Service as our smoke check does; `scaleDownDelaySeconds` 30, its default and the
least that its documentation recommends, and once 5; `progressDeadlineAbort`; a rollback window.
"""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from peers import build, footprint
from peers.bench import Bench
from peers.controller import Controller
from peers.ours import BAKE_SECONDS
from peers.shell import must
from peers.testbed import DEADLINE_SECONDS, GOOD, REPLICAS, Testbed, pod, service, version
from peers.way import Json, Strategy, Way
from traffic.apps import SERVICE
from traffic.space import INSTANCE

_ACTIVE, _PREVIEW, _STABLE = SERVICE, f"{SERVICE}-preview", f"{SERVICE}-stable"
_STATUS = f"kubectl argo rollouts status {SERVICE}"
_API = "argoproj.io/v1alpha1"
_LABELS = {INSTANCE: SERVICE}


@dataclass(frozen=True)
class Argo(Way):
    """`kubectl argo rollouts`."""

    controller: Controller
    stop_after_seconds: int | None = None
    peer: ClassVar[str] = "Argo Rollouts"

    @property
    def name(self) -> str:
        """With the setting, where it is not the default."""
        extra = f" with scaleDownDelaySeconds {self.stop_after_seconds}" if self.stop_after_seconds else ""
        return f"{self.peer}{extra} {self.strategy}"

    def plays(self, cell: str, strategies: tuple[Strategy, ...]) -> bool:
        """With the setting only what it changes."""
        return self.strategy in strategies and (not self.stop_after_seconds or cell in ("release", "warm switch"))

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
        """Rights, and the controller by the number of Rollouts."""
        shell = bench.shell(bench.folder / "argo")
        return footprint.role(shell, "argo-rollouts") | footprint.growth(shell, self.controller, _quiet)

    def controller_seconds(self) -> float:
        """The controller's."""
        return self.controller.processor_seconds()

    def deploy(self, stand: Testbed) -> None:
        """The Services, the analyses, the Rollout."""
        for name in (_ACTIVE, _PREVIEW, _STABLE):
            _apply(stand, f"service-{name}", service(name, _LABELS))
        _apply(
            stand,
            "before",
            _analysis("before", stand.space.url(_PREVIEW), count=4, errors=4, wrong=2, interval="500ms"),
        )
        _apply(stand, "step", _analysis("step", stand.space.url(_PREVIEW), count=2, errors=4, delay_seconds=2))
        _apply(stand, "after", _analysis("after", stand.space.url(_ACTIVE), count=BAKE_SECONDS, errors=1))
        self._write(stand, GOOD)
        must(stand.shell, "kubectl apply -f rollout.json")
        must(stand.shell, f"{_STATUS} --timeout 60s")

    def release(self, stand: Testbed, tag: str) -> None:
        """The manifest with another image is applied."""
        self._release(stand, tag)

    def watched(self, stand: Testbed, tag: str) -> None:
        """The same with an analysis after the promotion, which a rolling update has none of."""
        if self.strategy == "rolling":
            super().watched(stand, tag)
        else:
            self._release(stand, tag, postPromotionAnalysis=_asking("after"))

    def prepare(self, stand: Testbed, tag: str) -> None:
        """With `autoPromotionEnabled: false` it pauses before the switch."""
        self._write(stand, tag, autoPromotionEnabled=False)
        must(stand.shell, "kubectl apply -f rollout.json")
        must(stand.shell, f"kubectl wait rollout/{SERVICE} --for=jsonpath={{.status.phase}}=Paused --timeout=60s")

    def switch(self, stand: Testbed) -> None:
        """`promote`."""
        stand.shell.run(f"kubectl argo rollouts promote {SERVICE}")
        stand.shell.run(_STATUS)

    def rollback(self, stand: Testbed) -> None:
        """`undo`."""
        stand.shell.run(f"kubectl argo rollouts undo {SERVICE}")
        stand.shell.run(_STATUS)

    def kill(self, _stand: Testbed) -> None:
        """The controller dies, and is started again at once, as the kubelet does it; its lease has to run out."""
        self.controller.restart()

    def again(self, stand: Testbed, _tag: str) -> None:
        """To look again; what it gave up is tried again."""
        if not stand.shell.run(_STATUS).ok:
            stand.shell.run(f"kubectl argo rollouts retry rollout {SERVICE}")
            stand.shell.run(_STATUS)

    def interrupt(self, stand: Testbed) -> None:
        """The command that looks is ended: by SIGKILL, as kubectl hears no Ctrl-C while it starts its plugin."""
        stand.shell.send(signal.SIGKILL)

    def _release(self, stand: Testbed, tag: str, **extra: Any) -> None:
        self._write(stand, tag, **extra)
        stand.shell.run("kubectl apply -f rollout.json")
        stand.shell.run(_STATUS)

    def _write(self, stand: Testbed, tag: str, **extra: Any) -> None:
        rollout = _rollout(SERVICE, tag, REPLICAS, self._strategy(extra))
        (stand.folder / "rollout.json").write_text(json.dumps(rollout, indent=1))

    def _strategy(self, extra: Json) -> Json:
        if self.strategy == "blue-green":
            made: Json = {
                "activeService": _ACTIVE,
                "previewService": _PREVIEW,
                "prePromotionAnalysis": _asking("before"),
            }
            if self.stop_after_seconds:
                made["scaleDownDelaySeconds"] = self.stop_after_seconds
            return {"blueGreen": made | extra}
        surge: Json = {"maxSurge": "25%", "maxUnavailable": 0}
        if self.strategy == "rolling":
            return {"canary": surge}
        steps: list[Json] = []
        for weight in (25, 50):
            steps += [{"setWeight": weight}, {"analysis": _asking("step")}, {"pause": {"duration": "5s"}}]
        return {"canary": surge | {"canaryService": _PREVIEW, "stableService": _STABLE, "steps": steps}}


def _rollout(name: str, tag: str, replicas: int, strategy: Json) -> Json:
    labels = {INSTANCE: name}
    spec = {
        "replicas": replicas,
        "selector": {"matchLabels": labels},
        "template": pod(tag, {**labels, "version": version(tag)}),
        "minReadySeconds": 1,
        "progressDeadlineSeconds": DEADLINE_SECONDS,
        "progressDeadlineAbort": True,
        "rollbackWindow": {"revisions": 3},
        "strategy": strategy,
    }
    return {"apiVersion": _API, "kind": "Rollout", "metadata": {"name": name}, "spec": spec}


def _quiet(number: int) -> list[Json]:
    """A Rollout that has no pods, and its Service."""
    name = f"quiet-{number}"
    return [service(name, {INSTANCE: name}), _rollout(name, GOOD, 0, {"blueGreen": {"activeService": name}})]


def _asking(template: str) -> Json:
    """An analysis that is told the version of the release."""
    field = {"fieldRef": {"fieldPath": "spec.template.metadata.labels.version"}}
    return {"templates": [{"templateName": template}], "args": [{"name": "version", "valueFrom": field}]}


def _analysis(
    name: str, url: str, count: int, errors: int, delay_seconds: int = 0, wrong: int = 0, interval: str = "1s"
) -> Json:
    """`errors` in a row and `wrong` answers are let pass: before the promotion the node may not know of the pods yet,
    or still send to those that the preview Service had before. A step of a canary has moved its Service just then.
    """
    metric = {
        "name": "version",
        "interval": interval,
        "failureLimit": wrong,
        "initialDelay": f"{delay_seconds}s",
        "count": count,
        "consecutiveErrorLimit": errors,
        "successCondition": "result == '{{args.version}}'",
        "provider": {"web": {"url": f"{url}/version", "timeoutSeconds": 2, "jsonPath": "{$.version}"}},
    }
    spec = {"args": [{"name": "version"}], "metrics": [metric]}
    return {"apiVersion": _API, "kind": "AnalysisTemplate", "metadata": {"name": name}, "spec": spec}


def _apply(stand: Testbed, name: str, manifest: Json) -> None:
    path = Path(stand.folder) / f"{name}.json"
    path.write_text(json.dumps(manifest, indent=1))
    must(stand.shell, f"kubectl apply -f {path.name}")
