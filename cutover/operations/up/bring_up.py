"""`up`: the cluster is made what the stack's file says."""

from cutover.errors import DriverError
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
    return Result("up", job.stack, 0, outcome.changed, (line, *_waiting(job)), details=job.details)


def _nothing(job: Job) -> str:
    return f"{job.stack} is as {job.file.path.name} says; nothing to do"


def _waiting(job: Job) -> list[str]:
    """A line for each release that waits for its promotion: a `release --promote` that was killed before it left one,
    and this run, which does what the file says, promotes nothing.
    """
    try:
        status = job.live()
    except DriverError:  # of which it has been told, where it was looked for leftovers
        return []
    lines: dict[str, list[str]] = {}
    for name, service in job.view.switching.items():
        seen = status.get(name)
        if seen and seen.preview and seen.state == "paused":
            lines.setdefault(service.group or name, []).append(f"{name}: {seen.reason}")
    return [f"{'; '.join(said)}: `cutover promote {unit}` sends it the traffic" for unit, said in lines.items()]
