"""The rule that no field of a pod has two sources: a key of the settings, and `pod`."""

from collections.abc import Iterator, Mapping
from typing import Any

from components.settings.base import Fault, Values
from components.settings.fragment import Path, fragments_of
from contract.labels import CONTAINER

Twice = tuple[Path, str]
"""Where a fragment says what a key says too, and that key."""

_TYPED = (("command", "command"), ("args", "args"), ("livenessProbe", "liveness"), ("startupProbe", "startup"))
_RIGHTS = {
    "runAsUser": "run_as_user",
    "runAsGroup": "run_as_group",
    "fsGroup": "run_as_group",
    "runAsNonRoot": "run_as_non_root",
    "seccompProfile": "seccomp",
    "readOnlyRootFilesystem": "read_only_root_filesystem",
    "allowPrivilegeEscalation": "allow_privilege_escalation",
    "capabilities": "add_capabilities",
}


def said_once(values: Values) -> Iterator[Fault]:
    """No field of a pod has its value from a key and from `pod` at once."""
    for at, fragment, release in fragments_of(values):
        spec = fragment.get("spec") or {}
        app = next((n for n, one in enumerate(spec.get("containers") or ()) if one.get("name") == CONTAINER), None)
        found: list[tuple[Path, Path, str]] = [((), path, key) for path, key in _in_spec(values, release, spec)]
        if app is not None:
            found += [
                (("containers", app), path, key) for path, key in _in_app(values, release, spec["containers"][app])
            ]
        for root, path, key in found:
            yield Fault(
                (*at, "spec", *root, *path),
                f"{_called(spec, (*root, *path))} is given here and by {key}",
                "two places would say two things about one field, and a change of one would do nothing",
                f"keep one of the two: remove it here, or remove {key}",
            )


def _called(spec: Any, path: Path) -> str:
    """What is said twice: the field, or by its key the entry of a list."""
    if len(path) < 2 or not isinstance(path[-2], int):
        return str(path[-1])
    for part in path:
        spec = spec[part]
    return str(spec)


def _in_spec(values: Values, release: Any, spec: Mapping[str, Any]) -> Iterator[Twice]:
    for field in ("serviceAccountName", "serviceAccount"):
        if values["service_account"] and field in spec:
            yield (field,), "service_account"
    made = {f"writable-{number}": "writable_paths" for number, _ in enumerate(values["writable_paths"])}
    if values["config_files"] or (release and release.config_files):
        made["files"] = "config_files"
    for number, volume in enumerate(spec.get("volumes") or ()):
        if volume.get("name") in made:
            yield ("volumes", number, "name"), made[volume["name"]]
    yield from _rights(values, spec)


def _in_app(values: Values, release: Any, app: Mapping[str, Any]) -> Iterator[Twice]:
    for field, key in _TYPED:
        if field in app and values[key] is not None:
            yield (field,), key
    yield from _variables(values, release, app)
    for part in ("requests", "limits"):
        typed = getattr(values["resources"], part)
        for field in (app.get("resources") or {}).get(part) or ():
            if getattr(typed, str(field), None) is not None:
                yield ("resources", part, field), f"resources.{part}.{field}"
    files = [*values["config_files"], *(release.config_files if release else ())]
    mounted = dict.fromkeys(values["writable_paths"], "writable_paths") | dict.fromkeys(files, "config_files")
    for number, mount in enumerate(app.get("volumeMounts") or ()):
        if mount.get("mountPath") in mounted:
            yield ("volumeMounts", number, "mountPath"), mounted[mount["mountPath"]]
    yield from _rights(values, app)


def _variables(values: Values, release: Any, app: Mapping[str, Any]) -> Iterator[Twice]:
    owners = (values, release.__dict__ if release else {})
    known = {name: key for owner in owners for key in ("config", "secrets", "env") for name in owner.get(key, ())}
    for number, variable in enumerate(app.get("env") or ()):
        if variable.get("name") in known and len(variable) > 1:  # the name alone only says where it stands
            yield ("env", number, "name"), f"{known[variable['name']]} ({variable['name']})"
    if "env" in app and app["env"] is None and "env" in known.values():
        yield ("env",), "env"
    if "envFrom" in app:
        for key in ("config", "secrets", "env_from_config_maps", "env_from_secrets"):
            if any(owner.get(key) for owner in owners):
                yield ("envFrom",), key


def _rights(values: Values, owner: Mapping[str, Any]) -> Iterator[Twice]:
    given = values["security"].model_fields_set
    for field in owner.get("securityContext") or ():
        if _RIGHTS.get(field) in given:
            yield ("securityContext", field), f"security.{_RIGHTS[field]}"
