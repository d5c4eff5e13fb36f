"""`tidy`: scale down the colors whose time has come."""

from typing import TYPE_CHECKING

from cutover.options import Options
from cutover.shared_options import shared_options

if TYPE_CHECKING:
    from cutover.operations.command.run import Run
    from cutover.output.result import Result


@shared_options(changes=True)
def tidy(options: Options) -> None:
    """Scale down the colors that a cutover left and whose `scale_down_after` is over. No edit; for a schedule.

    Example: cutover tidy --stack 'prod-*' --yes
    """
    from cutover.operations.command.perform import perform

    def carry_out(run: "Run") -> "Result":
        from cutover.operations.tidy.tidy import tidy as work

        return work(run)

    perform("tidy", options, carry_out)
