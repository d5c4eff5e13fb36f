"""A rollout that is watched: the release that has the traffic is measured, and the one before comes back by itself."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from cutover.errors import DriverError, GateRefused, Interrupted, UsageError
from cutover.operations.bake.bake import WITHOUT_PROBE, BakeBlind, BakeFailed, judged, rehearse, seen, watch
from cutover.operations.bake.bake_options import BakeOptions
from cutover.operations.bake.early_rollout import EarlyRolloutWatch
from cutover.operations.command.run import Run
from cutover.operations.up.commit import NotCommitted
from cutover.operations.up.way_back import go_back
from cutover.output.result import Result
from cutover.strategies.releases import Release, describe
from cutover.strategies.service import ServiceView, again

if TYPE_CHECKING:
    from cutover.measure import Verdict


def watched(run: Run, service: ServiceView, asked: BakeOptions, roll_out: Callable[[], Result]) -> Result:
    """Roll out a release, and watch it, its first pods already. A rollout that does not get through goes back as well.
    Raises what `roll_out` and `change` do, BakeFailed and BakeBlind.
    """
    name, slot, before = service.name, service.new_slot, service.served
    rehearse(run, {name: slot}, asked)
    early = EarlyRolloutWatch(run, service, asked)
    uncommitted: NotCommitted | None = None
    try:
        with early:
            made = roll_out()
    except NotCommitted as error:  # it is out, and watched first
        uncommitted, made = error, Result("release", run.stack, 0, True, ())
        run.report.say(str(error), "warning")
    except (GateRefused, Interrupted, UsageError):
        raise  # nothing was rolled out, or the user decides
    except DriverError as error:
        if not _half_out(run, service):
            raise
        raise _went_back(run, service, before, error.what) from error
    if early.verdict:
        run.note(bake=early.verdict.to_json())
        raise _went_back(run, service, before, early.verdict.reason)
    if not made.changed:
        return made
    for line in made.lines:
        run.report.say(line)
    verdict = judged(run, {name: slot}, watch(run, {name: slot}, asked))
    run.report.done_waiting()
    run.note(bake=verdict.to_json())
    if verdict.passed:
        return _holds(run, made, verdict, uncommitted)
    if verdict.blind:
        raise BakeBlind(
            f"{verdict.reason}\nnothing was taken back: that is no answer of the release; {name}: it stays live",
            WITHOUT_PROBE,
        )
    raise _went_back(run, service, before, verdict.reason)


def _holds(run: Run, made: Result, verdict: "Verdict", uncommitted: NotCommitted | None) -> Result:
    if uncommitted:
        uncommitted.what = "\n".join([uncommitted.what, *seen(verdict)])
        raise uncommitted
    return replace(made, lines=(*made.lines, *seen(verdict)), details=run.details)


def _half_out(run: Run, service: ServiceView) -> bool:
    """Whether a rollout that failed left pods of its release, so that the file says another one than the cluster."""
    try:
        return service.half_rolled(run.live()[service.name])
    except DriverError:
        return False


def _went_back(run: Run, service: ServiceView, before: Release, reason: str) -> DriverError:
    """The release before is rolled out again, unless nobody may go back to it; the error that tells. Raises BakeFailed
    as `go_back` does.
    """
    name, old = service.name, describe(before)
    if limit := _limit(run, name, old):
        return BakeFailed(
            f"{reason}\nnot gone back: {name}: {limit} forbids a rollback past it, and the release before is {old}; "
            f"{run.file.path.name} stays as it is, and what serves is bad",
            f"roll forward: `cutover release {name} --roll-out …` with a mended release of a higher version or build; "
            "where the data does allow the way back, docs/databases.md says how to lift this",
        )
    run.report.say(f"{reason}; going back", "error")
    message = f"roll back {name} to {old}: {reason}".splitlines()[0][:200]
    wanted = {service.slot_path(service.new_slot): again(before)}
    uncommitted = go_back(run, {name: old}, wanted, message, reason)
    run.note(reverted={name: old})
    return BakeFailed(
        f"{reason}\nwent back: {name} to {old} again, as {run.file.path.name} says\n{uncommitted}".rstrip(),
        f"mend the release, then `cutover release {name} --roll-out …` once more",
    )


def _limit(run: Run, name: str, old: str) -> str | None:
    try:
        return run.live()[name].forbidden(old)
    except DriverError:
        return None  # the program asks again, and refuses
