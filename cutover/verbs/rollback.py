"""`rollback`: back to the other color, or to the release that an earlier update had."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cutover.options import Options
from cutover.shared_options import shared_options

if TYPE_CHECKING:
    from cutover.operations.command.job import Job
    from cutover.output.result import Result
    from cutover.stackfile import ServiceView


@shared_options(changes=True)
def rollback(
    options: Options,
    services: Annotated[list[str] | None, typer.Argument(help="The services; none where there is only one.")] = None,
    everyone: Annotated[bool, typer.Option("--all", help="Every service that has somewhere to go back to.")] = False,
    to: Annotated[int | None, typer.Option(min=1, help="To the release that this update of `history` had.")] = None,
    now: Annotated[
        bool, typer.Option("--now", help="Switch the live Service at once, then let `up` record it.")
    ] = False,
) -> None:
    """Go back to the other color, or to the release that update N had. Run twice, it goes back and forth again."""
    from cutover.errors import UsageError
    from cutover.operations.command.perform import perform

    if now and to:
        raise UsageError(
            "--now switches to the color that stands by; --to may have to start a release", "leave one out"
        )

    def run(job: "Job") -> "Result":
        from cutover.operations.canary.canary import refuse_beside
        from cutover.operations.promote.fronts import back, move, units
        from cutover.operations.rollback.now import back_by_up, roll_back_now

        if now:
            return roll_back_now(job, services or [], everyone)
        refuse_beside(job.view, services or [])
        if fronts := units(job.view, services or []):
            if to:
                raise back_by_up(fronts)
            return move(job, "rollback", back(job, fronts))
        return _run(job, services or [], everyone, to)

    perform("rollback", options, run)


def _run(job: "Job", names: list[str], everyone: bool, number: int | None) -> "Result":
    from cutover.operations.rollback.record import to_colors, to_text
    from cutover.operations.up.missing import with_live_services
    from cutover.output.result import Result

    chosen = _chosen(job, names, everyone, number)
    status = with_live_services(job, [service.name for service in chosen])
    lines: list[str] = []
    targets: dict[str, str] = {}
    releases: dict[str, dict[str, Any]] = {}  # service -> slot -> release that has to be put there
    goals = {s.name: _goal(job, s, status[s.name].live_color, number, role=_role(status[s.name], s)) for s in chosen}
    away = {s.group for s in chosen if s.group and _place(s, status[s.name].live_color, goals[s.name])}
    for service in chosen:
        live = status[service.name].live_color
        # Where one member of a group has to go to the other color, all go.
        found = _place(service, live, goals[service.name], away=service.group in away)
        if found is None and _half_rolled(service, status[service.name]):
            found = "release", _again(goals[service.name])  # the file has it, the cluster has not
        if found is None:
            said = f"{live} is live with" if live else "it runs"
            lines.append(f"{service.name}: {said} that release already; nothing to do")
            continue
        slot, new = found
        if service.blue_green:
            targets[service.name] = slot
        if new:
            releases[service.name] = {slot: new}
    job.details |= {"before": {name: status[name].live_color for name in targets}, "switched": targets}
    if not targets and not releases:
        return Result("rollback", job.stack, 0, False, tuple(lines), details=job.details)
    _refuse_forbidden(job, status, targets, releases)
    for line in lines:
        job.report.say(line)
    said = to_text(job, targets, releases)
    job.confirm(f"roll back {said}")
    return to_colors(job, targets, releases, "roll back ")


def _half_rolled(service: "ServiceView", seen: Any) -> bool:
    """Whether a rolling service has other pods than the file says: a release that failed put the file back alone."""
    return not service.blue_green and bool(seen.differences or not seen.completed)


def _refuse_forbidden(job: "Job", status: Any, targets: dict[str, str], releases: dict[str, dict[str, Any]]) -> None:
    """Before anything is edited: raises GateRefused where a release forbids to go back past it."""
    from cutover.operations.traffic.switch import forbidden
    from cutover.strategies.releases import describe

    places = targets | {name: place for name, slots in releases.items() for place in slots}
    for name, color in places.items():
        release = releases.get(name, {}).get(color) or job.view.services[name].colors.get(color)
        if limit := status[name].forbidden(describe(release)):
            raise forbidden(name, color, describe(release), limit)


def _chosen(job: "Job", names: list[str], everyone: bool, number: int | None) -> "list[ServiceView]":
    from cutover.operations.choice import of_any_kind, services

    if number is None:
        return services(job.view, names, everyone=everyone)
    if names:
        return of_any_kind(job.view, names)
    then = _update(job, number).services
    return [service for service in job.view.services.values() if service.name in then]


def _update(job: "Job", number: int) -> Any:
    from cutover.operations.history.past import numbered

    return numbered(job.history, number)


def _role(seen: Any, service: "ServiceView") -> str:
    """The role of the color that is not live: whether it stands by, or has a release that never served."""
    from contract.releases import other

    idle = seen.colors.get(other(seen.live_color)) if service.blue_green and seen.live_color else None
    return str(idle.role) if idle else "absent"


def _goal(job: "Job", service: "ServiceView", live: str | None, number: int | None, *, role: str) -> Any:
    """The release to go back to. Raises UsageError where there is none."""
    from contract.releases import other
    from cutover.errors import UsageError
    from cutover.operations.history.past import served, served_before, services_of

    if number is not None:
        release = served(services_of(_update(job, number)).get(service.name))
        if not release:
            raise UsageError(f"update {number} had no {service.name}", "`cutover history` lists what each one had")
        return release
    if live is None:
        raise UsageError(f"{service.name} is not deployed, so there is nothing to go back from", "`cutover up`")
    idle = service.colors.get(other(live))
    if idle and role == "standby":
        return idle
    release = served_before(job.history, service.name, service.colors.get(live))
    if not release:
        raise UsageError(
            f"{service.name}: no release before {live}'s took the traffic",
            "`cutover promote` goes on to the other color",
        )
    return release


def _place(service: "ServiceView", live: str | None, release: Any, *, away: bool = False) -> tuple[str, Any] | None:
    """The color (or `release`) that shall have the release, and what has to be written there; None: it serves."""
    from contract.releases import other
    from cutover.strategies.releases import same

    if not service.blue_green:
        return None if same(service.release, release) else ("release", _again(release))
    assert live is not None  # noqa: S101 - a service without a live color has no way back
    stays = same(service.colors.get(live), release) and not away
    if stays and service.active == live:
        return None
    target = live if stays else other(live)
    return target, None if same(service.colors.get(target), release) else _again(release)


def _again(release: Any) -> dict[str, Any]:
    """A release that is brought up once more: where it was adopted, that Deployment is gone."""
    return {key: value for key, value in release.items() if key != "adopt"}
