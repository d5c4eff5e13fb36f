"""`destroy`: delete all that the stack made."""

from typing import TYPE_CHECKING

from cutover.options import Options
from cutover.shared_options import shared_options

if TYPE_CHECKING:
    from cutover.operations.command.run import Run
    from cutover.output.result import Result


@shared_options(changes=True)
def destroy(options: Options) -> None:
    """Delete all that the stack made in the cluster. Its file, its history and its namespace stay. Refused where an
    object carries another stack's identity by now.
    """
    from cutover.operations.command.perform import perform

    def carry_out(run: "Run") -> "Result":
        from cutover.operations.destroy.destroy import destroy as work

        return work(run)

    perform("destroy", options, carry_out)
