"""A fragment of an object of Kubernetes as JSON Schema: every field known, each value of its type, or `null`."""

from typing import Any

from components.podspec.merge import DIRECTIVE
from components.podspec.types import ADDED, ROOT, Kind, is_type, types

PREFIX = "k8s."
_PLAIN: dict[str, dict[str, Any]] = {
    "text": {"type": ["string", "null"]},
    "time": {"type": ["string", "null"]},
    "integer": {"type": ["integer", "null"]},
    "number": {"type": ["number", "null"]},
    "boolean": {"type": ["boolean", "null"]},
    "port": {"type": ["integer", "string", "null"]},
    "quantity": {"type": ["number", "string", "null"]},
}
_DIRECTIVE = {"enum": ["delete", "replace"]}


def reference(kind: str = ROOT) -> dict[str, str]:
    """The schema of a fragment of that type, by its name among `definitions`."""
    return {"$ref": f"#/$defs/{PREFIX}{kind}"}


def definitions() -> dict[str, dict[str, Any]]:
    """The entries of `$defs`: each type of Kubernetes, its name with a prefix."""
    return {PREFIX + name: _object(fields) for name, fields in types().items()}


def _object(fields: Any) -> dict[str, Any]:
    properties = {name: _schema(kind) for name, kind in fields.items()}
    return {
        "type": ["object", "null"],
        "properties": properties | {DIRECTIVE: _DIRECTIVE},
        "additionalProperties": False,
    }


def _schema(kind: Kind) -> dict[str, Any]:
    if kind.form == "list":
        items = _schema(kind.inner)
        return {"type": ["array", "null"], "items": items, **({"uniqueItems": True} if kind.key == ADDED else {})}
    if kind.form == "mapping":
        return {"type": ["object", "null"], "additionalProperties": _schema(kind.inner)}
    if is_type(kind):
        return {"$ref": f"#/$defs/{PREFIX}{kind.name}"}
    return {"enum": [*kind.words, None]} if kind.words else dict(_PLAIN[kind.name])
