"""What stands beside a workload and the settings do not hold yet: a line each, so that nothing is lost unseen."""

from collections.abc import Iterator, Mapping
from typing import Any

from components.settings.pod_rules import SERVICE_PORT
from components.takeover.workloads import Workload
from contract.secrets import looks_secret, masked

Json = dict[str, Any]

# What a Service of ours is: anything else of the original's is a loss.
_USUAL: Mapping[str, Any] = {
    "type": "ClusterIP",
    "sessionAffinity": "None",
    "internalTrafficPolicy": "Cluster",
    "ipFamilyPolicy": "SingleStack",
}
_OURS = ("selector", "ports", "clusterIPs", "ipFamilies")


def left_out(one: Workload, settings: Json) -> list[str]:
    """What of the Services, the autoscaler, the budget and the strategy the settings do not hold."""
    return [*_strategy(one), *_services(one, settings), *(f"{each['kind']} {_name(each)}" for each in one.beside)]


def without_secrets(settings: Json) -> tuple[Json, list[str]]:
    """The settings without what looks like a secret in variables and arguments, and a line for each: those belong into
    the stack's secret config.
    """
    lines: list[str] = []
    pod = dict(settings.get("pod") or {})
    spec = dict(pod.get("spec") or {})
    for kind in ("containers", "initContainers"):
        if kind in spec:
            spec[kind] = [_container(container, lines) for container in spec[kind]]
    return ({**settings, "pod": {**pod, "spec": spec}} if lines else settings), lines


_HIDDEN = "it looks like a secret, so it is not written to the file; make it a key of `secrets`, or use valueFrom"


def _container(container: Json, lines: list[str]) -> Json:
    kept = []
    for one in container.get("env") or []:
        if isinstance(one.get("value"), str) and looks_secret(one["name"], one["value"]):
            lines.append(f"env {one['name']} of container {container['name']}: {_HIDDEN}")
        else:
            kept.append(one)
    made = {**container, "env": kept} if container.get("env") else dict(container)
    for key in ("command", "args"):
        words = made.get(key) or []
        if masked(" ".join(words)) != " ".join(words):
            del made[key]
            lines.append(f"{key} of container {container['name']}: {_HIDDEN}")
    return made


def _strategy(one: Workload) -> Iterator[str]:
    if one.deployment["spec"].get("strategy", {}).get("type") == "Recreate":
        yield "strategy Recreate: two releases run side by side for a while"


def _services(one: Workload, settings: Json) -> Iterator[str]:
    for place, service in enumerate(one.services):
        name, spec = _name(service), service["spec"]
        if place or "port" not in settings:
            yield f"Service {name}"
            continue
        for key in sorted(spec.keys() - set(_OURS)):
            if spec[key] != _USUAL.get(key):
                yield f"{key} of the Service {name}"
        for key in sorted(service["metadata"].get("annotations") or {}):
            yield f"annotation {key} of the Service {name}"
        yield from _ports(name, spec, settings)


def _ports(service: str, spec: Json, settings: Json) -> Iterator[str]:
    further = settings.get("ports", {})
    for port in spec.get("ports") or []:
        if further.get(port.get("name")) == port["port"]:
            continue
        if port["port"] != settings.get("service_port", 80) or port.get("protocol", "TCP") != "TCP":
            yield f"port {port.get('name') or port['port']} of the Service {service}"
            continue
        if port.get("name", SERVICE_PORT) != SERVICE_PORT:
            yield f"the name {port['name']} of port {port['port']} of the Service {service}: it is {SERVICE_PORT}"
        for key in sorted(port.keys() - {"name", "port", "protocol", "targetPort"}):
            yield f"{key} of port {port['port']} of the Service {service}"


def _name(item: Mapping[str, Any]) -> str:
    return str(item["metadata"]["name"])
