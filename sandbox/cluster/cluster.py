"""A sandbox cluster: started, stopped, and whether it is ready."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from lightkube import Client, KubeConfig
from lightkube.core.exceptions import ApiError, ConfigError
from lightkube.models.core_v1 import NodeStatus
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Node, Pod, ServiceAccount

from sandbox import golang
from sandbox.cluster import build, capability, cgroups, images, layout, network, packages, processes, stages
from sandbox.cluster.instance import Instance
from sandbox.cluster.node import NodeKind, Plan
from sandbox.cluster.running import RunningCluster
from sandbox.errors import SandboxError
from sandbox.paths import ROOT

START_TIMEOUT_SECONDS = 120
RECOVERY_SECONDS = 15  # a component that died is back within two
POLL_SECONDS = 0.05
QUERY_TIMEOUT_SECONDS = 5
LOG_TAIL_LINES = 15
UNREACHABLE = (ApiError, ConfigError, httpx2.HTTPError, OSError)  # ConfigError: the kubeconfig went away meanwhile


@dataclass(frozen=True)
class Status:
    """What runs. `node_kind` is None when nothing does; `traffic` says whether pods answer requests."""

    ready: bool
    node_kind: NodeKind | None = None
    kubernetes: str = ""
    runtime: str = ""
    pods: int = 0

    @property
    def traffic(self) -> bool:
        """Only pods under containerd exist; kwok's are rows in etcd."""
        return self.ready and self.node_kind == "containerd"


class Cluster(RunningCluster):
    """One sandbox cluster. Nothing happens before a method is called; `report` gets a line per step that takes time."""

    def __init__(self, instance: Instance | None = None, report: Callable[[str], None] = print) -> None:
        super().__init__(instance)
        self._report = report
        packages.search_system_directories()

    def up(self) -> Status:
        """Start the cluster unless it is up, and return when a pod could start. Raises SandboxError."""
        with self._lock():
            if (status := self._settled_status()).ready:
                return status
            self._remove()
            needed = (ROOT, self.instance.state, build.MODULE.cache, Path(sys.prefix))
            kind, reason = capability.node_kind(needed)
            if reason:
                self._report(f"kwok plays the node, so pods answer no requests: {reason}")
            extra = self._prepare(kind)
            try:
                return self._start(layout.write(self.instance, kind, build.MODULE.binaries, extra))
            except SandboxError as error:
                tails = self._log_tails()
                self._remove()
                msg = f"{error}\n{tails}".rstrip()
                raise SandboxError(msg) from error
            except BaseException:
                self._remove()
                raise

    def down(self) -> None:
        """Stop the cluster and remove every trace of it, in whatever state it is. Raises SandboxError if one stays."""
        with self._lock():
            self._remove()

    def status(self) -> Status:
        """Ask the API server. A cluster that is half up is not ready."""
        try:
            kind = Plan.load(self.instance.record).kind
        except FileNotFoundError:
            return Status(ready=False)
        if not processes.owned(self.instance.state):
            return Status(ready=False)
        try:
            with self._client() as client:
                node = client.get(Node, self.name)
                client.get(ServiceAccount, "default", namespace="default")  # pods are refused until it is there
                pods = sum(1 for _ in client.list(Pod, namespace="*"))
        except UNREACHABLE:
            return Status(ready=False, node_kind=kind)
        node_status = node.status or NodeStatus()
        ready = any(one.type == "Ready" and one.status == "True" for one in node_status.conditions or [])
        ready = ready and (kind == "kwok" or (self.instance.signs / "images.done").exists())
        info = node_status.nodeInfo
        runtime = info.containerRuntimeVersion if info else ""
        return Status(ready, kind, build.KUBERNETES_VERSION, runtime or "", pods)

    def _settled_status(self) -> Status:
        """The status, with time to recover for a cluster that runs: what is in it must not go for a slow answer."""
        deadline = time.monotonic() + RECOVERY_SECONDS
        while True:
            status = self.status()
            if status.ready or status.node_kind is None or time.monotonic() > deadline:
                return status
            time.sleep(POLL_SECONDS)

    def _lock(self) -> AbstractContextManager[None]:
        state = self.instance.state
        if state.exists() and not os.access(state, os.W_OK):
            msg = f"{state} belongs to another user, and so does the cluster {self.name}: run this as that user."
            raise SandboxError(msg)
        return golang.locked(state / "lock")

    def _prepare(self, kind: NodeKind) -> Path:
        if kind == "containerd":
            packages.ensure(self._report)
            network.require_free(
                self.instance
            )  # before there is anything to undo: undoing would hit the other's routes
        build.MODULE.ensure(self._report, (*build.CONTROL_PLANE, *build.NODE_PROGRAMS[kind]))
        return images.ensure(self._report) if kind == "containerd" else stages.ensure(self._report)

    def _start(self, plan: Plan) -> Status:
        golang.write_atomically(self.instance.record, plan.dumps().encode())
        started = time.monotonic()
        command: list[str] = [sys.executable, "-I", "-S", processes.NODE_SCRIPT, str(self.instance.record)]
        if plan.network:
            isolate = ("--kill-child=SIGKILL", "--mount-proc", "--propagation", "private")
            command = ["unshare", *capability.NAMESPACES, *isolate, "--", *command]
        with (self.instance.logs / "node.log").open("ab") as log:
            subprocess.run(
                ("setsid", "--fork", *command),  # so that it is nobody's child here and outlives the terminal
                env=processes.environment(self.instance.state),
                check=True,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if plan.network:
            self._wait("the node's namespaces", lambda: (self.instance.signs / "namespaces").exists())
            cgroups.create(self.instance.node)
            network.connect(self.instance, self._node_pid())
        else:
            self._wait("the API server", self._register_node)
        self._wait("the node", lambda: self.status().ready)
        self._report(f"the cluster {self.name} is ready after {time.monotonic() - started:.1f} s")
        return self.status()

    def _register_node(self) -> bool:
        """Nothing but the sandbox makes kwok's node: there is no kubelet that would register itself."""
        labels = {"kubernetes.io/hostname": self.name, "kubernetes.io/os": "linux", "type": "kwok"}
        annotations = {"kwok.x-k8s.io/node": "fake"}
        size = {"cpu": "32", "memory": "256Gi", "pods": "500"}
        node = Node(
            metadata=ObjectMeta(name=self.name, labels=labels, annotations=annotations),
            status=NodeStatus(allocatable=size, capacity=size),
        )
        try:
            with self._client() as client:
                client.create(node)
        except UNREACHABLE:
            return False
        return True

    def _wait(self, what: str, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while not done():
            if not processes.owned(self.instance.state):
                msg = f"{what} did not come up: the sandbox's processes ended"
                raise SandboxError(msg)
            if time.monotonic() > deadline:
                msg = f"{what} was not ready {START_TIMEOUT_SECONDS} s after the start"
                raise SandboxError(msg)
            time.sleep(POLL_SECONDS)

    def _remove(self) -> None:
        instance = self.instance
        if instance.record.exists():  # else nothing was started from here, and a link of our name is another checkout's
            processes.kill_all(instance.state)
            if Plan.load(instance.record).network:
                network.disconnect(instance)
                cgroups.remove(instance.node)
        for directory in (instance.data, instance.signs, instance.conf, instance.pki, instance.logs):
            if directory.exists():
                shutil.rmtree(directory)
        instance.kubeconfig.unlink(missing_ok=True)
        instance.record.unlink(missing_ok=True)

    def _client(self) -> Client:
        config = KubeConfig.from_file(self.kubeconfig)
        return Client(config=config, timeout=httpx2.Timeout(QUERY_TIMEOUT_SECONDS), trust_env=False)

    def _log_tails(self) -> str:
        lines: list[str] = []
        for path in sorted(self.instance.logs.glob("*.log")):
            if tail := path.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:]:
                lines += [f"-- {path.name}", *tail]
        return "\n".join(lines)
