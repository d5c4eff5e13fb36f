"""kubectl alone, as its documentation and common runbooks have it: two Deployments and a selector, or one Deployment.

Settings as ours: `maxUnavailable` 0, `minReadySeconds` 1, a preStop sleep; `kubectl rollout status` before anything
else is done. After the switch the old Deployment is scaled down, 5 s later, so that kept connections move.
"""

import json
from dataclasses import dataclass
from typing import ClassVar

from peers.shell import must
from peers.testbed import DEADLINE_SECONDS, GOOD, REPLICAS, Testbed, image, pod, service
from peers.way import Json, Way, wait_for_proxies
from traffic.apps import SERVICE
from traffic.space import COLOR, INSTANCE

_LABELS = {INSTANCE: SERVICE}


@dataclass(frozen=True)
class Kubectl(Way):
    """`kubectl`. Blue serves first; the user knows which color does."""

    peer: ClassVar[str] = "kubectl"

    def deploy(self, stand: Testbed) -> None:
        """Deployments and a Service."""
        colors: list[str | None] = ["blue", "green"] if self.strategy == "blue-green" else [None]
        made = [_deployment(color, 0 if color == "green" else REPLICAS) for color in colors]
        selector = {**_LABELS, COLOR: "blue"} if self.strategy == "blue-green" else _LABELS
        document = {"apiVersion": "v1", "kind": "List", "items": [*made, service(SERVICE, selector)]}
        (stand.folder / "shop.json").write_text(json.dumps(document, indent=1))
        must(stand.shell, "kubectl apply -f shop.json")
        must(stand.shell, f"kubectl rollout status deployment/{_name(colors[0])} --timeout 60s")

    def release(self, stand: Testbed, tag: str) -> None:
        """A rolling update; or the idle Deployment, waited for, and the selector."""
        if self.strategy == "blue-green":
            self._move(stand, "blue", "green", tag)
            return
        stand.shell.run(f"kubectl set image deployment/{SERVICE} app={image(tag)}")
        if not stand.shell.run(f"kubectl rollout status deployment/{SERVICE} --timeout 60s").ok:
            self._undo(stand)

    def prepare(self, stand: Testbed, tag: str) -> None:
        """The idle Deployment."""
        self._fill(stand, "green", tag)

    def switch(self, stand: Testbed) -> None:
        """The selector, and then the old Deployment."""
        self._point(stand, "blue", "green")

    def rollback(self, stand: Testbed) -> None:
        """`undo`; or the same with the colors changed."""
        if self.strategy == "blue-green":
            self._move(stand, "green", "blue", None)
        else:
            self._undo(stand)

    def _undo(self, stand: Testbed) -> None:
        stand.shell.run(f"kubectl rollout undo deployment/{SERVICE}")
        stand.shell.run(f"kubectl rollout status deployment/{SERVICE} --timeout 60s")

    def _move(self, stand: Testbed, old: str, new: str, tag: str | None) -> None:
        if self._fill(stand, new, tag):
            self._point(stand, old, new)
        else:
            stand.shell.run(f"kubectl scale deployment/{SERVICE}-{new} --replicas 0")

    def _fill(self, stand: Testbed, new: str, tag: str | None) -> bool:
        run = stand.shell.run
        if tag:
            run(f"kubectl set image deployment/{SERVICE}-{new} app={image(tag)}")
        run(f"kubectl scale deployment/{SERVICE}-{new} --replicas {REPLICAS}")
        return run(f"kubectl rollout status deployment/{SERVICE}-{new} --timeout 60s").ok

    def _point(self, stand: Testbed, old: str, new: str) -> None:
        patch = json.dumps({"spec": {"selector": {COLOR: new}}})
        stand.shell.run(f"kubectl patch service {SERVICE} -p '{patch}'")
        wait_for_proxies(stand)
        stand.shell.run(f"kubectl scale deployment/{SERVICE}-{old} --replicas 0")


def _name(color: str | None) -> str:
    return f"{SERVICE}-{color}" if color else SERVICE


def _deployment(color: str | None, replicas: int) -> Json:
    labels = {**_LABELS, COLOR: color} if color else _LABELS
    spec = {
        "replicas": replicas,
        "selector": {"matchLabels": labels},
        "template": pod(GOOD, labels),
        "minReadySeconds": 1,
        "progressDeadlineSeconds": DEADLINE_SECONDS,
        "strategy": {"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}},
    }
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": _name(color)}, "spec": spec}
