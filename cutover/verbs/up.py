"""`up`: make the cluster what the stack's file says."""

from typing import TYPE_CHECKING, Annotated

import typer

from cutover.load_options import LoadRate, LoadUrl, asked_load
from cutover.options import Options
from cutover.shared_options import shared_options

if TYPE_CHECKING:
    from cutover.operations.command.run import Run
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

    def carry_out(run: "Run") -> "Result":
        from cutover.operations.up.bring_up import bring_up

        traffic = asked_load(load, load_rate, failure_limit)
        run.confirm(f"bring {run.stack} up as {run.file.path.name} says")
        return traffic.run(run, lambda: bring_up(run, may_end)) if traffic else bring_up(run, may_end)

    perform("up", options, carry_out)
