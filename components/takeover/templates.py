"""The comparison of two pod templates, through the API server's defaults."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from components.manifests.probe import absolute
from components.podspec.types import ADDED, ROOT, Kind, is_type, types
from components.takeover.names import renamed
from contract.annotations import PREFIX
from contract.labels import CONTAINER, INSTANCE, MANAGED_BY, VERSION

Json = dict[str, Any]
_PROBES = ("readinessProbe", "livenessProbe", "startupProbe")
# The defaults that the API server writes (k8s.io/kubernetes, pkg/apis/core/v1/defaults.go), as far as ours name them.
_PROBE_DEFAULTS = {"periodSeconds": 10, "timeoutSeconds": 1, "failureThreshold": 3, "successThreshold": 1}
_SPEC_DEFAULTS = {"restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst"}


def is_ours(key: str) -> bool:
    """Whether a label is one that the program gives to its pods itself."""
    return key.startswith(PREFIX) or key in (INSTANCE, VERSION, MANAGED_BY)


def without_null(value: Any) -> Any:
    """The value without fields that are `null`: they say nothing."""
    if isinstance(value, Mapping):
        return {name: without_null(inner) for name, inner in value.items() if inner is not None}
    return [without_null(inner) for inner in value] if isinstance(value, list) else value


def losses(original: Json, made: Json, place: int) -> list[str]:
    """The paths at which `made` has not what the original has, or has what it lacks. `place` is where the original has
    the application's container. Not counted: what the program owns (its labels, the name and image of that container,
    the name of its port) and the pause before the stop where the original has none.
    """
    return list(_differing(Kind(ROOT), _normal(renamed(without_null(original), place)), _normal(made), ""))


def _normal(template: Json) -> Json:
    found = without_null(template)
    metadata = found.get("metadata") or {}
    labels = {key: value for key, value in (metadata.get("labels") or {}).items() if not is_ours(key)}
    spec: Json = {**_SPEC_DEFAULTS, **found["spec"]}
    for kind in ("containers", "initContainers"):
        if kind in spec:
            spec[kind] = [_container(one, own=kind == "containers" and one["name"] == CONTAINER) for one in spec[kind]]
    return {"metadata": {"labels": labels, "annotations": metadata.get("annotations") or {}}, "spec": spec}


def _container(container: Json, *, own: bool) -> Json:
    made = dict(container)
    if own:
        made["image"] = ""
    names = {one["name"]: one["containerPort"] for one in made.get("ports") or [] if "name" in one}
    for name in _PROBES:
        if name in made:
            made[name] = _probe(made[name], names)
    if "ports" in made:
        made["ports"] = [{"protocol": "TCP", **one} for one in made["ports"]]
    return made


def _probe(probe: Json, names: Mapping[str, int]) -> Json:
    made = {**_PROBE_DEFAULTS, **probe}
    if not made.get("initialDelaySeconds"):
        made.pop("initialDelaySeconds", None)
    for name in ("httpGet", "tcpSocket"):
        if name in made:
            made[name] = {**made[name]}
            if not made[name].get("httpHeaders"):
                made[name].pop("httpHeaders", None)
            if name == "httpGet":
                made[name] |= {"path": absolute(made[name].get("path")), "scheme": made[name].get("scheme", "HTTP")}
            made[name]["port"] = names.get(made[name]["port"], made[name]["port"])
    return made


def _differing(kind: Kind, old: Any, new: Any, path: str) -> Iterator[str]:
    if kind.form == "one" and is_type(kind) and isinstance(old, Mapping) and isinstance(new, Mapping):
        for name, inner in types()[kind.name].items():
            where = f"{path}.{name}".lstrip(".")
            if _allowed(where, old.get(name), new.get(name)):
                continue
            if (name in old) != (name in new):
                yield where
            elif name in old:
                yield from _differing(inner, old[name], new[name], where)
    elif kind.form == "list" and kind.key not in ("", ADDED):
        yield from _entries(kind, old, new, path)
    elif old != new:
        yield path


def _entries(kind: Kind, old: Sequence[Json], new: Sequence[Json], path: str) -> Iterator[str]:
    if path.endswith(".ports"):
        new = _known_ports(old, new)
    keys = [[entry[kind.key] for entry in entries] for entries in (old, new)]
    if keys[0] != keys[1]:
        yield f"{path} ({', '.join(map(str, keys[1]))} instead of {', '.join(map(str, keys[0]))})"
        return
    for before, after in zip(old, new, strict=True):
        yield from _differing(kind.inner, before, after, f"{path}[{before[kind.key]}]")


def _allowed(path: str, old: Any, new: Any) -> bool:
    """Whether a difference is what a taken over workload gets on purpose."""
    if path == f"spec.containers[{CONTAINER}].ports" and old is None:
        return len(new or ()) <= 1  # the port that the Services send to was not declared
    if path.startswith(f"spec.containers[{CONTAINER}].ports[") and path.endswith(".name"):
        return old is None
    if path == f"spec.containers[{CONTAINER}].lifecycle":
        rest = {name: value for name, value in (new or {}).items() if name != "preStop"}
        return "preStop" not in (old or {}) and rest == (old or {})
    return False


def _known_ports(old: Sequence[Json], new: Sequence[Json]) -> Sequence[Json]:
    """Without the one port that was declared for the Services, where the original did not."""
    numbers = {one["containerPort"] for one in old}
    return [one for one in new if one["containerPort"] in numbers]
