"""The host's side of the network: a veth pair and the routes over it. Nothing is forwarded or leaves the machine."""

import subprocess

from sandbox.cluster.instance import Instance
from sandbox.cluster.node import NODE_LINK
from sandbox.errors import SandboxError

BACKSTOP_METRIC = "4096"


def _ip(*arguments: str) -> None:
    done = subprocess.run(("ip", *arguments), check=False, capture_output=True, text=True)
    if done.returncode != 0:
        msg = f"`ip {' '.join(arguments)}` failed: {done.stderr.strip()}"
        raise SandboxError(msg)


def _answers(*arguments: str) -> str:
    """What `ip` prints; empty where it finds nothing or fails."""
    return subprocess.run(("ip", *arguments), check=False, capture_output=True, text=True).stdout


def _backstop(instance: Instance) -> str:
    """The route as `ip` prints and takes it."""
    return f"unreachable {instance.network_cidr} metric {BACKSTOP_METRIC}"


def _routes(instance: Instance) -> list[str]:
    """What is routed within the instance's network, by whomever."""
    return [line.strip() for line in _answers("route", "show", "root", instance.network_cidr).splitlines()]


def require_free(instance: Instance) -> None:
    """Raise SandboxError if the instance's addresses are in use on this host.

    A backstop alone is no use of them: its sandbox was killed, the link ended with it, and `connect` takes it over.
    """
    if clash := [line for line in _routes(instance) if line != _backstop(instance)]:
        msg = (
            f"the network {instance.network_cidr} is routed already ({clash[0]}), probably by the "
            "sandbox of another checkout. Run `python -m sandbox down` there, or remove that route."
        )
        raise SandboxError(msg)


def connect(instance: Instance, node_pid: int) -> None:
    """Link the host with the namespace of process `node_pid`, and route the instance's addresses over the link."""
    _ip("link", "add", instance.link, "type", "veth", "peer", "name", NODE_LINK, "netns", str(node_pid))
    _ip("address", "add", f"{instance.host_ip}/30", "dev", instance.link)
    _ip("link", "set", instance.link, "up")
    # If the link ever goes away, packets for these addresses must not take the machine's default route.
    _ip("route", "replace", *_backstop(instance).split())
    for destination in (instance.service_cidr, instance.pod_cidr):
        _ip("route", "add", destination, "via", instance.node_ip, "dev", instance.link)


def disconnect(instance: Instance) -> None:
    """Remove the link, and with it its routes, and the backstop unless another uses it. What is gone is fine."""
    if _answers("link", "show", instance.link):
        _ip("link", "delete", instance.link)
    if _routes(instance) == [_backstop(instance)]:
        _ip("route", "delete", *_backstop(instance).split())


def leftovers(instance: Instance) -> list[str]:
    """Links and routes of the instance that exist on the host."""
    return [*_answers("-brief", "link", "show", instance.link).splitlines(), *_routes(instance)]
