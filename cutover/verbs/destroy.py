"""`destroy`: delete all that the stack made."""

from typing import TYPE_CHECKING

from cutover.options import Options
from cutover.shared_options import shared_options

if TYPE_CHECKING:
    from cutover.operations.command.job import Job
    from cutover.output.result import Result


@shared_options(changes=True)
def destroy(options: Options) -> None:
    """Delete all that the stack made in the cluster. Its file, its history and its namespace stay. Refused where an
    object carries another stack's identity by now.
    """
    from cutover.operations.command.perform import perform

    perform("destroy", options, _run)


def _run(job: "Job") -> "Result":
    from cutover.operations.destroy.owned import check_owned
    from cutover.output.result import Result
    from cutover.stackfile.file import held

    names = ", ".join(job.view.services)
    job.confirm(f"delete {names} of {job.stack} from namespace {job.view.namespace}: they stop answering")
    with held(job.file.path):
        job.check_stopping()
        check_owned(job)
        outcome = job.engine.destroy(job.options.message or f"destroy {job.stack}")
    count = outcome.changes.get("delete", 0)
    job.details["changes"] = dict(outcome.changes)
    line = f"{job.stack}: {count} objects deleted" if outcome.changed else f"{job.stack} has nothing; nothing to do"
    return Result("destroy", job.stack, 0, outcome.changed, (line,), details=job.details)
