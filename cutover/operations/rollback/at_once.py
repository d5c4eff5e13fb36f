"""`rollback --now`: the live Service is switched first, then an `up` records it."""

import time
from typing import TYPE_CHECKING, Any

from cutover.errors import UsageError
from cutover.observe.connection import Api
from cutover.observe.kubeconfig import access_of
from cutover.observe.live import look
from cutover.operations.canary.canary import refuse_at_once, refuse_beside
from cutover.operations.choice import services
from cutover.operations.command.run import Run
from cutover.operations.promote.fronts import units
from cutover.operations.rollback.together import Moves, moves_of
from cutover.operations.traffic.switch import switch_now
from cutover.operations.up.change import settled
from cutover.operations.up.commit import check_repository
from cutover.output.result import Result
from cutover.stackfile import ServiceView

if TYPE_CHECKING:
    from cutover.observe import ServiceStatus


def by_up_only(fronts: list[str]) -> UsageError:
    """The refusal of --now, or of --to, for what a front sends to."""
    return UsageError(f"{', '.join(fronts)} goes back to where it was before, by an `up`", "leave out --now and --to")


def at_once(run: Run, names: list[str], everyone: bool) -> Result:
    """The result: where each live Service sends to, and the seconds until it did. Nothing is imported or asked before
    the switch that it does not need. Raises UsageError, GateRefused, DriftFound, ClusterUnreachable and what `change`
    does.
    """
    refuse_beside(run.view, names)
    if fronts := units(run.view, names):
        raise by_up_only(fronts)
    chosen = services(run.view, names, everyone=everyone)
    refuse_at_once(chosen)
    if run.options.commit:
        check_repository(run.file.path)
    run.confirm("switch " + ", ".join(service.name for service in chosen) + " back to the other color, at once")
    run.check_stopping()
    begun = time.monotonic()
    wanted: dict[tuple[str, ...], Any] = {}
    # What was moved is written into the file whatever ends this, else the next `up` would undo it.
    with settled(run, wanted, run.moved, "roll back at once"):
        with Api(access_of(run.view)) as api:
            for service, color in _moves(run, api, chosen):
                done = switch_now(api, run.view, service, color, run.remember, lambda seen: _instead(run, seen))
                run.moved[done.service] = done.color
                wanted[service.active_path] = done.color
                run.changed = True
                run.report.say(
                    f"{done.service}: {done.color} {done.revision} takes the traffic, {done.ready} pods ready", "ok"
                )
        run.note(
            before={name: run.before[name] for name in run.moved},
            switched=dict(run.moved),
            switch_seconds=round(time.monotonic() - begun, 3),
        )
        run.report.say("traffic is back; recording it")
        from cutover.operations.rollback.rollback import to_colors

        return to_colors(run, dict(run.moved), {}, "roll back at once: ")


def _moves(run: Run, api: Api, chosen: list[ServiceView]) -> Moves:
    if len(chosen) == 1:
        return [(chosen[0], None)]  # it is looked at as it moves
    status = run.remember(look(api, run.view))
    return moves_of(run.view, chosen, status, run.report.say, lambda seen: _instead(run, seen))


def _instead(run: Run, seen: "ServiceStatus") -> str:
    """The fix where no pod is there to go back to at once: the way back by an `up`, or why there is none."""
    from cutover.operations.rollback.rollback import goal_of
    from cutover.strategies.releases import describe

    service = run.view.services[seen.name]
    if service.group and any(run.view.services[name].group == service.group for name in run.moved):
        return f"`cutover up` takes {seen.name} along, to the color that {run.file.path.name} then says"
    try:
        goal = goal_of(run, service, seen)
    except UsageError as none:
        return none.fix
    return f"without --now, `cutover rollback {service.unit}` brings {describe(goal)} up first"
