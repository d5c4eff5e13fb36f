"""Decides what a registration means for its resource: same, create, update, replace or import."""

import uuid
from dataclasses import dataclass, field
from typing import Any, Literal

from sandbox.engine.deploy import imports, urns
from sandbox.engine.deploy.goal import Goal, GoalError
from sandbox.engine.deploy.providers import TYPE as PROVIDER_TYPE
from sandbox.engine.deploy.providers import Providers
from sandbox.engine.deploy.providers import check as check_provider
from sandbox.engine.model import Row
from sandbox.engine.properties import diff as diffs
from sandbox.engine.properties import paths

Op = Literal["same", "create", "update", "replace", "import"]


@dataclass(frozen=True)
class Plan:
    """What to do with one resource: `delete_first` decides which half of a replacement comes first."""

    op: Op
    goal: Goal
    old: Row | None
    new: Row
    diff: diffs.Diff = field(default_factory=diffs.Diff)
    delete_first: bool = False


def plan(goal: Goal, old: Row | None, providers: Providers) -> Plan:
    """Plan one resource.

    Raises:
        GoalError: the goal cannot be met.
        KubeError: the provider refuses the inputs.
    """
    if not goal.custom:
        return _plain(goal, old, goal.inputs)
    if goal.type.startswith(urns.PROVIDER_PREFIX):
        return _provider(goal, old)
    if imports.asked(goal, old):
        return Plan("import", goal, None, goal.row(goal.inputs) | {"id": goal.import_id, "importID": goal.import_id})
    provider = providers.get(goal.provider)
    known = old if old is not None and not old.get("external") else None
    old_inputs: dict[str, Any] = (known or {}).get("inputs") or {}
    inputs = paths.restore(goal.inputs, old_inputs, goal.ignore_changes) if known else goal.inputs
    checked = provider.check(goal.name, goal.type, inputs, old_inputs if known else None)
    new = goal.row(checked)
    if old is None:
        return Plan("create", goal, None, new)
    if known is None or old.get("pendingReplacement"):
        # Somebody else's object is left alone; one whose deletion is done already only lacks its successor.
        return Plan("replace", goal, old, new, delete_first=bool(known))
    diff = provider.diff(old["outputs"], checked, goal.ignore_changes)
    diff.replace_on(goal.replace_on_changes, bool(old.get("initErrors")))
    if diff.replace_paths:
        if old.get("protect") and goal.protect:
            raise GoalError(
                f'unable to replace resource "{goal.urn}"\nas it is currently marked for protection. To unprotect the '
                "resource, remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`"
            )
        # The successor must not inherit a name that the engine made up for its predecessor.
        new = goal.row(provider.check(goal.name, goal.type, inputs, None))
        first = diff.delete_before_replace if goal.delete_before_replace is None else goal.delete_before_replace
        return Plan("replace", goal, old, new, diff, first)
    # An object that was not ready last time is looked at again even if nothing changed.
    changed = diff.changed or bool(old.get("initErrors"))
    return Plan("update" if changed else "same", goal, old, new, diff)


def _plain(goal: Goal, old: Row | None, inputs: dict[str, Any]) -> Plan:
    new = goal.row(inputs)
    if old is None:
        return Plan("create", goal, None, new)
    changes = {paths.render(path): kind for path, kind in diffs.compare(old.get("inputs") or {}, inputs)}
    return Plan("update" if changes else "same", goal, old, new, diffs.Diff(changes))


def _provider(goal: Goal, old: Row | None) -> Plan:
    if goal.type != PROVIDER_TYPE:
        raise GoalError(f'"{goal.name}" ({goal.type}): this engine only knows the kubernetes provider')
    check_provider(goal.inputs)
    inputs = {"__internal": {}, **({"version": goal.version} if goal.version else {}), **goal.inputs}
    result = _plain(goal, old, inputs)
    result.new["id"] = old["id"] if old else str(uuid.uuid4())
    return result
