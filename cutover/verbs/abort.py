"""`abort`: give up a release that was not promoted."""

from typing import TYPE_CHECKING, Annotated

import typer

from cutover.options import Options
from cutover.shared_options import shared_options

if TYPE_CHECKING:
    from cutover.operations.command.run import Run
    from cutover.output.result import Result


@shared_options(changes=True)
def abort(
    options: Options,
    services: Annotated[list[str] | None, typer.Argument(help="The services; none where there is only one.")] = None,
    everyone: Annotated[bool, typer.Option("--all", help="Every service.")] = False,
) -> None:
    """Give up a release that never took the traffic: its color gets back its last good one, or none. Live stays."""
    from cutover.operations.command.perform import perform

    def carry_out(run: "Run") -> "Result":
        from cutover.operations.release.abort import abort as work

        return work(run, services or [], everyone)

    perform("abort", options, carry_out)
