"""The removal of what looks like a secret in a workload of others: it is not written to a file."""

import re
from typing import Any

from components.takeover.literals import has_secret, is_secret

Json = dict[str, Any]


def without_secrets(settings: Json) -> tuple[Json, list[str]]:
    """The settings without what looks like a secret in variables and arguments, and a line for each: those belong into
    the stack's secret config.
    """
    lines: list[str] = []
    kept = _container(settings, "the application", lines)
    if env := settings.get("env"):
        secret = {name for name, value in env.items() if is_secret(name, value)}
        lines += [_of_variable(name) for name in env if name in secret]
        kept["env"] = {name: value for name, value in env.items() if name not in secret}
    if (pod := settings.get("pod")) and "spec" in pod:
        spec = dict(pod["spec"])
        for kind in ("containers", "initContainers"):
            if kind in spec:
                spec[kind] = [_with_variables(one, f"container {one.get('name')}", lines) for one in spec[kind]]
        kept["pod"] = {**pod, "spec": spec}
    return (kept if lines else settings), lines


_HIDDEN = "it looks like a secret, so it is not written to the file; make it a key of `secrets`, or use valueFrom"


def _of_variable(name: str) -> str:
    key = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "secret"
    return (
        f"env {name}: it looks like a secret, so its value is not written to the file; "
        f"`pulumi config set --secret cutover:{key}`, and write {name}: {key} below `secrets`"
    )


def _with_variables(container: Json, called: str, lines: list[str]) -> Json:
    made = _container(container, called, lines)
    kept = []
    for one in container.get("env") or []:
        if isinstance(one.get("value"), str) and is_secret(one["name"], one["value"]):
            lines.append(f"env {one['name']} of {called}: {_HIDDEN}")
        else:
            kept.append(one)
    return {**made, "env": kept} if container.get("env") else made


def _container(container: Json, called: str, lines: list[str]) -> Json:
    """A container, or the settings that say the same of it, without command and arguments that hold a secret."""
    made = dict(container)
    for key in ("command", "args"):
        words = [str(word) for word in made.get(key) or []]
        if has_secret(" ".join(words)) or any(map(has_secret, words)):
            del made[key]
            lines.append(f"{key} of {called}: {_HIDDEN}")
    return made
