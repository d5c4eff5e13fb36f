"""A sandbox cluster that is up: programs run on its node, its components are stopped, it gets images."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from sandbox.cluster import build, cgroups, network, processes
from sandbox.cluster.instance import Instance
from sandbox.cluster.node import NodeKind, Plan
from sandbox.errors import SandboxError

_END_SECONDS = 5.0  # of a killed process; it is listed until the kernel is done with it


class RunningCluster:
    """One sandbox cluster as it runs. Each method raises SandboxError where it is not up."""

    def __init__(self, instance: Instance | None = None) -> None:
        self.instance = instance or Instance()

    @property
    def name(self) -> str:
        """Name of the kubeconfig's context and of the node."""
        return self.instance.node

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig; it exists while the cluster is up and is another one after each start."""
        return self.instance.kubeconfig

    def flush_conntrack(self, destination: str | None = None) -> None:
        """Forget the host's connections: one that never opened would tie its port to a pod that is gone for 120 s.

        Open ones break too: name an address as `destination` where others' connections to other addresses are open.
        """
        if self._node_kind() == "containerd":
            # conntrack fails when it finds nothing to delete, which is as good
            flush = ("conntrack", "--delete", "--proto", "tcp", "--orig-src", self.instance.host_ip)
            only = ("--orig-dst", destination) if destination else ()
            subprocess.run((*self._enter(), *flush, *only), check=False, capture_output=True)

    def load_images(self, archive: Path) -> None:
        """Give pods more images to name, from an OCI archive. Raises SandboxError where containerd does not take it."""
        self._node_kind()
        load = next(one.argv for one in Plan.load(self.instance.record).components if one.name == "images")
        run = subprocess.run((*self._enter(), *load[:-1], str(archive)), check=False, capture_output=True, text=True)
        if run.returncode:
            msg = f"containerd does not take the images in {archive}: {run.stderr.strip()}"
            raise SandboxError(msg)

    def pause(self, component: str) -> None:
        """Stop a component where it stands (`etcd`, `kube-apiserver`, `kube-proxy` …), to see what that does to others.

        Its connections stay open and nobody answers on them. Raises SandboxError if there is none of that name.
        """
        processes.tell(self._component(component), self.instance.state, signal.SIGSTOP)

    def resume(self, component: str) -> None:
        """Let a paused component go on."""
        processes.tell(self._component(component), self.instance.state, signal.SIGCONT)

    def restart(self, component: str) -> None:
        """Kill a component, and wait for its end; the node starts it again after a second."""
        killed = self._component(component)
        processes.tell(killed, self.instance.state, signal.SIGKILL)
        end = time.monotonic() + _END_SECONDS
        while any(one.pid == killed.pid for one in processes.owned(self.instance.state)) and time.monotonic() < end:
            time.sleep(0.01)

    def execute(self, command: Sequence[str]) -> int:
        """Run a command as on the node, with kubectl and the other programs on its PATH; its exit code."""
        self._node_kind()
        path = f"{build.MODULE.binaries}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        environment = {**os.environ, "PATH": path, "KUBECONFIG": str(self.kubeconfig)}
        return subprocess.run((*self._enter(), *command), env=environment, check=False).returncode

    def leftovers(self) -> list[str]:
        """What of the cluster exists on the machine, apart from files: empty after `down`."""
        found = [f"process {one.pid} {' '.join(one.argv)}" for one in processes.owned(self.instance.state)]
        found += [f"cgroup {path}" for path in cgroups.leftovers(self.instance.node)]
        mounts = Path("/proc/self/mounts").read_text().splitlines()
        found += [f"mount {line}" for line in mounts if f" {self.instance.state}/" in line]
        return found + [f"network {line}" for line in network.leftovers(self.instance)]

    def _node_kind(self) -> NodeKind:
        if not self.instance.record.exists() or not processes.owned(self.instance.state):
            msg = f"the cluster {self.name} is not up: start it with `python -m sandbox up`."
            raise SandboxError(msg)
        return Plan.load(self.instance.record).kind

    def _component(self, name: str) -> processes.Process:
        self._node_kind()
        components = {one.name: one.argv for one in Plan.load(self.instance.record).components}
        if name not in components:
            msg = f"the cluster {self.name} has no component {name!r}: it has {', '.join(sorted(components))}."
            raise SandboxError(msg)
        for process in processes.owned(self.instance.state):
            if process.argv == components[name]:
                return process
        msg = f"{name} does not run at this moment: the node starts it again within two seconds."
        raise SandboxError(msg)

    def _node_pid(self) -> int:
        return next(one.pid for one in processes.owned(self.instance.state) if one.is_node)

    def _enter(self) -> tuple[str, ...]:
        if self._node_kind() == "kwok":
            return ()
        return ("nsenter", "--target", str(self._node_pid()), "--mount", "--net", "--pid", "--uts", "--ipc", "--")
