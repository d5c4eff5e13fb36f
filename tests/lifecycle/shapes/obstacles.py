"""What of a workload the sandbox's one node cannot give, in words. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from components.takeover.workloads import Workload

Json = dict[str, Any]
VOLUMES = ("configMap", "secret", "emptyDir", "projected", "downwardAPI", "persistentVolumeClaim", "ephemeral")
_EVERYWHERE = ("kubernetes.io/os", "kubernetes.io/arch", "kubernetes.io/hostname")


def obstacle(one: Workload) -> str | None:
    """Why a workload cannot run here; None where it can."""
    return next(_obstacles(one), None)


def _obstacles(one: Workload) -> Iterator[str]:
    pod = one.item["spec"]["template"]["spec"]
    if one.item["spec"].get("replicas") == 0:
        yield "replicas is 0: nothing runs"
    for field in ("hostNetwork", "hostPID", "hostIPC", "runtimeClassName", "priorityClassName"):
        if pod.get(field):
            yield f"{field} is of the node or the cluster"
    if pod.get("schedulerName", "default-scheduler") != "default-scheduler":
        yield "schedulerName names a scheduler that is not there"
    if set(pod.get("nodeSelector") or {}) - set(_EVERYWHERE[:2]):
        yield "nodeSelector asks for a node of its own kind"
    yield from _placement(pod)
    for volume in pod.get("volumes") or []:
        kind = next((key for key in volume if key != "name"), "emptyDir")
        if kind not in VOLUMES:
            yield f"a volume of kind {kind} is of the node or a provider"
    yield from _in_containers([*pod["containers"], *(pod.get("initContainers") or [])])


def _in_containers(containers: list[Json]) -> Iterator[str]:
    for container in containers:
        if any(port.get("hostPort") for port in container.get("ports") or []):
            yield "hostPort is of the node"
        amounts = [name for kind in (container.get("resources") or {}).values() if kind for name in kind]
        if devices := sorted({name for name in amounts if "/" in name or name.startswith("hugepages-")}):
            yield f"the device {devices[0]} is of the node"


def _placement(pod: Mapping[str, Any]) -> Iterator[str]:
    affinity = pod.get("affinity") or {}
    required = "requiredDuringSchedulingIgnoredDuringExecution"
    for term in ((affinity.get("nodeAffinity") or {}).get(required) or {}).get("nodeSelectorTerms") or []:
        if any(one["key"] not in _EVERYWHERE for one in term.get("matchExpressions") or []):
            yield "nodeAffinity requires a node of its own kind"
    for kind in ("podAffinity", "podAntiAffinity"):
        if (affinity.get(kind) or {}).get(required):
            yield f"{kind} requires more than one node, or other pods"
    for one in pod.get("topologySpreadConstraints") or []:
        if one.get("whenUnsatisfiable") == "DoNotSchedule" and one["topologyKey"] not in _EVERYWHERE:
            yield f"topologySpreadConstraints requires nodes with {one['topologyKey']}"
