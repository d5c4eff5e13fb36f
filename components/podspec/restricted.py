"""The check of a pod template against the "restricted" Pod Security Standard: a line per field that it would refuse.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
"""

from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]

_VOLUMES = {
    "name",
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
_SECCOMP = ("RuntimeDefault", "Localhost")


def loosened(template: Json) -> list[str]:
    """One line per container or field that the standard refuses."""
    spec = template.get("spec") or {}
    return [*_of_pod(spec), *(line for kind in ("initContainers", "containers") for line in _of_containers(spec, kind))]


def _of_pod(spec: Json) -> Iterator[str]:
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(field):
            yield f"the pod has {field}"
    for volume in spec.get("volumes") or []:
        if kinds := sorted(volume.keys() - _VOLUMES):
            yield f"volume {volume['name']} is a {kinds[0]}"


def _of_containers(spec: Json, kind: str) -> Iterator[str]:
    pod = spec.get("securityContext") or {}
    for container in spec.get(kind) or []:
        if reasons := list(_reasons(pod, container.get("securityContext") or {})):
            yield f"container {container['name']}: {', '.join(reasons)}"


def _reasons(pod: Json, own: Json) -> Iterator[str]:
    both = {**pod, **own}
    capabilities = own.get("capabilities") or {}
    if own.get("privileged"):
        yield "privileged"
    if own.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation is not false"
    if "ALL" not in (capabilities.get("drop") or ()):
        yield "capabilities.drop has not ALL"
    if added := sorted(set(capabilities.get("add") or ()) - {"NET_BIND_SERVICE"}):
        yield f"adds {', '.join(added)}"
    if both.get("runAsNonRoot") is not True or both.get("runAsUser") == 0:
        yield "may run as root"
    if (both.get("seccompProfile") or {}).get("type") not in _SECCOMP:
        yield "no seccompProfile"
