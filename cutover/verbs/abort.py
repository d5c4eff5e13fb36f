"""`abort`: give up a release that was not promoted."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cutover.options import Options
from cutover.shared_options import shared_options

if TYPE_CHECKING:
    from cutover.operations.command.job import Job
    from cutover.output.result import Result
    from cutover.stackfile import ServiceView


@shared_options(changes=True)
def abort(
    options: Options,
    services: Annotated[list[str] | None, typer.Argument(help="The services; none where there is only one.")] = None,
    everyone: Annotated[bool, typer.Option("--all", help="Every service.")] = False,
) -> None:
    """Give up a release that never took the traffic: its color gets back its last good one, or none. Live stays."""
    from cutover.operations.command.perform import perform

    perform("abort", options, lambda job: _run(job, services or [], everyone))


def _run(job: "Job", names: list[str], everyone: bool) -> "Result":
    from cutover.operations.choice import services as chosen
    from cutover.operations.up.change import change
    from cutover.output.result import Result
    from cutover.strategies.releases import describe

    status = job.live()
    wanted: dict[tuple[str, ...], Any] = {}
    said: list[str] = []
    lines: list[str] = []
    for service in chosen(job.view, names, everyone=everyone):
        found = _given_up(job, service, status[service.name])
        if found is None:
            lines.append(f"{service.name}: no release waits; nothing to do")
            continue
        wanted |= found[0]
        said.append(found[1])
    if not wanted:
        return Result("abort", job.stack, 0, False, tuple(lines))
    what = "; ".join(said)
    job.confirm(f"abort {what}")
    before = {name: describe(view.colors.get(view.idle)) for name, view in job.view.services.items() if view.blue_green}
    change(job, wanted, {}, f"abort {what}")
    job.details["gaveUp"] = {name: before[name] for name in before if _idle_path(job, name) in wanted}
    return Result("abort", job.stack, 0, True, (*lines, f"gave up {what}"), details=job.details)


def _idle_path(job: "Job", name: str) -> tuple[str, ...]:
    service = job.view.services[name]
    return service.slot_path(service.idle)


def _given_up(job: "Job", service: "ServiceView", seen: Any) -> tuple[dict[tuple[str, ...], Any], str] | None:
    """What the file has to say instead, and that in words; None where no release waits."""
    from contract.releases import other
    from cutover.errors import UsageError
    from cutover.operations.choice import without_canary
    from cutover.operations.history.past import last_served_by
    from cutover.stackfile.edit import ABSENT
    from cutover.strategies.releases import describe

    live = seen.live_color
    if live is None:
        raise UsageError(
            f"{service.name} is not deployed: no release is live beside the one to give up", "`cutover up`"
        )
    idle = other(live)
    release, there = service.colors.get(idle), seen.colors.get(idle)
    fits = there is not None and release is not None and there.release == describe(release)
    if service.active == live and ((there is None or there.role == "absent") and not release):
        return None
    if service.active == live and fits and there.role == "standby":
        return None
    good = last_served_by(job.history, service.name, idle)
    wanted: dict[tuple[str, ...], Any] = {
        service.active_path: live,
        service.slot_path(idle): dict(good) if good else ABSENT,
        **without_canary([service]),
    }
    back = f"back to {describe(good)}" if good else "to nothing"
    return wanted, f"{service.name} {idle} {describe(release)}, {back}"
