"""The process that is the node, run as a script with the path of its plan: starts components, restarts them, reaps.

With a network in the plan it is process 1 of new namespaces (net, mount, pid, uts, ipc): when it ends, the kernel ends
every process, mount and rule in them. It imports the standard library only: it stays for as long as the sandbox does.
"""

import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Self

POLL_SECONDS = 0.02
RESTART_SECONDS = 1.0
RETRY_SECONDS = 0.1
LINK_WAIT_SECONDS = 30
NODE_LINK = "node0"

# The kubelet sets these, and they are the machine's: it gets copies that already have the values it wants.
KERNEL_SETTINGS = {
    "vm/overcommit_memory": 1,
    "vm/panic_on_oom": 0,
    "kernel/panic": 10,
    "kernel/panic_on_oops": 1,
    "kernel/keys/root_maxkeys": 1_000_000,
    "kernel/keys/root_maxbytes": 25_000_000,
}
HIDDEN_DIRECTORIES = ("/run", "/var/lib", "/var/log")  # the components write here, whatever they are told


NodeKind = Literal["containerd", "kwok"]


@dataclass(frozen=True)
class Component:
    """One process: kept running, or run `once` until it succeeds, when the sign `<name>.done` appears."""

    name: str
    argv: tuple[str, ...]
    after_api: bool = False  # start it when the API server is ready: it would only log errors until then
    once: bool = False


@dataclass(frozen=True)
class Network:
    """The node's side of the network."""

    node_ip: str
    service_cidr: str


@dataclass(frozen=True)
class Plan:
    """The components of one instance. With a `network` the node builds namespaces of its own around them."""

    kind: NodeKind
    hostname: str
    api_host: str
    api_port: int
    authority: str  # path of the CA certificate
    logs: str
    data: str
    signs: str
    components: tuple[Component, ...]
    network: Network | None = None

    def dumps(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `dumps` wrote."""
        raw: dict[str, Any] = json.loads(path.read_text())
        components = tuple(Component(**{**one, "argv": tuple(one["argv"])}) for one in raw.pop("components"))
        network = raw.pop("network")
        return cls(components=components, network=Network(**network) if network else None, **raw)


def _run(*argv: str) -> None:
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)


def prepare_mounts(data: Path) -> None:
    """Give the components directories of their own where their paths are fixed, and copies of the kernel's settings."""
    _run("mount", "--make-rshared", "/")  # the kubelet wants propagation; the namespace was made private before
    _run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    for directory in HIDDEN_DIRECTORIES[1:]:
        private = data / directory.strip("/").replace("/", "-")
        private.mkdir(parents=True, exist_ok=True)
        _run("mount", "--bind", str(private), directory)
    for path in ("/run/lock", "/run/netns", "/run/containerd"):
        Path(path).mkdir()
    for name, value in KERNEL_SETTINGS.items():
        copy = Path("/run") / f"sysctl-{name.replace('/', '-')}"
        copy.write_text(f"{value}\n")
        if Path("/proc/sys", name).exists():
            _run("mount", "--bind", str(copy), f"/proc/sys/{name}")


def prepare_network(plan: Plan) -> None:
    """Wait for the host to hand over the node's end of the link, then address it."""
    if plan.network is None:
        return
    _run("ip", "link", "set", "lo", "up")
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
    bridged = Path("/proc/sys/net/bridge/bridge-nf-call-iptables")
    if bridged.exists():  # pods that reach each other through a Service on the same bridge
        bridged.write_text("1")
    Path(plan.signs, "namespaces").touch()
    deadline = time.monotonic() + LINK_WAIT_SECONDS
    while NODE_LINK not in (name for _, name in socket.if_nameindex()):
        if time.monotonic() > deadline:
            sys.exit(f"the host did not hand over the link {NODE_LINK} within {LINK_WAIT_SECONDS} s")
        time.sleep(POLL_SECONDS)
    _run("ip", "address", "add", f"{plan.network.node_ip}/30", "dev", NODE_LINK)
    _run("ip", "link", "set", NODE_LINK, "up")
    # A ClusterIP needs some route before its packets are rewritten: an empty bridge leads nowhere if no rule matches.
    _run("ip", "link", "add", "services", "type", "bridge")
    _run("ip", "link", "set", "services", "up")
    _run("ip", "route", "add", plan.network.service_cidr, "dev", "services", "src", plan.network.node_ip)


class Supervisor:
    """Keeps the plan's components running. One that dies is started again after a second."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._running: dict[int, Component] = {}
        self._due: list[tuple[float, Component]] = [(0.0, one) for one in plan.components if not one.after_api]
        self._waiting = [one for one in plan.components if one.after_api]
        self._tls = ssl.create_default_context(cafile=plan.authority)

    def run(self) -> None:
        """Never returns."""
        while True:
            self._start_due()
            if self._waiting and self._api_ready():
                self._due += [(0.0, one) for one in self._waiting]
                self._waiting = []
            self._reap()
            time.sleep(POLL_SECONDS if self._waiting or self._due else RETRY_SECONDS)

    def _start_due(self) -> None:
        now = time.monotonic()
        for entry in [entry for entry in self._due if entry[0] <= now]:
            self._due.remove(entry)
            self._start(entry[1])

    def _start(self, component: Component) -> None:
        with Path(self._plan.logs, f"{component.name}.log").open("ab") as log:
            # No Popen object is kept: `_reap` collects every child, those that pods leave behind as well.
            pid = os.posix_spawnp(
                component.argv[0],
                component.argv,
                os.environ,
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, log.fileno(), 1),
                    (os.POSIX_SPAWN_DUP2, log.fileno(), 2),
                ],
                setsigdef=[signal.SIGTERM, signal.SIGPIPE],
            )
        self._running[pid] = component

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            component = self._running.pop(pid, None)
            if component is None:
                continue
            if component.once and status == 0:
                Path(self._plan.signs, f"{component.name}.done").touch()
                continue
            delay = RETRY_SECONDS if component.once else RESTART_SECONDS
            code = os.waitstatus_to_exitcode(status)
            print(f"{component.name} ended with {code}, starts again in {delay} s", flush=True)
            self._due.append((time.monotonic() + delay, component))

    def _api_ready(self) -> bool:
        connection = http.client.HTTPSConnection(self._plan.api_host, self._plan.api_port, timeout=1, context=self._tls)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def main(path: Path) -> None:
    """Run the plan at `path`."""
    plan = Plan.load(path)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    if plan.network is not None:
        subprocess.run(["hostname", plan.hostname], check=True)
        prepare_mounts(Path(plan.data))
        prepare_network(plan)
    Supervisor(plan).run()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
