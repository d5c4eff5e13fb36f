"""Every way there is, in the order in which they play, and what has to be built for them."""

from collections.abc import Iterable

from peers import build
from peers.argo import Argo
from peers.cells import Cell
from peers.controller import Controller
from peers.helm import Helm
from peers.kubectl import Kubectl
from peers.ours import Ours
from peers.way import Way
from sandbox.cluster.build import KUBERNETES_VERSION
from sandbox.golang import Module
from sandbox.pulumi import Engine


def ways(engine: Engine) -> list[Way]:
    """All of them; those of one peer together."""
    argo = Controller([str(build.ARGO.binaries / "rollouts-controller")], lambda log: "Started controller" in log)
    return [
        *(Ours(strategy, engine) for strategy in ("blue-green", "rolling", "canary")),
        *(Argo(strategy, argo) for strategy in ("blue-green", "rolling", "canary")),
        *(Kubectl(strategy) for strategy in ("blue-green", "rolling")),
        *(Helm(strategy) for strategy in ("blue-green", "rolling")),
    ]


def modules(pairs: Iterable[tuple[Way, Cell]]) -> list[Module]:
    """What has to be built for these."""
    by_peer = {"Argo Rollouts": build.ARGO, "Helm": build.HELM, "Flagger": build.FLAGGER}
    names = dict.fromkeys(way.peer for way, _ in pairs)
    return [by_peer[peer] for peer in names if peer in by_peer]


def versions(engine: Engine) -> dict[str, str]:
    """What ran, by name."""
    return {
        "cutover": f"this commit, Pulumi CLI {engine.version}",
        "Argo Rollouts": build.ARGO_VERSION,
        "Helm": build.HELM_VERSION,
        "Flagger": build.FLAGGER_VERSION,
        "kubectl": KUBERNETES_VERSION,
        "Kubernetes": KUBERNETES_VERSION,
    }
