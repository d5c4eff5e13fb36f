"""Names, addresses and paths of one sandbox instance.

Two instances run side by side when they differ in name, network and state directory.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.paths import ROOT

MARKER = "CUTOVER_SANDBOX_INSTANCE"  # in the environment of all processes of an instance, by which `down` finds its own
MAX_NAME_LENGTH = 11  # an interface name has at most 15 characters, 4 of them are ours


@dataclass(frozen=True)
class Instance:
    """One sandbox. `network` is the first two octets of its addresses, by default of the range for benchmarks."""

    name: str = "sandbox"
    network: str = "198.18"
    state: Path = ROOT / ".sandbox" / "cluster"

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z]([a-z0-9-]*[a-z0-9])?", self.name) or len(self.name) > MAX_NAME_LENGTH:
            msg = (
                f"sandbox name {self.name!r} has to be a DNS label of at most {MAX_NAME_LENGTH} characters: "
                "it names a node, a network link and a cgroup. Give a shorter one of a-z, 0-9 and '-'."
            )
            raise SandboxError(msg)
        # The path is the marker of the instance's processes: it has to be the same whatever way it was given.
        object.__setattr__(self, "state", self.state.resolve())

    @property
    def node(self) -> str:
        """Name of the node, of the kubeconfig's context and of the cgroup."""
        return f"cutover-{self.name}"

    @property
    def link(self) -> str:
        """The host's end of the veth pair, the only link between the host and the cluster."""
        return f"cut-{self.name}"

    @property
    def network_cidr(self) -> str:
        """All addresses of the instance."""
        return f"{self.network}.0.0/16"

    @property
    def host_ip(self) -> str:
        """The host as the cluster sees it."""
        return f"{self.network}.0.1"

    @property
    def node_ip(self) -> str:
        """The node, where the API server listens too."""
        return f"{self.network}.0.2"

    @property
    def service_cidr(self) -> str:
        """ClusterIPs."""
        return f"{self.network}.16.0/20"

    @property
    def api_service_ip(self) -> str:
        """ClusterIP of the Service `kubernetes`."""
        return f"{self.network}.16.1"

    @property
    def pod_cidr(self) -> str:
        """Pod addresses."""
        return f"{self.network}.64.0/24"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""
        return self.state / "kubeconfig"

    @property
    def record(self) -> Path:
        """The plan that runs: there from before the first process starts until `down` has removed everything."""
        return self.state / "record.json"

    @property
    def pki(self) -> Path:
        """Keys and certificates."""
        return self.state / "pki"

    @property
    def conf(self) -> Path:
        """Configuration files of the components."""
        return self.state / "conf"

    @property
    def logs(self) -> Path:
        """One log file per component."""
        return self.state / "logs"

    @property
    def data(self) -> Path:
        """What the components write: etcd's database, images, the kubelet's directories."""
        return self.state / "data"

    @property
    def signs(self) -> Path:
        """Files by which `up` and the node tell each other how far they are."""
        return self.state / "signs"
