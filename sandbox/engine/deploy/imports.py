"""Imports: objects that are there already become resources of the stack. An import itself changes nothing; where the
program declares something else than is there, an update follows it.
"""

from sandbox.engine.deploy.goal import Goal, GoalError
from sandbox.engine.deploy.providers import Providers
from sandbox.engine.model import Row
from sandbox.engine.properties import paths, values
from sandbox.engine.properties.diff import Diff

NO_REPLACEMENT = (
    "previously-imported resources that still specify an ID may not be replaced; please remove the `import` "
    "declaration from your program;\n{}"
)


def asked(goal: Goal, old: Row | None) -> bool:
    """Whether a registration is an import: it names an object, and the state does not have that one already.

    Raises:
        GoalError: the state has another object under this URN.
    """
    if not goal.import_id or (old is not None and not old.get("external") and old.get("id") == goal.import_id):
        return False
    if old is not None:
        raise GoalError(
            f'"{goal.name}" ({goal.type}): this engine does not support an import ("{goal.import_id}") in place of a '
            f'resource of the state ("{old.get("id")}"); run it with the Pulumi CLI'
        )
    return True


def look(goal: Goal, providers: Providers) -> tuple[Row, Row, Diff]:
    """Read the object: the row as the object is, the row as it is wanted, and where the two differ.

    Raises:
        GoalError: there is no such object.
        KubeError: the provider refuses.
    """
    provider = providers.get(goal.provider)
    found = provider.read(goal.import_id, goal.type, {}, {})
    if found is None:
        raise GoalError(f"resource '{goal.import_id}' does not exist")
    inputs = paths.restore(goal.inputs, found.inputs, goal.ignore_changes)
    checked = provider.check(goal.name, goal.type, inputs, found.inputs)
    own = {"id": goal.import_id, "importID": goal.import_id, "outputs": found.outputs}
    there, wanted = goal.row(found.inputs) | own, goal.row(checked) | own
    if found.errors:
        wanted["initErrors"] = found.errors
    known = not values.has_unknown(checked)
    return there, wanted, provider.diff(found.outputs, checked, goal.ignore_changes) if known else Diff()
