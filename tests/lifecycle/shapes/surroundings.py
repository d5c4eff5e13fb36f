"""Empty stand-ins of all that a pod template refers to: ConfigMaps, Secrets, claims, a ServiceAccount. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]
Wanted = tuple[str, str, str | None]  # kind, name, key
CLAIM = {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "8Mi"}}}


def surroundings(template: Mapping[str, Any], storage: str) -> Iterator[tuple[str, Json]]:
    """The objects, each with the plural of its kind. `storage` is the class of claims."""
    keys: dict[tuple[str, str], set[str]] = defaultdict(set)
    for kind, name, key in _wanted(template["spec"]):
        keys[kind, name].update({key} if key else ())
    for (kind, name), wanted in keys.items():
        item: Json = {"metadata": {"name": name}}
        if kind == "configmaps":
            item |= {"apiVersion": "v1", "kind": "ConfigMap", "data": dict.fromkeys(wanted, "")}
        elif kind == "secrets":
            item |= {"apiVersion": "v1", "kind": "Secret", "stringData": dict.fromkeys(wanted, "")}
        elif kind == "serviceaccounts":
            item |= {"apiVersion": "v1", "kind": "ServiceAccount"}
        else:
            spec = {**CLAIM, "storageClassName": storage}
            item |= {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "spec": spec}
        yield kind, item


def _wanted(pod: Mapping[str, Any]) -> Iterator[Wanted]:
    account = pod.get("serviceAccountName") or pod.get("serviceAccount")
    if account and account != "default":
        yield "serviceaccounts", account, None
    sources: dict[str, tuple[str, str]] = {}
    for volume in pod.get("volumes") or []:
        for wanted in _of_volume(volume):
            sources[volume["name"]] = wanted[:2]
            yield wanted
    for container in [*pod["containers"], *(pod.get("initContainers") or [])]:
        yield from _of_variables(container)
        for mount in container.get("volumeMounts") or []:
            if (
                mount.get("subPath")
                and mount["name"] in sources
                and sources[mount["name"]][0] != "persistentvolumeclaims"
            ):
                yield *sources[mount["name"]], mount["subPath"].partition("/")[0]


def _of_volume(volume: Mapping[str, Any]) -> Iterator[Wanted]:
    if claim := volume.get("persistentVolumeClaim"):
        yield "persistentvolumeclaims", claim["claimName"], None
    parts = [volume, *((volume.get("projected") or {}).get("sources") or [])]
    for part in parts:
        for field, kind in (("configMap", "configmaps"), ("secret", "secrets")):
            if source := part.get(field):
                name = source.get("name") or source["secretName"]
                for key in [one["key"] for one in source.get("items") or []] or [None]:
                    yield kind, name, key


def _of_variables(container: Mapping[str, Any]) -> Iterator[Wanted]:
    for one in container.get("env") or []:
        for field, kind in (("configMapKeyRef", "configmaps"), ("secretKeyRef", "secrets")):
            if reference := (one.get("valueFrom") or {}).get(field):
                yield kind, reference["name"], reference["key"]
    for one in container.get("envFrom") or []:
        for field, kind in (("configMapRef", "configmaps"), ("secretRef", "secrets")):
            if reference := one.get(field):
                yield kind, reference["name"], None
