"""`up`: make the cluster what the stack's file says."""

from typing import TYPE_CHECKING, Annotated

import typer

from cutover.load_options import LoadRate, LoadUrl, asked_load
from cutover.options import Options
from cutover.shared_options import shared_options

if TYPE_CHECKING:
    from cutover.operations.command.job import Job
    from cutover.output.result import Result


@shared_options(changes=True)
def up(
    options: Options,
    load: LoadUrl = None,
    load_rate: LoadRate = None,
    failure_limit: Annotated[int, typer.Option(min=0, help="Failed requests of --load that are let pass.")] = 0,
    allow_removal: Annotated[
        list[str] | None, typer.Option(help="A service that takes traffic, is in the file no more, and may end.")
    ] = None,
) -> None:
    """Make the cluster what the stack's file says: the plain `pulumi up`, with this command's output and exit codes."""
    from cutover.operations.command.perform import perform

    may_end = tuple(allow_removal or ())

    def run(job: "Job") -> "Result":
        traffic = asked_load(load, load_rate, failure_limit)
        job.confirm(f"bring {job.stack} up as {job.file.path.name} says")
        return traffic.run(job, lambda: _run(job, may_end)) if traffic else _run(job, may_end)

    perform("up", options, run)


def _run(job: "Job", may_end: tuple[str, ...]) -> "Result":
    from cutover.operations.up.change import change
    from cutover.operations.up.leftovers import tell_leftovers
    from cutover.output.result import Result

    outcome = change(job, {}, {}, f"bring {job.stack} up", may_end=may_end)
    tell_leftovers(job)
    said = ", ".join(f"{count} {op}" for op, count in outcome.changes.items() if op != "same")
    job.details["changes"] = dict(outcome.changes)
    line = f"{job.stack} is up: {said or 'no object changed'}" if outcome.changed else _nothing(job)
    return Result("up", job.stack, 0, outcome.changed, (line,), details=job.details)


def _nothing(job: "Job") -> str:
    return f"{job.stack} is as {job.file.path.name} says; nothing to do"
