"""`history`: who changed what when, and from where."""

from typing import TYPE_CHECKING, Annotated

import typer

from cutover.options import Options
from cutover.shared_options import shared_options

if TYPE_CHECKING:
    from cutover.operations.command.run import Run
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

    def carry_out(run: "Run") -> "Result":
        from cutover.operations.history.show import history as work

        return work(run, limit, provenance=provenance)

    perform("history", options, carry_out)
