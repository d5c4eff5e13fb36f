"""The objects that somebody deleted: the engine compares with its own state, so it has to be told to look."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from cutover.errors import Missing

if TYPE_CHECKING:
    from cutover.engine.records import Outcome
    from cutover.observe import ServiceStatus
    from cutover.operations.command.run import Run


LOST = (
    "with {} went what was noted on it: which releases served, were refused or were left, which Jobs ran, and a limit "
    "to rollbacks that a release before the live one set. What stands beside counts as never served; the Jobs of a "
    "release may run again"
)


def up(run: "Run", message: str) -> "Outcome":
    """The engine's `up`; where it ends because an object is missing, once more with a refresh, which makes it again."""
    try:
        return run.engine.up(message)
    except Missing as missing:
        run.check_stopping()
        _say(run, missing)
        return run.engine.up(message, refresh=True)


def preview(run: "Run", config_file: Path | None = None) -> "Outcome":
    """The engine's preview, with a refresh where an object is missing."""
    try:
        return run.engine.preview(config_file)
    except Missing as missing:
        run.check_stopping()
        _say(run, missing)
        return run.engine.preview(config_file, refresh=True)


def with_live_services(run: "Run", names: Iterable[str]) -> "dict[str, ServiceStatus]":
    """The state of the services in the cluster, once a live Service that is missing beside its pods is there again:
    only then can be told where the traffic goes, and so where it may be sent.
    """
    from cutover.operations.up.change import change

    status = run.live()
    two = [name for name in names if run.view.services[name].switches]  # a rolling service has no live color
    lost = [name for name in two if status[name].live_color is None and _has_workload(status[name])]
    if not lost:
        return status
    what = f"make the live Service of {', '.join(lost)} again, as {run.file.path.name} says"
    run.confirm(what)
    run.report.say(f"there is no live Service of {', '.join(lost)}: nothing reaches its pods; first that is made again")
    change(run, {}, {}, what)
    for name in lost:
        del run.before[name]
    return run.live()


def _has_workload(seen: "ServiceStatus") -> bool:
    return any(color.role != "absent" for color in seen.colors.values())


def _say(run: "Run", missing: Missing) -> None:
    line = missing.what.splitlines()[0]
    run.report.say(f"{line}; looking at the cluster, to make it again", "warning")
    words = line.replace(",", " ").split()
    two = [name for name, service in run.view.services.items() if service.switches]
    if lost := [name for name in two if f"service/{name}" in words]:
        run.note(notes_lost=lost)
        run.report.say(LOST.format(" and ".join(f"service/{name}" for name in lost)), "warning")
