"""`up`: the cluster is made what the stack's file says."""

from cutover.operations.command.job import Job
from cutover.operations.up.change import change
from cutover.operations.up.leftovers import tell_leftovers
from cutover.output.result import Result


def bring_up(job: Job, may_end: tuple[str, ...]) -> Result:
    """The result of an `up`, with the number of objects by what became of them. `may_end` names services that may go.
    Raises what `change` does.
    """
    outcome = change(job, {}, {}, f"bring {job.stack} up", may_end=may_end)
    tell_leftovers(job)
    said = ", ".join(f"{count} {op}" for op, count in outcome.changes.items() if op != "same")
    job.note(changes=dict(outcome.changes))
    line = f"{job.stack} is up: {said or 'no object changed'}" if outcome.changed else _nothing(job)
    return Result("up", job.stack, 0, outcome.changed, (line,), details=job.details)


def _nothing(job: Job) -> str:
    return f"{job.stack} is as {job.file.path.name} says; nothing to do"
