"""A workload with our stand-in in the place of its images, and with patience and appetite of a test's size. Pure.

Kept: containers, ports, the kinds of probes and hooks, variables, volumes, rights, Services, autoscaler, budget.
Changed: images, commands, the numbers that only cost time or room, what is of another cluster (addresses, namespace).
"""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from components.takeover.workloads import Workload
from contract.serving import serving

Json = dict[str, Any]
IMAGE = "cutover.local/standin"
MOST_PODS, MOST_GRACE_SECONDS = 2, 10
_PROBES = ("readinessProbe", "livenessProbe", "startupProbe")
_END, _PAUSE = ["/standin", "exit"], ["/standin", "sleep", "1"]
_OF_A_CLUSTER = ("clusterIP", "clusterIPs", "loadBalancerIP", "healthCheckNodePort", "externalIPs", "loadBalancerClass")


def with_standins(one: Workload, tag: str, storage: str) -> list[Json]:
    """The objects of a workload as they can run here, all images with this tag, all claims of this storage class."""
    item = _here(one.item)
    spec = item["spec"]
    spec["replicas"] = min(spec.get("replicas", 1), MOST_PODS)
    if "minReadySeconds" in spec:
        spec["minReadySeconds"] = min(spec["minReadySeconds"], 1)
    pod = spec["template"]["spec"]
    if "terminationGracePeriodSeconds" in pod:
        pod["terminationGracePeriodSeconds"] = min(pod["terminationGracePeriodSeconds"], MOST_GRACE_SECONDS)
    ports = _ports(one)
    taken: set[int] = set()
    for container in pod["containers"]:
        own = [port for port in ports[container["name"]] if port not in taken]
        taken.update(own)
        _serve(container, tag, own)
    for container in pod.get("initContainers") or []:
        if container.get("restartPolicy") == "Always":
            own = [port for port in ports[container["name"]] if port not in taken]
            taken.update(own)
            _serve(container, tag, own)
        else:
            _settle(container, tag)
            container["command"] = list(_END)
            container.pop("args", None)
    if min(taken, default=1024) < 1024:  # the sandbox's runtime keeps them for root
        allowed = {"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}
        context = pod["securityContext"] = dict(pod.get("securityContext") or {})
        context["sysctls"] = [*(context.get("sysctls") or []), allowed]
    claims = [*(spec.get("volumeClaimTemplates") or [])]
    claims += [
        volume["ephemeral"]["volumeClaimTemplate"] for volume in pod.get("volumes") or [] if "ephemeral" in volume
    ]
    for claim in claims:
        claim["spec"] |= {"storageClassName": storage, "resources": {"requests": {"storage": "8Mi"}}}
    return [item, *map(_service, one.services), *map(_beside, one.beside)]


def _here(item: Json) -> Json:
    made = copy.deepcopy(item)
    made["metadata"].pop("namespace", None)
    return made


def _service(item: Json) -> Json:
    made = _here(item)
    spec = made["spec"]
    for field in _OF_A_CLUSTER:
        if spec.get(field) != "None":
            spec.pop(field, None)
    for port in spec.get("ports") or []:
        port.pop("nodePort", None)
    return made


def _beside(item: Json) -> Json:
    made = _here(item)
    if made["kind"] == "HorizontalPodAutoscaler":
        made["spec"]["minReplicas"] = min(made["spec"].get("minReplicas", 1), MOST_PODS)
    return made


def _serve(container: Json, tag: str, ports: list[int]) -> None:
    _settle(container, tag)
    if "command" in container:
        container["command"] = ["/standin"]
    listed = {"name": "STANDIN", "value": " ".join(map(str, ports))}
    container["env"] = [*(container.get("env") or []), listed]


def _settle(container: Json, tag: str) -> None:
    container["image"] = f"{IMAGE}:{tag}"
    if "imagePullPolicy" in container:
        container["imagePullPolicy"] = "IfNotPresent"
    for kind, amounts in (container.get("resources") or {}).items():
        if kind == "requests" and amounts:
            small = {"cpu": "1m", "memory": "4Mi", "ephemeral-storage": "1Mi"}
            container["resources"][kind] = {name: small.get(name, amount) for name, amount in amounts.items()}
    for name in _PROBES:
        if probe := container.get(name):
            _probe(probe)
    for name, hook in (container.get("lifecycle") or {}).items():
        if "exec" in hook:
            hook["exec"]["command"] = list(_PAUSE if name == "preStop" else _END)
        if "sleep" in hook:
            hook["sleep"]["seconds"] = min(hook["sleep"]["seconds"], 1)


def _probe(probe: Json) -> None:
    probe["periodSeconds"] = 1
    probe["timeoutSeconds"] = max(probe.get("timeoutSeconds") or 1, 5)  # of a machine that does much at once
    if probe.get("initialDelaySeconds"):
        probe["initialDelaySeconds"] = 1
    if "exec" in probe:
        probe["exec"]["command"] = list(_END)


def _ports(one: Workload) -> dict[str, list[int]]:
    """The TCP ports of each container: declared, asked by a probe or a hook, or by a Service."""
    pod = one.item["spec"]["template"]["spec"]
    every = [*pod["containers"], *(pod.get("initContainers") or [])]
    found = {container["name"]: list(dict.fromkeys(_own_ports(container))) for container in every}
    for service in one.services:
        for port in service["spec"].get("ports") or []:
            target = port.get("targetPort", port["port"])
            place = serving(pod["containers"], target, None) or 0
            known = {number for numbers in found.values() for number in numbers}
            if isinstance(target, int) and port.get("protocol", "TCP") == "TCP" and target not in known:
                found[pod["containers"][place]["name"]].append(target)
    return found


def _own_ports(container: Mapping[str, Any]) -> Iterator[int]:
    named = {one.get("name"): one["containerPort"] for one in container.get("ports") or []}
    for one in container.get("ports") or []:
        if one.get("protocol", "TCP") == "TCP":
            yield one["containerPort"]
    hooks = [container.get(name) or {} for name in _PROBES] + list((container.get("lifecycle") or {}).values())
    for hook in hooks:
        for kind in ("httpGet", "tcpSocket", "grpc"):
            if hook.get(kind):
                asked = hook[kind]["port"]
                yield named.get(asked, asked)
