"""The comparison of a live pod template with the wanted one, through the API server's defaults. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from contract.labels import CONTAINER

_SPEC = ("volumes", "imagePullSecrets")  # what must not be there where it is not wanted
_CONTAINER = ("args", "command", "env", "envFrom", "lifecycle", "livenessProbe", "startupProbe", "volumeMounts")
_FREE = ("resources", "sizeLimit", "divisor")  # the API server writes a quantity in its own way


def why_another(wanted: Mapping[str, Any], live: Mapping[str, Any]) -> str | None:
    """The first field in which a live template differs from the wanted one, with both values; None where in none.

    What others put beside (sidecars, annotations, labels) is no difference.
    """
    ours, theirs = _container(wanted), _container(live)
    specs = (wanted["spec"], live.get("spec") or {})
    for found in (
        _differs(wanted["metadata"].get("labels") or {}, live.get("metadata", {}).get("labels") or {}, "labels"),
        _differs(ours, theirs, CONTAINER),
        _too_much(ours, theirs, _CONTAINER, CONTAINER),
        _differs(_without(specs[0], ("containers",)), specs[1], "spec"),
        _too_much(*specs, _SPEC, "spec"),
    ):
        if found:
            return found
    return None


def _container(template: Mapping[str, Any]) -> Mapping[str, Any]:
    found = (template.get("spec") or {}).get("containers") or []
    return next((one for one in found if one.get("name") == CONTAINER), {})


def _without(found: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if key not in keys}


def _too_much(wanted: Mapping[str, Any], live: Mapping[str, Any], keys: Sequence[str], path: str) -> str | None:
    return next((f"{path}.{key} is set, and not wanted" for key in keys if live.get(key) and not wanted.get(key)), None)


def _differs(wanted: Any, live: Any, path: str) -> str | None:
    if not wanted and not live:  # the API server drops what is empty or zero
        return None
    if isinstance(wanted, Mapping) and isinstance(live, Mapping):
        found = (_differs(value, live.get(key), f"{path}.{key}") for key, value in _without(wanted, _FREE).items())
        return next(filter(None, found), None)
    if isinstance(wanted, list) and isinstance(live, list):
        if len(wanted) != len(live):
            return f"{path} has {len(live)} entries instead of {len(wanted)}"
        pairs = enumerate(zip(wanted, live, strict=True))
        return next(filter(None, (_differs(*pair, f"{path}[{number}]") for number, pair in pairs)), None)
    if str(wanted) == str(live):
        return None
    return f"{path} is {live!r} instead of {wanted!r}"
