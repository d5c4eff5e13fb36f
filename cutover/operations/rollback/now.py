"""`rollback --now`: the live Services are moved past the engine, then `up` records it."""

import time
from typing import TYPE_CHECKING, Any

from cutover.errors import UsageError
from cutover.observe.connection import Api
from cutover.observe.kubeconfig import access_of
from cutover.operations.canary.canary import refuse_at_once, refuse_beside
from cutover.operations.choice import services
from cutover.operations.promote.fronts import units
from cutover.operations.rollback.record import to_colors
from cutover.operations.traffic.switch import check_all, switch_now
from cutover.operations.up.change import settled

if TYPE_CHECKING:
    from cutover.operations.command.job import Job
    from cutover.output.result import Result


def back_by_up(fronts: list[str]) -> UsageError:
    """The refusal of --now, or of --to, for what a front sends to."""
    return UsageError(f"{', '.join(fronts)} goes back to where it was before, by an `up`", "leave out --now and --to")


def roll_back_now(job: "Job", names: list[str], everyone: bool) -> "Result":
    """The switch first: nothing is loaded or asked before it that it does not need. Raises UsageError, GateRefused."""
    refuse_beside(job.view, names)
    if fronts := units(job.view, names):
        raise back_by_up(fronts)
    chosen = services(job.view, names, everyone=everyone)
    refuse_at_once(chosen)
    job.confirm("switch " + ", ".join(service.name for service in chosen) + " back to the other color, at once")
    begun = time.monotonic()
    wanted: dict[tuple[str, ...], Any] = {}
    # What was moved is written into the file whatever ends this, else the next `up` would undo it.
    with settled(job, wanted, job.moved, "roll back at once"):
        with Api(access_of(job.view)) as api:
            if len(chosen) > 1:
                check_all(api, job.view, chosen)
            for service in chosen:
                done = switch_now(api, job.view, service, None, job.remember)
                job.moved[done.service] = done.color
                wanted[service.active_path] = done.color
                job.changed = True
                job.report.say(
                    f"{done.service}: {done.color} {done.revision} takes the traffic, {done.ready} pods ready", "ok"
                )
        job.details |= {
            "before": {name: job.before[name] for name in job.moved},
            "switched": dict(job.moved),
            "switchSeconds": round(time.monotonic() - begun, 3),
        }
        job.report.say("traffic is back; recording it")
        return to_colors(job, dict(job.moved), {}, "roll back at once: ")
