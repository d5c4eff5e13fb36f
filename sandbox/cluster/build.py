"""The programs of the sandbox's cluster, pinned in `go/go.mod`."""

from pathlib import Path

from sandbox.golang import Module, Program, required_version

GO_DIRECTORY = Path(__file__).parent / "go"
PODINFO_VERSIONS = ("6.9.2", "1.0.0", "1.1.0", "1.2.0", "1.3.0", "0.0.0")
KUBERNETES_VERSION = required_version(GO_DIRECTORY, "k8s.io/kubernetes")


def _programs() -> tuple[Program, ...]:
    major, minor, _ = KUBERNETES_VERSION.removeprefix("v").split(".", 2)
    base = "k8s.io/component-base/version"
    # Without these the API server says v0.0.0, and clients that look at it refuse to work.
    stamp = ((f"{base}.gitVersion", KUBERNETES_VERSION), (f"{base}.gitMajor", major), (f"{base}.gitMinor", minor))
    kubernetes = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl")
    podinfo = "github.com/stefanprodan/podinfo"
    return (
        Program("pause", "./pause"),
        Program("etcd", "go.etcd.io/etcd/server/v3"),
        *(Program(name, f"k8s.io/kubernetes/cmd/{name}", stamp) for name in kubernetes),
        Program("kwok", "sigs.k8s.io/kwok/cmd/kwok"),
        *(
            Program(f"podinfo-{one}", f"{podinfo}/cmd/podinfo", ((f"{podinfo}/pkg/version.VERSION", one),))
            for one in PODINFO_VERSIONS
        ),
    )


MODULE = Module(GO_DIRECTORY, _programs(), "all of the cluster's take 6 to 10 minutes on 2 cores")
CONTROL_PLANE = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl")
NODE_PROGRAMS = {
    "containerd": ("kubelet", "kube-proxy", "pause", *(f"podinfo-{version}" for version in PODINFO_VERSIONS)),
    "kwok": ("kwok",),
}
