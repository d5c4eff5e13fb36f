"""`abort`: a release that was not promoted is given up."""

from typing import Any

from contract.releases import other
from cutover.errors import UsageError
from cutover.operations.choice import refuse_split, without_canary
from cutover.operations.choice import services as named
from cutover.operations.command.run import Run
from cutover.operations.history.past import last_served_by
from cutover.operations.up.change import change
from cutover.operations.up.kept import kept_after
from cutover.operations.up.leftovers import tell_leftovers
from cutover.output.result import Result
from cutover.stackfile import ServiceView
from cutover.stackfile.edit import ABSENT
from cutover.strategies.releases import describe


def abort(run: Run, names: list[str], everyone: bool) -> Result:
    """The result: which releases were given up. Raises UsageError where a service is not deployed, DriftFound where a
    group is split: then no color is the one that stays live.
    """
    status = run.live()
    chosen = named(run.view, names, everyone=everyone)
    refuse_split(run.view, chosen, status)
    wanted: dict[tuple[str, ...], Any] = {}
    said: list[str] = []
    lines: list[str] = []
    for service in chosen:
        found = _given_up(run, service, status[service.name])
        if found is None:
            lines.append(f"{service.name}: no release waits; nothing to do")
            continue
        wanted |= found[0]
        said.append(found[1])
    if not wanted:
        return Result("abort", run.stack, 0, False, tuple(lines))
    what = "; ".join(said)
    run.confirm(f"abort {what}")
    before = {name: describe(view.beside_served) for name, view in run.view.switching.items()}
    change(run, wanted, {}, f"abort {what}")
    tell_leftovers(run)  # a release whose run was killed may have pods that no state has
    run.note(gave_up={name: before[name] for name in before if _idle_path(run, name) in wanted})
    return Result("abort", run.stack, 0, True, (*lines, f"gave up {what}"), details=run.details)


def _idle_path(run: Run, name: str) -> tuple[str, ...]:
    service = run.view.services[name]
    return service.slot_path(service.idle)


def _given_up(run: Run, service: ServiceView, seen: Any) -> tuple[dict[tuple[str, ...], Any], str] | None:
    """What the file has to say instead, and that in words; None where no release waits."""
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
    good = last_served_by(run.history, service.name, idle)
    wanted: dict[tuple[str, ...], Any] = {
        service.active_path: live,
        service.slot_path(idle): dict(good) if good else ABSENT,
        **without_canary([service]),
        **kept_after(service, seen, good),
    }
    back = f"back to {describe(good)}" if good else "to nothing"
    return wanted, f"{service.name} {idle} {describe(release)}, {back}"
