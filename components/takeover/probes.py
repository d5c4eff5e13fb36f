"""A probe as Kubernetes has it, as one of the keys `readiness`, `liveness`, `startup`."""

from collections.abc import Mapping
from typing import Any

from components.settings.container import HttpProbe

Json = dict[str, Any]

PROBES = {"readiness": "readinessProbe", "liveness": "livenessProbe", "startup": "startupProbe"}
"""Key of the settings -> the field of a container."""
_KINDS = {
    "httpGet": {"path", "port", "scheme", "httpHeaders"},
    "tcpSocket": {"port"},
    "grpc": {"port", "service"},
    "exec": {"command"},
}
_NUMBERS = {  # Kubernetes' key: ours, and Kubernetes' default
    "periodSeconds": ("period_seconds", 10),
    "timeoutSeconds": ("timeout_seconds", 1),
    "failureThreshold": ("failure_threshold", 3),
    "successThreshold": ("success_threshold", 1),
    "initialDelaySeconds": ("initial_delay_seconds", 0),
}


def typed_probe(probe: Json, known: Mapping[str, int], names: Mapping[str, int]) -> Json:
    """The settings that make this probe. `known` is the one port that the settings name, `names` are all names of the
    container's ports: a name that the settings lack is written as its number.
    """
    made = _check(probe)
    port = made.get("port")
    if isinstance(port, str) and port not in known:
        made["port"] = names.get(port, port)
    if made.get("port") in (*known, *known.values()):
        del made["port"]  # the container's own
    numbers = {ours: probe.get(key) or usual for key, (ours, usual) in _NUMBERS.items()}
    return made | {name: one for name, one in numbers.items() if one != HttpProbe.model_fields[name].default}


def is_typed(probe: Json) -> bool:
    """Whether a key can say all of the probe."""
    kinds = {key: probe.get(key) or {} for key in _KINDS}
    known = probe.keys() <= {*_NUMBERS, *_KINDS}
    return known and all(kinds[key].keys() <= fields for key, fields in _KINDS.items())


def _check(probe: Json) -> Json:
    if get := probe.get("httpGet"):
        made: Json = {"path": get.get("path") or "/", "port": get["port"]}
        if get.get("scheme", "HTTP") != "HTTP":
            made["scheme"] = get["scheme"]
        headers = {one["name"]: one["value"] for one in get.get("httpHeaders") or []}
        return made | ({"headers": headers} if headers else {})
    if socket := probe.get("tcpSocket"):
        return {"kind": "tcp", "port": socket["port"]}
    if grpc := probe.get("grpc"):
        service = {"grpc_service": grpc["service"]} if grpc.get("service") else {}
        return {"kind": "grpc", "port": grpc["port"], **service}
    return {"kind": "exec", "command": probe["exec"]["command"]}
