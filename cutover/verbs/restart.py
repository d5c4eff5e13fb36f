"""`restart`: stop all pods of services in turn, so that new ones take their place."""

from typing import TYPE_CHECKING, Annotated

import typer

from cutover.options import Options
from cutover.shared_options import shared_options

if TYPE_CHECKING:
    from cutover.operations.command.run import Run
    from cutover.output.result import Result


@shared_options(changes=True)
def restart(
    options: Options,
    services: Annotated[list[str] | None, typer.Argument(help="The services; none where there is only one.")] = None,
) -> None:
    """Restart the pods of a service in turn, by eviction: budgets count, all others are ready meanwhile. No edit.

    For what a pod reads only when it starts: a Secret or a ConfigMap of others, a certificate.

    Example: cutover restart storefront --yes
    """
    from cutover.operations.command.perform import perform

    def carry_out(run: "Run") -> "Result":
        from cutover.operations.restart.restart import restart as restarted

        return restarted(run, services or [])

    perform("restart", options, carry_out)
