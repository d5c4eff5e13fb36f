"""The files of an instance's components: keys, certificates, kubeconfigs, configuration. Makes the plan."""

import re
import shutil
import socket
import subprocess
from contextlib import ExitStack
from pathlib import Path

from sandbox.cluster import components, config, packages, pki
from sandbox.cluster.components import Endpoints
from sandbox.cluster.instance import Instance
from sandbox.cluster.node import Network, NodeKind, Plan
from sandbox.errors import SandboxError

LOOPBACK = "127.0.0.1"


def write(instance: Instance, kind: NodeKind, binaries: Path, extra: Path) -> Plan:
    """Write it all below the state directory and return the plan. `extra`: the image tarball, or kwok's stages."""
    for directory in (instance.pki, instance.conf / "cni", instance.logs, instance.data, instance.signs):
        directory.mkdir(parents=True)
    endpoints = Endpoints(instance.node_ip) if kind == "containerd" else _loopback_endpoints()
    _write_identities(instance, kind, endpoints)
    parts = components.control_plane(instance, binaries, endpoints)
    if kind == "kwok":
        parts += components.kwok_node(instance, binaries, extra)
    else:
        snapshotter = _snapshotter(instance.data)
        _write_node_configuration(instance, snapshotter)
        parts += components.containerd_node(instance, binaries, extra, snapshotter)
    return Plan(
        kind=kind,
        hostname=instance.node,
        api_host=endpoints.api_host,
        api_port=endpoints.api_port,
        authority=str(instance.pki / "ca.crt"),
        logs=str(instance.logs),
        data=str(instance.data),
        signs=str(instance.signs),
        components=parts,
        network=Network(instance.node_ip, instance.service_cidr) if kind == "containerd" else None,
    )


def _loopback_endpoints() -> Endpoints:
    """Free ports on loopback. All are held until the last is found, so that they differ."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(5)]
        for one in sockets:
            one.bind((LOOPBACK, 0))
        return Endpoints(LOOPBACK, *(one.getsockname()[1] for one in sockets))


def _write_identities(instance: Instance, kind: NodeKind, endpoints: Endpoints) -> None:
    authority = pki.new_authority(instance.node)
    server = f"https://{endpoints.api_host}:{endpoints.api_port}"
    service = "kubernetes.default.svc"
    hosts = (
        endpoints.api_host,
        instance.node_ip,
        instance.api_service_ip,
        "localhost",
        "kubernetes",
        "kubernetes.default",
        service,
    )
    admin = pki.issue(authority, "admin", group="system:masters")
    api_server = pki.issue(authority, "kube-apiserver", hosts=hosts)
    service_accounts = pki.new_key()
    for name, content in {
        "ca.crt": authority.certificate_pem,
        "kube-apiserver.crt": api_server.certificate_pem,
        "kube-apiserver.key": api_server.key_pem,
        "admin.crt": admin.certificate_pem,
        "admin.key": admin.key_pem,
        "service-accounts.key": pki.private_pem(service_accounts),
        "service-accounts.pub": pki.public_pem(service_accounts),
    }.items():
        pki.write_secret(instance.pki / name, content)
    clients = {
        "kube-controller-manager": pki.issue(authority, "system:kube-controller-manager"),
        "kube-scheduler": pki.issue(authority, "system:kube-scheduler"),
    }
    if kind == "containerd":
        clients["kubelet"] = pki.issue(authority, f"system:node:{instance.node}", group="system:nodes")
        clients["kube-proxy"] = pki.issue(authority, "system:kube-proxy")
    else:
        clients["kwok"] = admin
    for name, client in clients.items():
        pki.write_secret(instance.conf / f"{name}.kubeconfig", pki.kubeconfig(instance.node, server, authority, client))
    pki.write_secret(instance.kubeconfig, pki.kubeconfig(instance.node, server, authority, admin))


def _write_node_configuration(instance: Instance, snapshotter: str) -> None:
    cni_directory, runc = packages.cni_directory(), shutil.which("runc")
    if cni_directory is None or runc is None:
        msg = (
            f"runc ({runc}) or the CNI plugins ({cni_directory}) are gone. Run `up` again: it installs what is missing."
        )
        raise SandboxError(msg)
    for name, content in {
        "containerd.toml": config.containerd(instance, _containerd_major(), runc, str(cni_directory), snapshotter),
        "cni/10-bridge.conflist": config.cni(instance),
        "kubelet.json": config.kubelet(instance),
        "kube-proxy.json": config.kube_proxy(instance, _proxy_mode()),
        "resolv.conf": "",  # no name outside the cluster resolves
    }.items():
        (instance.conf / name).write_text(content)


def _containerd_major() -> int:
    said = subprocess.run(("containerd", "--version"), check=True, capture_output=True, text=True).stdout
    found = re.search(r"\bv?(\d+)\.\d+\.\d+", said)
    if found is None:
        msg = f"`containerd --version` says {said.strip()!r}: that is no version. Install Debian's package containerd."
        raise SandboxError(msg)
    return int(found[1])


def _proxy_mode() -> str:
    """The kernel may lack nftables; kube-proxy would say so only in its log."""
    usable = subprocess.run(("nft", "list", "tables"), check=False, capture_output=True).returncode == 0
    return "nftables" if usable else "iptables"


def _snapshotter(data: Path) -> str:
    """Overlays cannot be stacked on an overlay, which is what a container's own file system usually is."""
    said = subprocess.run(
        ("stat", "--file-system", "--format=%T", str(data)), check=True, capture_output=True, text=True
    )
    return "native" if said.stdout.strip() == "overlayfs" else "overlayfs"
