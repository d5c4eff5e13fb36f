"""The peers' programs, each pinned in a `go/<peer>/go.mod` of its own, as their pins of Kubernetes differ."""

from pathlib import Path

from sandbox.golang import Module, Program, required_version

GO = Path(__file__).parent / "go"
ARGO_MODULE = "github.com/argoproj/argo-rollouts"
FLAGGER_MODULE = "github.com/fluxcd/flagger"
HELM_MODULE = "helm.sh/helm/v3"

ARGO_VERSION = required_version(GO / "argo", ARGO_MODULE)
FLAGGER_VERSION = required_version(GO / "flagger", FLAGGER_MODULE)
HELM_VERSION = required_version(GO / "helm", HELM_MODULE)


def _stamped(name: str, package: str, variable: str, version: str) -> Program:
    return Program(name, package, ((variable, version),))


ARGO = Module(
    GO / "argo",
    tuple(
        _stamped(name, f"{ARGO_MODULE}/cmd/{name}", f"{ARGO_MODULE}/utils/version.version", ARGO_VERSION)
        for name in ("rollouts-controller", "kubectl-argo-rollouts")
    ),
    "Argo Rollouts takes 5 minutes on 2 cores",
    toolchain="go1.27.3",
)
HELM = Module(
    GO / "helm",
    (_stamped("helm", f"{HELM_MODULE}/cmd/helm", f"{HELM_MODULE}/internal/version.version", HELM_VERSION),),
    "Helm takes 2 minutes on 2 cores",
)
FLAGGER = Module(
    GO / "flagger",
    tuple(Program(name, f"{FLAGGER_MODULE}/cmd/{name}") for name in ("flagger", "loadtester")),
    "Flagger takes 3 minutes on 2 cores",
)
