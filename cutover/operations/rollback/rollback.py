"""`rollback`: back to the other color, to the release before, to a kept one, or to what an earlier update had."""

from typing import TYPE_CHECKING, Any

from contract.releases import other, runs_release
from cutover.errors import UsageError
from cutover.operations.choice import of_any_kind, refuse_split, services
from cutover.operations.command.run import Run
from cutover.operations.rollback.named import standing_by
from cutover.operations.traffic.switch import forbidden
from cutover.operations.up.change import change
from cutover.operations.up.kept import kept_after
from cutover.operations.up.missing import with_live_services
from cutover.output.result import Result
from cutover.stackfile import ServiceView
from cutover.stackfile.file import Wanted
from cutover.strategies.releases import Release, describe, id_of, same
from cutover.strategies.service import again

if TYPE_CHECKING:
    from cutover.observe import ServiceStatus


def rollback(run: Run, names: list[str], everyone: bool, to: str | None) -> Result:
    """The result of going back: to the other color, of a rolling service to the release before, or `to` the releases
    that the update of that number had, or the release of that version that a service keeps. Raises UsageError where
    there is nothing to go back to, GateRefused where a release forbids it, DriftFound for a split group, and what
    `change` does.
    """
    run.expect_engine()
    number = int(to) if to and to.isdecimal() else None
    chosen = _chosen(run, names, everyone, number)
    status = with_live_services(run, [service.name for service in chosen])
    refuse_split(run.view, chosen, status)
    lines: list[str] = []
    targets: dict[str, str] = {}
    releases: dict[str, dict[str, Any]] = {}  # service -> slot -> release that has to be put there
    by_name = to if number is None else None
    goals = {s.name: goal_of(run, s, status[s.name], number, by_name) for s in chosen}
    away = {s.group for s in chosen if s.group and s.place(status[s.name].live_color, goals[s.name])}
    for service in chosen:
        live = status[service.name].live_color
        # Where one member of a group has to go to the other color, all go.
        found = service.place(live, goals[service.name], away=service.group in away)
        if found is None and service.half_rolled(status[service.name]):
            found = service.new_slot, again(goals[service.name])  # the file has it, the cluster has not
        if found is None:
            said = f"{live} is live with" if live else "it runs"
            lines.append(f"{service.name}: {said} that release already; nothing to do")
            continue
        slot, new = found
        if service.switches:
            targets[service.name] = slot
        if new:
            releases[service.name] = {slot: new}
    run.note(before={name: status[name].live_color for name in targets}, switched=targets)
    if not targets and not releases:
        return Result("rollback", run.stack, 0, False, tuple(lines), details=run.details)
    _refuse_forbidden(run, status, targets, releases)
    for line in lines:
        run.report.say(line)
    said = _to_text(run, targets, releases)
    run.confirm(f"roll back {said}")
    kept: Wanted = {}
    for name, slots in releases.items():
        kept = {**kept, **kept_after(run.view.services[name], status[name], next(iter(slots.values())))}
    return to_colors(run, targets, releases, "roll back ", kept)


def _refuse_forbidden(run: Run, status: Any, targets: dict[str, str], releases: dict[str, dict[str, Any]]) -> None:
    """Before anything is edited: raises GateRefused where a release forbids to go back past it."""
    places = targets | {name: place for name, slots in releases.items() for place in slots}
    for name, color in places.items():
        release = releases.get(name, {}).get(color) or run.view.services[name].colors.get(color)
        if limit := status[name].forbidden(describe(release)):
            raise forbidden(name, color, describe(release), limit)


def _chosen(run: Run, names: list[str], everyone: bool, number: int | None) -> list[ServiceView]:
    if names and (number or not everyone):
        return of_any_kind(run.view, names)
    if number is None:
        alone = list(run.view.services.values())
        return alone if len(alone) == 1 and not everyone else services(run.view, names, everyone=everyone)
    then = _update(run, number).services
    return [service for service in run.view.services.values() if service.name in then]


def _update(run: Run, number: int) -> Any:
    from cutover.operations.history.past import numbered

    return numbered(run.history, number)


def _role(seen: Any) -> str:
    """The role of the color that is not live: whether it stands by, or has a release that never served."""
    idle = seen.colors.get(other(seen.live_color)) if seen.live_color else None
    return str(idle.role) if idle else "absent"


def goal_of(
    run: Run, service: ServiceView, seen: "ServiceStatus", number: int | None = None, by_name: str | None = None
) -> Release:
    """The release to go back to: the one before, that of update `number`, or the one `by_name` that stands by. Raises
    UsageError where there is none.
    """
    from cutover.operations.history.past import served, served_before, services_of

    if by_name:
        return standing_by(service, seen, by_name)
    if number is not None:
        release = served(services_of(_update(run, number)).get(service.name))
        if not release:
            raise UsageError(f"update {number} had no {service.name}", "`cutover history` lists what each one had")
        return release
    if not service.switches:
        return _before_rolled(run, service, seen)
    live = seen.live_color
    if live is None:
        raise UsageError(f"{service.name} is not deployed, so there is nothing to go back from", "`cutover up`")
    idle = service.colors.get(other(live))
    if idle and _role(seen) == "standby":
        return idle
    release = served_before(run.history, service.name, lambda one: same(one, service.colors.get(live)))
    if not release:
        raise UsageError(
            f"{service.name}: no release before {live}'s took the traffic",
            f"`cutover promote {service.name}` goes on to the other color"
            if idle
            else f"`cutover release {service.name}` puts another one on the other color",
        )
    return release


def _before_rolled(run: Run, service: ServiceView, seen: "ServiceStatus") -> Release:
    """The release before the one that the cluster runs of a rolling service: of the newest update that went well and
    had another one. What is half rolled out is what the cluster is to run, so the way back is what was whole.
    """
    from cutover.operations.history.past import served_before

    runs = seen.colors.get(service.new_slot)
    if runs is None or not runs.revision:
        raise UsageError(f"{service.name} is not deployed, so there is nothing to go back from", "`cutover up`")

    def runs_now(one: Release) -> bool:  # the image of what was adopted is not told
        return runs_release(runs.revision, id_of(one)) and runs.image in ("", one.get("image"))

    release = served_before(run.history, service.name, runs_now)
    if not release:
        raise UsageError(
            f"{service.name}: no update in the history of {run.stack} had another release than {runs.release}, "
            "so which one ran before is not known",
            f"`cutover history` lists the updates; `cutover rollback {service.name} --to N` goes to what one had, "
            f"`cutover release {service.name} --roll-out …` to any release",
        )
    return release


def _to_text(run: Run, targets: dict[str, str], releases: dict[str, dict[str, Any]]) -> str:
    parts = []
    for name in {**targets, **releases}:
        service = run.view.services[name]
        slot = targets.get(name, service.new_slot)
        release = releases.get(name, {}).get(slot) or service.slots.get(slot)
        parts.append(" ".join(filter(None, (name, "to", service.color_of(slot), describe(release)))))
    return ", ".join(parts)


def to_colors(
    run: Run, targets: dict[str, str], releases: dict[str, dict[str, Any]], verb: str, more: Wanted | None = None
) -> Result:
    """The result of the edit and its `up`. `targets`: service -> color; `releases`: service -> slot -> what is written
    there; `more` is what else the file is to say; `verb` begins the message of the update.
    """
    from cutover.operations.traffic.notes import note

    views = run.view.services
    wanted: dict[tuple[str, ...], Any] = {views[name].active_path: color for name, color in targets.items()}
    wanted |= {views[name].slot_path(slot): new for name, slots in releases.items() for slot, new in slots.items()}
    said = _to_text(run, targets, releases)
    wanted |= more or {}
    change(run, wanted, targets, f"{verb}{said}")
    left = {name: other(color) for name, color in targets.items() if run.before.get(name) not in (None, color)}
    note(run, "rolled back", left, left, run.options.message or "")
    return Result("rollback", run.stack, 0, True, (f"rolled back {said}",), details=run.details)
