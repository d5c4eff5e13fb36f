"""Every way there is, in the order in which they play, and what has to be built for them."""

from collections.abc import Iterable

from peers import build
from peers.argo import Argo
from peers.cells import Cell
from peers.controller import Controller
from peers.flagger import LOADTESTER_PORT, Flagger
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
    flagger = Controller(
        [
            str(build.FLAGGER.binaries / "flagger"),
            "-kubeconfig=kubeconfig",
            "-mesh-provider=kubernetes",
            "-log-level=info",
            "-port=19091",
        ],
        lambda log: "Started operator workers" in log,
    )
    loadtester = Controller(
        [str(build.FLAGGER.binaries / "loadtester"), f"-port={LOADTESTER_PORT}"], lambda log: "Starting" in log
    )
    return [
        *(Ours(strategy, engine) for strategy in ("blue-green", "rolling", "canary")),
        *(Argo(strategy, argo) for strategy in ("blue-green", "rolling", "canary")),
        Argo("blue-green", argo, stop_after_seconds=5),
        *(Kubectl(strategy) for strategy in ("blue-green", "rolling")),
        *(Helm(strategy) for strategy in ("blue-green", "rolling")),
        Flagger("blue-green", flagger, loadtester),
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
