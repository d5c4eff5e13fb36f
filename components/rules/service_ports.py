"""The ports of a Service, and what it asks of pods by them: a name or a number of theirs. Pure.

The engine changes a Service at once, and its pods one after the other. A Service that asks for a port by a name that
only the new pods have finds no pod that serves until the first of them is ready.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from components.rules.errors import PortChanged
from components.rules.facts import Pod
from components.rules.ownership import Existing
from contract.text import one_line


def targets(spec: Mapping[str, Any]) -> dict[int, str | int]:
    """What a Service asks of pods, by the number of each of its ports; without a `targetPort` that same number."""
    return {port["port"]: port.get("targetPort") or port["port"] for port in spec.get("ports") or []}


def offered(spec: Mapping[str, Any]) -> frozenset[str | int]:
    """The names and the numbers of all ports that the containers of a pod declare, native sidecars included."""
    containers = [*spec["containers"], *(spec.get("initContainers") or [])]
    ports = [port for one in containers for port in one.get("ports") or []]
    return frozenset(value for port in ports for value in (port.get("name"), port["containerPort"]) if value)


def changed(spec: Mapping[str, Any], live: Existing) -> dict[int, tuple[str | int, str | int]]:
    """What a Service that stands asks of pods, and what it is to ask, for each port that clients know already. Nothing
    where it moves to other pods at the same time: by one write, behind the gates, and once those are ready.
    """
    asked = targets(spec)
    if spec.get("selector") != live.selector:
        return {}
    return {
        number: (was, asked[number]) for number, was in live.targets.items() if number in asked and asked[number] != was
    }


def refusal(
    changes: Mapping[int, tuple[str | int, str | int]], live: Existing, pods: Sequence[Pod]
) -> PortChanged | None:
    """Why the Service cannot ask for another port: pods that serve have the one of now, and not that one."""
    serving = [pod for pod in pods if pod.ready and not pod.terminating]
    for number, (was, becomes) in sorted(changes.items()):
        if without := sorted(pod.name for pod in serving if was in pod.ports and becomes not in pod.ports):
            return PortChanged(
                f"{live.called} sends its port {number} to the port {_shown(was)} of pods, the config makes that "
                f"{_shown(becomes)}, and {', '.join(map(one_line, without))} serve without such a port",
                "the Service changes at once and the pods after it: clients would find nobody until new pods are ready",
                f"ask for {_shown(was)} again (`port_name`, its key in `ports`, or `targetPort` in `service.spec`). "
                "For another number ask for its name first, `pulumi up`, and then change the number. For another name "
                f"put a service beside it (`{live.name}2`), `pulumi up`, send the clients there, and then remove "
                f"{live.name}",
            )
    return None


def _shown(target: str | int) -> str:
    return one_line(str(target))
