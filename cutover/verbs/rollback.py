"""`rollback`: back to the other color, to the release before, to a kept one, or to what an earlier update had."""

from typing import TYPE_CHECKING, Annotated

import typer

from cutover.options import Options
from cutover.shared_options import shared_options

if TYPE_CHECKING:
    from cutover.operations.command.run import Run
    from cutover.output.result import Result


@shared_options(changes=True)
def rollback(
    options: Options,
    services: Annotated[list[str] | None, typer.Argument(help="The services; none where there is only one.")] = None,
    everyone: Annotated[bool, typer.Option("--all", help="Every blue/green service.")] = False,
    to: Annotated[
        str | None,
        typer.Option(help="To a kept release, by its version; or to what the update of this number had."),
    ] = None,
    now: Annotated[
        bool, typer.Option("--now", help="Switch the live Service at once, then let `up` record it.")
    ] = False,
) -> None:
    """Go back to the other color, or of a rolling service to the release before. Run twice, it goes back and forth."""
    from cutover.errors import UsageError
    from cutover.operations.command.perform import perform

    if now and to:
        raise UsageError(
            "--now switches to the color that stands by; --to may have to start a release", "leave one out"
        )

    def carry_out(run: "Run") -> "Result":
        from cutover.operations.canary.canary import refuse_beside
        from cutover.operations.promote.fronts import back, move, units
        from cutover.operations.rollback.at_once import at_once, by_up_only

        if now:
            return at_once(run, services or [], everyone)
        refuse_beside(run.view, services or [])
        if fronts := units(run.view, services or []):
            if to:
                raise by_up_only(fronts)
            return move(run, "rollback", back(run, fronts))
        from cutover.operations.rollback.rollback import rollback as work

        return work(run, services or [], everyone, to)

    perform("rollback", options, carry_out)
