"""The cutover of a promotion: edit, `up`, watch, and the way back by itself when a measurement fails."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING

from contract.releases import other
from cutover.errors import DriverError, GateRefused
from cutover.operations.bake.bake import (
    WITHOUT_PROBE,
    BakeBlind,
    BakeFailed,
    dead,
    no_way_back,
    out_of_order,
    switch_back,
    watch,
)
from cutover.operations.bake.bake_options import BakeOptions
from cutover.operations.bake.early import EarlyWatch
from cutover.operations.choice import without_canary
from cutover.operations.command.job import Job
from cutover.operations.traffic.notes import note
from cutover.operations.up.change import change
from cutover.output.result import Result
from cutover.strategies.releases import describe

if TYPE_CHECKING:
    from cutover.measure import Verdict
    from cutover.operations.bake.load import UnderLoad
    from cutover.stackfile.file import Wanted


def what_moves(job: Job, targets: Mapping[str, str]) -> str:
    """`shop to green 1.5.0 build 3`, for each service and the color that it goes to."""
    views = job.view.services
    return ", ".join(f"{name} to {color} {describe(views[name].colors.get(color))}" for name, color in targets.items())


def cut_over(
    job: Job,
    targets: Mapping[str, str],
    asked: BakeOptions | None,
    traffic: "UnderLoad | None" = None,
    idle_lines: Sequence[str] = (),
) -> Result:
    """Send each service's traffic to its color, and watch it where that is `asked`. `idle_lines` are of others.

    Raises what `change` does, BakeFailed and BakeBlind.
    """
    views, what = job.view.services, what_moves(job, targets)
    ended = without_canary(views[name] for name in targets)
    job.report.say(f"switching {what}")
    early = EarlyWatch(job, targets, asked) if asked else None
    try:
        wanted: Wanted = {views[name].active_path: color for name, color in targets.items()}
        with early or nullcontext():
            change(job, {**wanted, **ended}, targets, f"promote {what}")
    except GateRefused as refused:
        note(job, "refused", targets, targets, refused.what)
        raise
    if early and early.verdict:
        job.note(bake=early.verdict.to_json())
        if traffic:
            traffic.goes_back()
        raise _revert(job, targets, ended, early.verdict, is_back=early.is_back)
    live = [f"{name}: {c} is live with {describe(views[name].colors.get(c))}" for name, c in targets.items()]
    watched = _bake(job, targets, ended, asked, traffic) if asked else ()
    return Result("promote", job.stack, 0, True, (*idle_lines, *live, *watched), details=job.details)


def _bake(
    job: Job, targets: Mapping[str, str], ended: "Wanted", asked: BakeOptions, traffic: "UnderLoad | None"
) -> list[str]:
    verdict = watch(job, targets, asked, traffic.load if traffic else None)
    job.report.done_waiting()
    job.note(bake=verdict.to_json())
    if verdict.passed:
        return [f"watched for {verdict.seconds:.0f} s:", *(f"  {summary}" for summary in verdict.summaries)]
    if verdict.blind:
        if not (outage := dead(job, targets)):
            live = ", ".join(f"{name}: {color} stays live" for name, color in targets.items())
            raise BakeBlind(
                f"{verdict.reason}\nnothing was sent back: that is no answer of the release; {live}", WITHOUT_PROBE
            )
        verdict = out_of_order(verdict, outage)
        job.note(bake=verdict.to_json())
    if traffic:
        traffic.goes_back()
    raise _revert(job, targets, ended, verdict)


def _revert(
    job: Job, targets: Mapping[str, str], ended: "Wanted", verdict: "Verdict", *, is_back: bool = False
) -> DriverError:
    """Go back at once through the API server, where that is not done, then let `up` record it. `ended` takes canaries
    out of the file: a bad release is not to get the share back that it had before.
    """
    back = {name: other(color) for name, color in targets.items()}
    if refused := no_way_back(job, back):
        raise BakeFailed(
            f"{verdict.reason}\nnot gone back: {refused}; {job.file.path.name} stays as it is, and what serves is bad",
            f"roll forward: {'; '.join(map(_forward, back))}; where the data does allow the way back, "
            "docs/databases.md says how to lift this",
        )
    if not is_back:
        job.report.say(f"{verdict.reason}; going back", "error")
        try:
            switch_back(job, back)
        except DriverError as error:  # cold, or out of reach: `up` warms it up first
            job.report.say(f"not at once: {error}", "warning")
    wanted: Wanted = {job.view.services[name].active_path: color for name, color in back.items()}
    what = ", ".join(f"{name} to {color}" for name, color in back.items())
    change(job, {**wanted, **ended}, back, f"roll back {what}: {verdict.reason}".splitlines()[0][:200])
    job.note(reverted=back)
    note(job, "reverted", back, targets, verdict.reason)
    return BakeFailed(
        f"{verdict.reason}\nwent back: {what} again, as {job.file.path.name} says",
        "look at the release on its own color's Service; "
        f"{' and '.join(f'`cutover release {name}`' for name in back)} puts a mended one there",
    )


def _forward(name: str) -> str:
    return f"`cutover release {name}` with a mended release of a higher version or build, then `cutover promote {name}`"
