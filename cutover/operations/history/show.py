"""`history`: the stack's updates as a table, or as blocks with their provenance."""

from contract.images import digest_in
from cutover.errors import DriverError
from cutover.operations.command.run import Run
from cutover.operations.history.updates import name_contents, rows
from cutover.output.history import blocks, table
from cutover.output.result import Result


def history(run: Run, limit: int, *, provenance: bool) -> Result:
    """The result: the last updates, `limit` of them or all with 0. `provenance` asks the cluster for digests, too."""
    found = rows(run.history)
    found = found[:limit] if limit else found
    if provenance and any(not release["digest"] for row in found for release in row["wanted"].values()):
        name_contents(found, _running(run))
    run.note(updates=found)
    lines = (blocks(found) if provenance else table(found)) if found else [f"{run.stack} has no history yet"]
    return Result("history", run.stack, 0, False, tuple(lines), details=run.details, plain=True)


def _running(run: Run) -> dict[tuple[str, str, str], str]:
    """What the releases that are still there run; nothing where the cluster cannot be asked: this is about the past."""
    try:
        status = run.live()
    except DriverError as error:
        run.report.say(f"the cluster cannot be asked what its releases run: {error.what}", "warning")
        return {}
    return {
        (name, color.release, color.image): digest_in(color.image_ids[0]) or color.image_ids[0]
        for name, service in status.items()
        for color in service.colors.values()
        if len(color.image_ids) == 1
    }
