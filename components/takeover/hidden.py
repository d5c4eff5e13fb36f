"""What looks like a secret in a workload of others: it is not written to a file."""

from typing import Any

from contract.secrets import looks_secret, masked

Json = dict[str, Any]


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
