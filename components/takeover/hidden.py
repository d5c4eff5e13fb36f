"""The removal of what looks like a secret in a workload of others: it is not written to a file."""

import re
from collections.abc import Mapping
from typing import Any

from components.manifests.probe import PROBES
from components.takeover.literals import has_secret, is_secret
from contract.labels import CONTAINER

Json = dict[str, Any]
_HIDDEN = "it looks like a secret, so it is not written to the file"
_INSTEAD = f"{_HIDDEN}; make it a key of `secrets`, or use valueFrom"
_PROBE = f"{_HIDDEN}; ask without it, or by a command that reads it from a variable or a file"
_HOOK = f"{_HIDDEN}, and nothing runs then; have it read the secret from a variable or a file"
_WITHOUT = {
    "readiness": "until then the default probe decides when a pod gets traffic, and the gates may refuse it",
    "liveness": "until then nothing restarts a pod that hangs",
    "startup": "until then nothing holds the other probes back",
}
_BY_TIME = "until then a pod counts as ready once it has run for a while"
_PAUSE = "; until then a pod stops after the pause of drain_seconds alone"
_TRIGGER = f"{_HIDDEN}; use authenticationRef, or a key that ends in FromEnv"
_DEFAULT_PAUSE = 5


def without_secrets(settings: Json) -> tuple[Json, list[str]]:
    """The settings without what looks like a secret in variables, commands, probes, hooks and triggers, and a line for
    each.
    """
    lines: list[str] = []
    kept = _container(settings, "the application", lines)
    if env := settings.get("env"):
        secret = {name for name, value in env.items() if is_secret(name, value)}
        lines += [_of_variable(name) for name in env if name in secret]
        kept["env"] = {name: value for name, value in env.items() if name not in secret}
    for probe, without in _WITHOUT.items():
        if _tells(kept.get(probe)):
            del kept[probe]
            lines.append(f"{probe}: {_PROBE}; {without if probe != 'readiness' or 'port' in settings else _BY_TIME}")
    if (pod := settings.get("pod")) and "spec" in pod:
        spec = dict(pod["spec"])
        for kind in ("containers", "initContainers"):
            if kind in spec:
                spec[kind] = [_with_variables(one, f"container {one.get('name')}", lines) for one in spec[kind]]
        kept["pod"] = {**pod, "spec": spec}
        if _stops_itself(settings) and not _stops_itself(kept) and _grace(kept) > _DEFAULT_PAUSE:
            kept.pop("drain_seconds", None)  # it is 0 beside a hook of one's own; without either requests would fail
    if scaler := settings.get("autoscaler"):
        kept["autoscaler"] = _scaler(scaler, lines)
    return (kept if lines else settings), lines


def _of_variable(name: str) -> str:
    key = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "secret"
    return (
        f"env {name}: it looks like a secret, so its value is not written to the file; "
        f"`pulumi config set --secret cutover:{key}`, and write {name}: {key} below `secrets`"
    )


def _with_variables(container: Json, called: str, lines: list[str]) -> Json:
    made = _without_calls(_container(container, called, lines), called, lines)
    kept = []
    for one in container.get("env") or []:
        if isinstance(one.get("value"), str) and is_secret(one["name"], one["value"]):
            lines.append(f"env {one['name']} of {called}: {_INSTEAD}")
        else:
            kept.append(one)
    return {**made, "env": kept} if container.get("env") else made


def _container(container: Json, called: str, lines: list[str]) -> Json:
    """A container, or the settings that say the same of it, without command and arguments that hold a secret."""
    made = dict(container)
    for key in ("command", "args"):
        if _in_words(made.get(key)):
            del made[key]
            lines.append(f"{key} of {called}: {_INSTEAD}")
    return made


def _without_calls(container: Json, called: str, lines: list[str]) -> Json:
    """A container without probes and hooks that hold a secret."""
    made = dict(container)
    for ours, probe in PROBES.items():
        if _tells(made.get(probe)):
            del made[probe]
            lines.append(f"{probe} of {called}: {_PROBE}" + (f"; {_WITHOUT[ours]}" if ours != "readiness" else ""))
    hooks = made.get("lifecycle") or {}
    told = [name for name, hook in hooks.items() if _tells(hook)]
    for name in told:
        lines.append(f"lifecycle.{name} of {called}: {_HOOK}" + (_PAUSE if name == "preStop" else ""))
    if left := {name: hook for name, hook in hooks.items() if name not in told}:
        made["lifecycle"] = left
    elif told:
        del made["lifecycle"]
    return made


def _scaler(scaler: Json, lines: list[str]) -> Json:
    """The autoscaler without the values of KEDA's triggers that hold a secret."""
    triggers = (scaler.get("spec") or {}).get("triggers")
    if not isinstance(triggers, list):
        return scaler
    return {**scaler, "spec": {**scaler["spec"], "triggers": [_trigger(one, lines) for one in triggers]}}


def _trigger(trigger: Any, lines: list[str]) -> Any:
    given = trigger.get("metadata") if isinstance(trigger, Mapping) else None
    if not isinstance(given, Mapping):
        return trigger
    secret = [key for key, value in given.items() if isinstance(value, str) and _is_login(key, value)]
    lines += [f"{key} of the trigger {trigger.get('type')}: {_TRIGGER}" for key in secret]
    return {**trigger, "metadata": {key: value for key, value in given.items() if key not in secret}}


def _is_login(key: str, value: str) -> bool:
    return has_secret(value) or (not key.endswith("FromEnv") and is_secret(key, value))


def _tells(value: Any) -> bool:
    """Whether a probe or a hook, as the settings or as Kubernetes have it, holds a secret."""
    if isinstance(value, Mapping):
        pair = value if value.keys() == {"name", "value"} else {}
        headers = {**(value.get("headers") or {}), **({pair["name"]: pair["value"]} if pair else {})}
        if any(has_secret(f"{name}: {text}") or is_secret(name, text) for name, text in headers.items()):
            return True
        return any(map(_tells, value.values()))
    if isinstance(value, list):
        return _in_words(value) if all(isinstance(one, str) for one in value) else any(map(_tells, value))
    return isinstance(value, str) and has_secret(value)


def _in_words(words: Any) -> bool:
    words = [str(word) for word in words or []]
    return has_secret(" ".join(words)) or any(map(has_secret, words))


def _stops_itself(settings: Json) -> bool:
    """Whether the application's own container has a hook of its own before it stops."""
    found = ((settings.get("pod") or {}).get("spec") or {}).get("containers") or ()
    return any("preStop" in (one.get("lifecycle") or {}) for one in found if one.get("name") == CONTAINER)


def _grace(settings: Json) -> int:
    return int(settings.get("termination_grace_seconds", 30))
