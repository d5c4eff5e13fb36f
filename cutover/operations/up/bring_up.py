"""`up`: the cluster is made what the stack's file says."""

from cutover.errors import DriverError
from cutover.operations.command.run import Run
from cutover.operations.up.change import change
from cutover.operations.up.leftovers import tell_leftovers
from cutover.output.result import Result


def bring_up(run: Run, may_end: tuple[str, ...]) -> Result:
    """The result of an `up`, with the number of objects by what became of them. `may_end` names services that may go.
    Raises what `change` does.
    """
    outcome = change(run, {}, {}, f"bring {run.stack} up", may_end=may_end)
    tell_leftovers(run)
    said = ", ".join(f"{count} {op}" for op, count in outcome.changes.items() if op != "same")
    run.note(changes=dict(outcome.changes))
    line = f"{run.stack} is up: {said or 'no object changed'}" if outcome.changed else _nothing(run)
    return Result("up", run.stack, 0, outcome.changed, (line, *_waiting(run)), details=run.details)


def _nothing(run: Run) -> str:
    return f"{run.stack} is as {run.file.path.name} says; nothing to do"


def _waiting(run: Run) -> list[str]:
    """A line for each release that waits for its promotion: a `release --promote` that was killed before it left one,
    and this run, which does what the file says, promotes nothing.
    """
    try:
        status = run.live()
    except DriverError:  # of which it has been told, where it was looked for leftovers
        return []
    lines: dict[str, list[str]] = {}
    for name, service in run.view.switching.items():
        seen = status.get(name)
        if seen and seen.preview and seen.state == "paused":
            lines.setdefault(service.group or name, []).append(f"{name}: {seen.reason}")
    return [f"{'; '.join(said)}: `cutover promote {unit}` sends it the traffic" for unit, said in lines.items()]
