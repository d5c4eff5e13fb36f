"""Addresses, configuration files and command lines that are derived from an instance."""

import ipaddress
import json
import tomllib
from pathlib import Path

import pytest

from sandbox.cluster import components, config
from sandbox.cluster.instance import Instance
from sandbox.cluster.node import Component, Network, Plan
from sandbox.errors import SandboxError

ONE = Instance("one", "198.18", Path("/state/one"))
TWO = Instance("two", "198.19", Path("/state/two"))
BINARIES = Path("/cache/bin")


def _containerd(major_version: int) -> dict[str, dict[str, object]]:
    text = config.containerd(ONE, major_version, "/usr/sbin/runc", "/usr/lib/cni", "overlayfs")
    plugins: dict[str, dict[str, object]] = tomllib.loads(text)["plugins"]
    return plugins


def test_two_instances_share_nothing() -> None:
    for attribute in ("node", "link", "network_cidr", "node_ip", "service_cidr", "pod_cidr", "kubeconfig", "record"):
        assert getattr(ONE, attribute) != getattr(TWO, attribute)


def test_all_addresses_are_of_the_instances_network_and_apart() -> None:
    network = ipaddress.IPv4Network(ONE.network_cidr)
    services, pods = ipaddress.IPv4Network(ONE.service_cidr), ipaddress.IPv4Network(ONE.pod_cidr)
    assert services.subnet_of(network)
    assert pods.subnet_of(network)
    assert not services.overlaps(pods)
    assert ipaddress.IPv4Address(ONE.api_service_ip) == services[1]
    assert ipaddress.IPv4Address(ONE.node_ip) not in services


@pytest.mark.parametrize("name", ["", "Upper", "a.b", "-a", "a-", "1a", "twelve-chars"])
def test_a_name_that_is_no_short_label_is_refused(name: str) -> None:
    with pytest.raises(SandboxError, match="at most 11 characters"):
        Instance(name)


def test_the_state_directory_is_the_same_however_it_is_given(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert Instance("one", state=tmp_path / "link" / ".." / "real").state == tmp_path / "real"


def test_the_link_name_fits_the_kernel() -> None:
    assert len(Instance("eleven-char").link) == 15


def test_containerd_1_and_2_get_the_same_settings() -> None:
    old = _containerd(1)["io.containerd.grpc.v1.cri"]
    new = _containerd(2)["io.containerd.cri.v1.runtime"]
    images = _containerd(2)["io.containerd.cri.v1.images"]
    assert old["sandbox_image"] == config.PAUSE_IMAGE
    assert images["pinned_images"] == {"sandbox": config.PAUSE_IMAGE}
    assert images["snapshotter"] == "overlayfs"
    assert old["restrict_oom_score_adj"] is new["restrict_oom_score_adj"] is True
    assert old["cni"] == {"bin_dir": "/usr/lib/cni", "conf_dir": "/state/one/conf/cni"}
    assert new["cni"] == {"bin_dirs": ["/usr/lib/cni"], "conf_dir": "/state/one/conf/cni"}


def test_node_configuration_names_the_instances_own_addresses() -> None:
    kubelet = json.loads(config.kubelet(TWO))
    assert kubelet["cgroupRoot"] == "/cutover-two"
    assert kubelet["address"] == "198.19.0.2"
    assert json.loads(config.kube_proxy(TWO, "iptables"))["mode"] == "iptables"
    assert json.loads(config.cni(TWO))["plugins"][0]["ipam"]["ranges"] == [[{"subnet": TWO.pod_cidr}]]


def test_control_plane_waits_for_what_it_needs() -> None:
    parts = components.control_plane(ONE, BINARIES, components.Endpoints(ONE.node_ip))
    assert {part.name for part in parts if not part.after_api} == {"etcd", "kube-apiserver"}
    api_server = next(part for part in parts if part.name == "kube-apiserver")
    assert "--bind-address=198.18.0.2" in api_server.argv
    assert "--allow-privileged=true" in api_server.argv
    assert not any("disable-admission" in flag for part in parts for flag in part.argv)


def test_on_loopback_the_api_server_takes_the_given_port_and_publishes_no_endpoint() -> None:
    endpoints = components.Endpoints("127.0.0.1", api_port=41000, etcd_port=41001)
    api_server = components.control_plane(ONE, BINARIES, endpoints)[1]
    assert {
        "--secure-port=41000",
        "--etcd-servers=http://127.0.0.1:41001",
        "--endpoint-reconciler-type=none",
    } <= set(api_server.argv)


def test_a_plan_survives_being_written(tmp_path: Path) -> None:
    part = Component("etcd", ("etcd", "--name=one"), after_api=True)
    network = Network("198.18.0.2", "198.18.16.0/20")
    plan = Plan("containerd", "host", "198.18.0.2", 6443, "ca", "logs", "data", "signs", (part,), network)
    (tmp_path / "plan.json").write_text(plan.dumps())
    assert Plan.load(tmp_path / "plan.json") == plan
