"""Probes in Kubernetes' form: made from the settings, and read back into them."""

from collections.abc import Mapping
from typing import Any

from components.settings.pod import PodSettings
from components.settings.probe import HttpProbe

Json = dict[str, Any]

PROBES = {"readiness": "readinessProbe", "liveness": "livenessProbe", "startup": "startupProbe"}
"""Key of the settings -> the field of a container."""
_KINDS = {
    "httpGet": {"host", "path", "port", "scheme", "httpHeaders"},
    "tcpSocket": {"host", "port"},
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


def probes_of(settings: PodSettings) -> Json:
    """The probes of the application's container."""
    probes = {"readiness": settings.readiness_probe, "liveness": settings.liveness, "startup": settings.startup}
    return {PROBES[name]: _probe(probe, settings) for name, probe in probes.items() if probe}


def _probe(probe: HttpProbe, settings: PodSettings) -> Json:
    numbers = {key: getattr(probe, ours) for key, (ours, _) in _NUMBERS.items()}
    if not probe.initial_delay_seconds:  # the API server drops a zero, so writing one would read as a difference
        del numbers["initialDelaySeconds"]
    return _action(probe, settings) | numbers


def _action(probe: HttpProbe, settings: PodSettings) -> Json:
    """The field of Kubernetes that says what a probe does."""
    port = probe.port or settings.port_name
    host = {"host": probe.host} if probe.host else {}
    if probe.kind == "exec":
        return {"exec": {"command": list(probe.command or ())}}
    if probe.kind == "tcp":
        return {"tcpSocket": {**host, "port": port}}
    if probe.kind == "grpc":  # takes no name
        service = {"service": probe.grpc_service} if probe.grpc_service else {}
        return {"grpc": {"port": probe.port or settings.port, **service}}
    headers = [{"name": name, "value": value} for name, value in probe.headers.items()]
    get = {**host, "path": probe.path, "port": port, "scheme": probe.scheme}
    return {"httpGet": {**get, "httpHeaders": headers} if headers else get}


def typed_probe(probe: Json, known: Mapping[str, int], names: Mapping[str, int]) -> Json:
    """The settings that make this probe. `known` is the one port that the settings name, `names` are all names of the
    container's ports: a name that the settings lack is written as its number.
    """
    made = _settings_of(probe)
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


def _settings_of(probe: Json) -> Json:
    if get := probe.get("httpGet"):
        made: Json = {**_host(get), "path": absolute(get.get("path")), "port": get["port"]}
        if get.get("scheme", "HTTP") != "HTTP":
            made["scheme"] = get["scheme"]
        headers = {one["name"]: one["value"] for one in get.get("httpHeaders") or []}
        return made | ({"headers": headers} if headers else {})
    if socket := probe.get("tcpSocket"):
        return {"kind": "tcp", **_host(socket), "port": socket["port"]}
    if grpc := probe.get("grpc"):
        service = {"grpc_service": grpc["service"]} if grpc.get("service") else {}
        return {"kind": "grpc", "port": grpc["port"], **service}
    return {"kind": "exec", "command": probe["exec"]["command"]}


def absolute(path: str | None) -> str:
    """The path of a probe as the kubelet asks it: `healthz` is `/healthz`."""
    return path if path and path.startswith("/") else f"/{path or ''}"


def _host(action: Json) -> Json:
    return {"host": action["host"]} if action.get("host") else {}
