"""Typed keys in place of a fragment: what a key can say is not left to `pod`."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from components.manifests.probe import PROBES, is_typed, typed_probe
from components.rules.errors import ConfigError

Json = dict[str, Any]


def with_keys(settings: Json, wanted: Json, fragment_for: Callable[[Json], Json], names: Mapping[str, int]) -> Json:
    """The settings and each key that makes the fragment smaller. `wanted` is the pod template with the application's
    container first, `fragment_for` what is left to `pod` beside settings (raises ConfigError where they are no good),
    `names` are the ports of the container by their names.
    """
    smallest = len(json.dumps(fragment_for(settings)))
    for key, value in _keys(wanted["spec"], wanted["spec"]["containers"][0], settings, names):
        tried = settings | {key: value}
        try:
            size = len(json.dumps(fragment_for(tried)))
        except ConfigError:
            continue
        if size < smallest:
            settings, smallest = tried, size
    return settings


def _keys(pod: Json, app: Json, settings: Json, names: Mapping[str, int]) -> Iterator[tuple[str, Any]]:
    """Every key that might say what the container and its pod have."""
    known = {settings.get("port_name", ""): settings["port"]} if "port" in settings else {}
    for key, theirs in PROBES.items():
        if key not in settings and app.get(theirs) and is_typed(app[theirs]):
            yield key, typed_probe(app[theirs], known, names)
    env, sources = app.get("env") or [], app.get("envFrom") or []
    found: Json = {
        "command": app.get("command"),
        "args": app.get("args"),
        "env": {one["name"]: one.get("value", "") for one in env if "valueFrom" not in one},
        "env_from_config_maps": [one["configMapRef"]["name"] for one in sources if set(one) == {"configMapRef"}],
        "env_from_secrets": [one["secretRef"]["name"] for one in sources if set(one) == {"secretRef"}],
        "resources": _amounts(app.get("resources") or {}),
        "security": _security(pod, app),
        "service_account": pod.get("serviceAccountName"),
        "image_pull_secrets": [one["name"] for one in pod.get("imagePullSecrets") or []],
    }
    yield from ((key, value) for key, value in found.items() if value)


def _amounts(given: Json) -> Json:
    found = {
        kind: {name: str(given[kind][name]) for name in ("cpu", "memory") if name in given[kind]}
        for kind in ("requests", "limits")
        if given.get(kind)
    }
    return {kind: amounts for kind, amounts in found.items() if amounts}


def _security(pod: Json, app: Json) -> Json:
    given = {**(pod.get("securityContext") or {}), **(app.get("securityContext") or {})}
    found = {
        "run_as_user": given.get("runAsUser"),
        "run_as_group": given.get("runAsGroup"),
        "run_as_non_root": False if given.get("runAsUser") == 0 else None,
        "read_only_root_filesystem": None if given.get("readOnlyRootFilesystem") else False,
        "add_capabilities": (given.get("capabilities") or {}).get("add"),
    }
    return {name: value for name, value in found.items() if value is not None}
