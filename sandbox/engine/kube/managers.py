"""Field ownership: hand what a create (or kubectl) owns to the resource's own apply manager."""

import copy
from typing import Any

from sandbox.engine.kube.client import Object
from sandbox.engine.properties import paths

_TAKEN = frozenset(
    {
        ("kubectl", "Apply"),
        ("kubectl", "Update"),
        ("before-first-apply", "Update"),
        ("pulumi-kubernetes", "Update"),
        ("pulumi-kubernetes.exe", "Update"),
        ("pulumi-resource-kubernetes", "Update"),
    }
)


def takeover(live: Object, manager: str) -> list[Object]:
    """JSON patch operations that make `manager` the owner; empty if there is nothing to take."""
    metadata = live["metadata"]
    entries = metadata.get("managedFields") or []
    taken = [entry for entry in entries if _is_taken(entry)]
    if not taken:
        return []
    kept = [entry for entry in entries if not _is_taken(entry) and not _is_ours(entry, manager)]
    ours = [entry for entry in entries if _is_ours(entry, manager)]
    fields: dict[str, Any] = {}
    for entry in (*ours, *taken):
        _merge(fields, copy.deepcopy(entry.get("fieldsV1") or {}))
    merged = {**taken[-1], "manager": manager, "operation": "Apply", "fieldsV1": fields}
    return [
        {"op": "replace", "path": "/metadata/managedFields", "value": [merged, *kept]},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": metadata["resourceVersion"]},
    ]


def made_by(live: Object, manager: str) -> bool:
    """Whether `manager` wrote the object's main resource."""
    entries = live["metadata"].get("managedFields") or []
    return any(entry.get("manager") == manager and not entry.get("subresource") for entry in entries)


def forces(inputs: Object, live: Object, preview: bool) -> bool:
    """Whether an apply overrides conflicts: asked for, nobody owns anything, or a preview before the takeover."""
    annotations = (inputs.get("metadata") or {}).get("annotations") or {}
    if annotations.get("pulumi.com/patchForce") == "true":
        return True
    entries = live["metadata"].get("managedFields") or []
    if preview and any(entry.get("manager", "").startswith("pulumi-") and _is_taken(entry) for entry in entries):
        return True
    return not entries


def ignore(inputs: Object, live: Object, manager: str, ignored: list[str]) -> Object:
    """Prepare inputs for an apply that leaves the ignored paths as they are.

    A field that only others own is left out of the patch; one that is ours is sent with its live value, or the apply
    would remove it.
    """
    if not ignored:
        return inputs
    entries = live["metadata"].get("managedFields") or []
    result = copy.deepcopy(inputs)
    for pattern in ignored:
        path = paths.parse(pattern)
        ours = any(_owns(entry, path) for entry in entries if entry.get("manager") == manager)
        theirs = any(_owns(entry, path) for entry in entries if entry.get("manager") != manager)
        if theirs and not ours:
            result = paths.restore(result, {}, [pattern])
        elif paths.get(live, path)[0]:
            result = paths.restore(result, live, [pattern])
    return result


def _is_taken(entry: Object) -> bool:
    """Managers go by their beginning: `kubectl-client-side-apply`, `kubectl-patch` and the like are kubectl too."""
    manager, operation = str(entry.get("manager")), entry.get("operation")
    taken = any(manager.startswith(name) and operation == wanted for name, wanted in _TAKEN)
    return taken and not entry.get("subresource")


def _is_ours(entry: Object, manager: str) -> bool:
    return (entry.get("manager"), entry.get("operation")) == (manager, "Apply") and not entry.get("subresource")


def _owns(entry: Object, path: paths.Path) -> bool:
    node: Any = entry.get("fieldsV1") or {}
    for part in path:
        if not isinstance(node, dict) or f"f:{part}" not in node:
            return False
        node = node[f"f:{part}"]
    return True


def _merge(target: dict[str, Any], more: dict[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(target.get(key), dict) and isinstance(value, dict):
            _merge(target[key], value)
        else:
            target.setdefault(key, value)
