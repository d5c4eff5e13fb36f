"""The services that an `up` would end. `--yes` alone ends none: a file that lost a line may mean a renamed service."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from cutover.errors import ClusterUnreachable, GateRefused

if TYPE_CHECKING:
    from cutover.observe.ending import Ending
    from cutover.operations.command.run import Run


def ending(run: "Run") -> "list[Ending]":
    """The services that the next `up` ends. Raises ClusterUnreachable."""
    from cutover.observe import Api, access_of
    from cutover.observe.ending import endings

    with Api(access_of(run.view)) as api:
        return endings(api, run.view)


def check_removals(run: "Run", allowed: Collection[str] = ()) -> None:
    """Raises GateRefused where an `up` would end a service that is not among `allowed`. Where the cluster cannot be
    asked, that is said, and the engine goes on: it reaches the cluster or fails.
    """
    try:
        found = ending(run)
    except ClusterUnreachable as error:
        run.report.say(f"whether this ends a service is not known: {error.what}", "warning")
        return
    for one in found:
        run.report.say(str(one), "warning")
    if refused := [one for one in found if one.name not in allowed]:
        flags = " ".join(f"--allow-removal {one.name}" for one in refused)
        raise GateRefused(
            "; ".join(map(str, refused)),
            f"put {', '.join(one.name for one in refused)} back into {run.file.path.name}; or end it: "
            f"`cutover up --stack {run.stack} {flags}`",
        )
