"""Goals: what the program wants a resource to be, as its registration says; and the row such a goal becomes."""

import re
from dataclasses import dataclass, field
from typing import Any

from sandbox.engine.deploy import urns
from sandbox.engine.deploy.hooks import When, key
from sandbox.engine.model import Row
from sandbox.engine.properties import values

_WHENS: tuple[When, ...] = (
    "before_create",
    "after_create",
    "before_update",
    "after_update",
    "before_delete",
    "after_delete",
)
_UNIT_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


class GoalError(Exception):
    """A registration asks for something that this engine does not do, or that makes no sense."""


@dataclass(frozen=True)
class Goal:
    """One registration. `inputs` may hold secrets and, in a preview, unknowns."""

    urn: str
    type: str
    name: str
    custom: bool
    parent: str
    inputs: dict[str, Any]
    provider: str = ""
    version: str = ""
    dependencies: list[str] = field(default_factory=list)
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    protect: bool = False
    retain_on_delete: bool = False
    deleted_with: str = ""
    delete_before_replace: bool | None = None
    ignore_changes: list[str] = field(default_factory=list)
    replace_on_changes: list[str] = field(default_factory=list)
    secret_outputs: list[str] = field(default_factory=list)
    timeouts_seconds: dict[str, float] = field(default_factory=dict)
    hooks: dict[str, list[str]] = field(default_factory=dict)
    aliases: list[str] = field(default_factory=list)
    import_id: str = ""

    def row(self, inputs: dict[str, Any]) -> Row:
        """Make the row, with the inputs as the provider completed them; id and outputs come with the step."""
        row: Row = {"urn": self.urn, "custom": self.custom, "type": self.type}
        optional: dict[str, Any] = {
            "inputs": inputs,
            "parent": self.parent,
            "dependencies": self.dependencies,
            "provider": self.provider,
            "protect": self.protect,
            "retainOnDelete": self.retain_on_delete,
            "deletedWith": self.deleted_with,
            "ignoreChanges": self.ignore_changes,
            "replaceOnChanges": self.replace_on_changes,
            "additionalSecretOutputs": self.secret_outputs,
            "customTimeouts": self.timeouts_seconds,
            "resourceHooks": self.hooks,
        }
        row |= {name: value for name, value in optional.items() if value}
        if self.property_dependencies:
            row["propertyDependencies"] = dict(self.property_dependencies)
        return row


def read(request: Any, stack: str, project: str, parent_aliases: dict[str, list[str]]) -> Goal:
    """Read a RegisterResourceRequest.

    Raises:
        GoalError: it uses what this engine does not support.
    """
    _refuse_unsupported(request)
    own = (stack, project, request.parent, request.type, request.name)
    bound = {key(when): list(getattr(request.hooks, when)) for when in _WHENS}
    timeouts = {name: _seconds(getattr(request.customTimeouts, name)) for name in ("create", "update", "delete")}
    return Goal(
        urn=urns.make(stack, project, request.parent, request.type, request.name),
        type=request.type,
        name=request.name,
        custom=request.custom,
        parent=request.parent,
        inputs=values.decode(request.object),
        provider=request.provider,
        version=request.version,
        dependencies=sorted(set(request.dependencies)),
        property_dependencies={name: sorted(one.urns) for name, one in request.propertyDependencies.items()},
        protect=request.protect,
        retain_on_delete=request.retainOnDelete,
        deleted_with=request.deletedWith,
        delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        ignore_changes=list(request.ignoreChanges),
        replace_on_changes=list(request.replaceOnChanges),
        secret_outputs=list(request.additionalSecretOutputs),
        timeouts_seconds={name: found for name, found in timeouts.items() if found},
        hooks={name: found for name, found in bound.items() if found},
        aliases=urns.aliases(own, request.aliases, request.aliasURNs, parent_aliases.get(request.parent, [])),
        import_id=request.importId,
    )


def _refuse_unsupported(request: Any) -> None:
    unsupported = {
        "remote components": request.remote,
        "transforms": bool(request.transforms),
        "error hooks": bool(request.hooks.on_error),
        "parameterized packages": bool(request.packageRef),
    }
    for what, asked in unsupported.items():
        if asked:
            raise GoalError(
                f'"{request.name}" ({request.type}): this engine does not support {what}; run it with the Pulumi CLI'
            )


def _seconds(text: str) -> float:
    """Read a Go duration such as `1m30s`; whole seconds as an int, the way rows carry them."""
    parts = re.findall(r"([\d.]+)(h|ms|m|us|µs|ns|s)", text)
    total = sum(float(number) * _UNIT_SECONDS[unit] for number, unit in parts)
    return int(total) if total == int(total) else total
