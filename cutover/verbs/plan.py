"""`plan`: the cutover in words, from a real preview."""

from typing import TYPE_CHECKING, Annotated

import typer

from cutover.options import Options
from cutover.shared_options import shared_options

if TYPE_CHECKING:
    from cutover.operations.command.job import Job
    from cutover.output.result import Result


@shared_options(changes=False)
def plan(
    options: Options,
    promote: Annotated[
        list[str] | None, typer.Option(help="As if this service's waiting release were promoted; `all` for every one.")
    ] = None,
) -> None:
    """Say what `up` would do: what is live, what would be, which gates run, what is scaled when, what is refused."""
    from cutover.operations.command.perform import perform

    def run(job: "Job") -> "Result":
        from cutover.operations.plan.plan import plan as work

        return work(job, promote or [])

    perform("plan", options, run)
