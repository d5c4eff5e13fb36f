"""Configuration files of the components, as text. Pure: values in, text out.

Kubernetes' own files are YAML, and JSON is YAML.
"""

import json

from sandbox.cluster.instance import Instance

SOCKET = "/run/containerd/containerd.sock"
PAUSE_IMAGE = "cutover.local/pause:1"
UNUSED_PLUGINS = (
    "io.containerd.snapshotter.v1.aufs",
    "io.containerd.snapshotter.v1.blockfile",
    "io.containerd.snapshotter.v1.btrfs",
    "io.containerd.snapshotter.v1.devmapper",
    "io.containerd.snapshotter.v1.erofs",
    "io.containerd.snapshotter.v1.zfs",
    "io.containerd.internal.v1.tracing",
    "io.containerd.tracing.processor.v1.otlp",
    "io.containerd.nri.v1.nri",
)


def containerd(instance: Instance, major_version: int, runc: str, cni_directory: str, snapshotter: str) -> str:
    """`config.toml`, for containerd 1 or 2, which name the same settings differently.

    restrict_oom_score_adj: otherwise no pod starts where CAP_SYS_RESOURCE is lacking, as in many containers.
    """
    if major_version == 1:
        version, runtime, cni_directories = 2, "io.containerd.grpc.v1.cri", f'bin_dir = "{cni_directory}"'
        images = f'[plugins."{runtime}"]\nsandbox_image = "{PAUSE_IMAGE}"'
        snapshots = f'[plugins."{runtime}".containerd]\nsnapshotter = "{snapshotter}"'
    else:
        version, runtime, cni_directories = 3, "io.containerd.cri.v1.runtime", f'bin_dirs = ["{cni_directory}"]'
        pinned = f'[plugins."io.containerd.cri.v1.images".pinned_images]\nsandbox = "{PAUSE_IMAGE}"'
        images = f'{pinned}\n[plugins."{runtime}"]'
        snapshots = (
            f'[plugins."io.containerd.cri.v1.images"]\nsnapshotter = "{snapshotter}"\n[plugins."{runtime}".containerd]'
        )
    return f"""\
version = {version}
root = "{instance.data}/containerd"
state = "/run/containerd"
disabled_plugins = {json.dumps(UNUSED_PLUGINS)}
[grpc]
address = "{SOCKET}"
{images}
disable_apparmor = true
restrict_oom_score_adj = true
{snapshots}
default_runtime_name = "runc"
[plugins."{runtime}".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."{runtime}".containerd.runtimes.runc.options]
BinaryName = "{runc}"
SystemdCgroup = false
[plugins."{runtime}".cni]
{cni_directories}
conf_dir = "{instance.conf}/cni"
"""


def cni(instance: Instance) -> str:
    """A bridge that hands out addresses; nothing is masqueraded, because nothing leaves the machine."""
    bridge = {
        "type": "bridge",
        "bridge": "cni0",
        "isGateway": True,
        "isDefaultGateway": True,
        "hairpinMode": True,
        "ipMasq": False,
        "ipam": {"type": "host-local", "ranges": [[{"subnet": instance.pod_cidr}]], "dataDir": "/run/cni-ipam"},
    }
    return json.dumps({"cniVersion": "1.0.0", "name": instance.node, "plugins": [bridge]}, indent=1)


def kubelet(instance: Instance) -> str:
    """KubeletConfiguration: no eviction and no image collection while there is room, as nothing can be pulled again."""
    return json.dumps(
        {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "containerRuntimeEndpoint": f"unix://{SOCKET}",
            "cgroupDriver": "cgroupfs",
            "cgroupRoot": f"/{instance.node}",
            "failCgroupV1": False,
            "failSwapOn": False,
            "enforceNodeAllocatable": [],
            "makeIPTablesUtilChains": False,
            "address": instance.node_ip,
            "readOnlyPort": 0,
            "healthzBindAddress": "127.0.0.1",
            "authentication": {
                "anonymous": {"enabled": False},
                "webhook": {"enabled": True},
                "x509": {"clientCAFile": str(instance.pki / "ca.crt")},
            },
            "authorization": {"mode": "Webhook"},
            "resolvConf": str(instance.conf / "resolv.conf"),
            "clusterDomain": "cluster.local",
            # There is no DNS, and nothing listens at this address: a look-up fails at once.
            # With no address here every pod would get a warning event.
            "clusterDNS": [instance.node_ip],
            "podLogsDir": "/var/log/pods",
            "serializeImagePulls": False,
            "imageGCHighThresholdPercent": 100,
            "imageGCLowThresholdPercent": 99,
            "evictionHard": {
                "memory.available": "100Mi",
                "nodefs.available": "1%",
                "imagefs.available": "1%",
                "nodefs.inodesFree": "1%",
            },
            "maxPods": 200,  # of 254 addresses
        },
        indent=1,
    )


def kube_proxy(instance: Instance, mode: str) -> str:
    """KubeProxyConfiguration. `mode` is nftables or iptables. Zeros leave the machine's conntrack limits alone."""
    return json.dumps(
        {
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
            "kind": "KubeProxyConfiguration",
            "clientConnection": {"kubeconfig": str(instance.conf / "kube-proxy.kubeconfig")},
            "mode": mode,
            "clusterCIDR": instance.pod_cidr,
            "hostnameOverride": instance.node,
            "bindAddress": instance.node_ip,
            "healthzBindAddress": "127.0.0.1:10256",
            "metricsBindAddress": "127.0.0.1:10249",
            "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
        },
        indent=1,
    )
