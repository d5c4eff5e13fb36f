"""Command lines of the components of the control plane and of both kinds of node. Pure."""

from dataclasses import dataclass
from pathlib import Path

from sandbox.cluster.config import SOCKET
from sandbox.cluster.instance import Instance
from sandbox.cluster.node import Component


@dataclass(frozen=True)
class Endpoints:
    """Where the control plane listens: on fixed ports in namespaces of its own, on free ones of the host's loopback."""

    api_host: str
    api_port: int = 6443
    etcd_port: int = 2379
    etcd_peer_port: int = 2380
    controller_manager_port: int = 10257
    scheduler_port: int = 10259


def _flags(program: Path | str, **values: object) -> tuple[str, ...]:
    """`_flags("x", a_b=1)` is `("x", "--a-b=1")`; True stays `true`, as Go's flags want it."""

    def text(value: object) -> str:
        return str(value).lower() if isinstance(value, bool) else str(value)

    return (str(program), *(f"--{name.replace('_', '-')}={text(value)}" for name, value in values.items()))


def control_plane(instance: Instance, binaries: Path, at: Endpoints) -> tuple[Component, ...]:
    """etcd, the API server, the controller manager and the scheduler; default admission plugins stay on."""
    etcd_client, etcd_peer = f"http://127.0.0.1:{at.etcd_port}", f"http://127.0.0.1:{at.etcd_peer_port}"
    etcd = _flags(
        binaries / "etcd",
        name=instance.name,
        data_dir=instance.data / "etcd",
        unsafe_no_fsync=True,  # a sandbox that loses its power starts anew
        listen_client_urls=etcd_client,
        advertise_client_urls=etcd_client,
        listen_peer_urls=etcd_peer,
        initial_advertise_peer_urls=etcd_peer,
        initial_cluster=f"{instance.name}={etcd_peer}",
        log_level="warn",
    )
    api_server = _flags(
        binaries / "kube-apiserver",
        etcd_servers=etcd_client,
        bind_address=at.api_host,
        secure_port=at.api_port,
        advertise_address=instance.node_ip,
        # Endpoints on loopback are not valid: without a network of its own the Service `kubernetes` has none.
        endpoint_reconciler_type="none" if at.api_host.startswith("127.") else "lease",
        service_cluster_ip_range=instance.service_cidr,
        authorization_mode="Node,RBAC",
        enable_admission_plugins="NodeRestriction",
        allow_privileged=True,
        client_ca_file=instance.pki / "ca.crt",
        tls_cert_file=instance.pki / "kube-apiserver.crt",
        tls_private_key_file=instance.pki / "kube-apiserver.key",
        kubelet_client_certificate=instance.pki / "admin.crt",
        kubelet_client_key=instance.pki / "admin.key",
        kubelet_preferred_address_types="InternalIP",
        service_account_issuer="https://kubernetes.default.svc",
        service_account_signing_key_file=instance.pki / "service-accounts.key",
        service_account_key_file=instance.pki / "service-accounts.pub",
        profiling=False,
    )
    controller_manager = _flags(
        binaries / "kube-controller-manager",
        **_client(instance, "kube-controller-manager", at.controller_manager_port),
        service_account_private_key_file=instance.pki / "service-accounts.key",
        root_ca_file=instance.pki / "ca.crt",
        use_service_account_credentials=True,
        allocate_node_cidrs=False,
        # The default rate makes its dozens of controllers wait four seconds for their first tokens.
        kube_api_qps=200,
        kube_api_burst=400,
    )
    scheduler = _flags(binaries / "kube-scheduler", **_client(instance, "kube-scheduler", at.scheduler_port))
    return (
        Component("etcd", etcd),
        Component("kube-apiserver", api_server),
        Component("kube-controller-manager", controller_manager, after_api=True),
        Component("kube-scheduler", scheduler, after_api=True),
    )


def _client(instance: Instance, name: str, port: int) -> dict[str, object]:
    kubeconfig = instance.conf / f"{name}.kubeconfig"
    return {
        "kubeconfig": kubeconfig,
        "authentication_kubeconfig": kubeconfig,
        "authorization_kubeconfig": kubeconfig,
        "bind_address": "127.0.0.1",
        "secure_port": port,
        "leader_elect": False,
        "profiling": False,
    }


def containerd_node(instance: Instance, binaries: Path, images: Path, snapshotter: str) -> tuple[Component, ...]:
    """containerd, the import of the images, the kubelet and kube-proxy."""
    kubelet = _flags(
        binaries / "kubelet",
        config=instance.conf / "kubelet.json",
        kubeconfig=instance.conf / "kubelet.kubeconfig",
        hostname_override=instance.node,
        node_ip=instance.node_ip,
        root_dir=instance.data / "kubelet",
    )
    load = ("ctr", "--address", SOCKET, "--namespace", "k8s.io", "images", "import", "--snapshotter", snapshotter)
    return (
        Component("containerd", ("containerd", "--config", str(instance.conf / "containerd.toml"))),
        Component("images", (*load, str(images)), once=True),
        Component("kubelet", kubelet, after_api=True),
        Component(
            "kube-proxy", _flags(binaries / "kube-proxy", config=instance.conf / "kube-proxy.json"), after_api=True
        ),
    )


def kwok_node(instance: Instance, binaries: Path, stages: Path) -> tuple[Component, ...]:
    """kwok, which says of every pod that it is ready and runs none."""
    kwok = _flags(
        binaries / "kwok",
        kubeconfig=instance.conf / "kwok.kubeconfig",
        manage_all_nodes=True,
        config=stages,
        cidr=instance.pod_cidr,
        node_lease_duration_seconds=40,
    )
    return (Component("kwok", kwok, after_api=True),)
