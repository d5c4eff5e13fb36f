"""`destroy`: all that the stack made is deleted."""

from cutover.operations.command.job import Job
from cutover.operations.destroy.owned import check_owned
from cutover.output.result import Result
from cutover.stackfile.file import held


def destroy(job: Job) -> Result:
    """The result: how many objects are gone. Raises GateRefused where one of them is another stack's by now."""
    names = ", ".join(job.view.services)
    job.confirm(f"delete {names} of {job.stack} from namespace {job.view.namespace}: they stop answering")
    with held(job.file.path):
        job.check_stopping()
        check_owned(job)
        outcome = job.engine.destroy(job.options.message or f"destroy {job.stack}")
    count = outcome.changes.get("delete", 0)
    job.note(changes=dict(outcome.changes))
    line = f"{job.stack}: {count} objects deleted" if outcome.changed else f"{job.stack} has nothing; nothing to do"
    return Result("destroy", job.stack, 0, outcome.changed, (line,), details=job.details)
