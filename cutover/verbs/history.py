"""`history`: who changed what when, and from where."""

from typing import TYPE_CHECKING, Annotated

import typer

from cutover.options import Options
from cutover.shared_options import shared_options

if TYPE_CHECKING:
    from cutover.operations.command.job import Job
    from cutover.output.result import Result


@shared_options(changes=False)
def history(
    options: Options,
    limit: Annotated[int, typer.Option(min=0, help="How many updates, the newest first; 0 for all.")] = 20,
    provenance: Annotated[
        bool, typer.Option("--provenance", help="A block per update: commit, repository, run, images and digests.")
    ] = False,
) -> None:
    """Show who changed what when: of each update the result, what it moved, the commit and the message."""
    from cutover.operations.command.perform import perform

    perform("history", options, lambda job: _run(job, limit, provenance=provenance))


def _run(job: "Job", limit: int, *, provenance: bool) -> "Result":
    from cutover.operations.history.updates import name_contents, rows
    from cutover.output.history import blocks, table
    from cutover.output.result import Result

    found = rows(job.history)
    found = found[:limit] if limit else found
    if provenance and any(not release["digest"] for row in found for release in row["wanted"].values()):
        name_contents(found, _running(job))
    job.details["updates"] = found
    lines = (blocks(found) if provenance else table(found)) if found else [f"{job.stack} has no history yet"]
    return Result("history", job.stack, 0, False, tuple(lines), details=job.details, plain=True)


def _running(job: "Job") -> dict[tuple[str, str, str], str]:
    """What the releases that are still there run; nothing where the cluster cannot be asked: this is about the past."""
    from contract.images import digest_in
    from cutover.errors import DriverError

    try:
        status = job.live()
    except DriverError as error:
        job.report.say(f"the cluster cannot be asked what its releases run: {error.what}", "warning")
        return {}
    return {
        (name, color.release, color.image): digest_in(color.image_ids[0]) or color.image_ids[0]
        for name, service in status.items()
        for color in service.colors.values()
        if len(color.image_ids) == 1
    }
