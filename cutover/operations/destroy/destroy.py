"""`destroy`: all that the stack made is deleted."""

from contract.words import counted
from cutover.operations.command.run import Run
from cutover.operations.destroy.owned import check_owned
from cutover.operations.up.leftovers import tell_leftovers
from cutover.output.result import Result
from cutover.stackfile.lock import held


def destroy(run: Run) -> Result:
    """The result: how many objects are gone. Raises GateRefused where one of them is another stack's by now."""
    names = ", ".join(run.view.services)
    run.confirm(f"delete {names} of {run.stack} from namespace {run.view.namespace}: they stop answering")
    with held(run.file.path):
        run.check_stopping()
        check_owned(run)
        outcome = run.engine.destroy(run.options.message or f"destroy {run.stack}")
    tell_leftovers(run, wanted=False)
    count = outcome.changes.get("delete", 0)
    run.note(changes=dict(outcome.changes))
    did = f"{counted(count, 'object')} deleted"
    line = f"{run.stack}: {did}" if outcome.changed else f"{run.stack} has nothing; nothing to do"
    return Result("destroy", run.stack, 0, outcome.changed, (line,), details=run.details)
