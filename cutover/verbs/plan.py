"""`plan`: the cutover in words, from a real preview."""

from typing import TYPE_CHECKING, Annotated

import typer

from cutover.options import Options
from cutover.shared_options import shared_options

if TYPE_CHECKING:
    from cutover.operations.command.run import Run
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

    def carry_out(run: "Run") -> "Result":
        from cutover.operations.plan.plan import plan as work

        return work(run, promote or [])

    perform("plan", options, carry_out)
