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
    judged,
    no_way_back,
    seen,
    switch_back,
    watch,
)
from cutover.operations.bake.bake_options import BakeOptions
from cutover.operations.bake.early import EarlySwitchWatch
from cutover.operations.choice import without_canary
from cutover.operations.command.run import Run
from cutover.operations.traffic.notes import note
from cutover.operations.up.change import change
from cutover.operations.up.commit import NotCommitted
from cutover.operations.up.way_back import go_back
from cutover.output.result import Result
from cutover.strategies.releases import describe

if TYPE_CHECKING:
    from cutover.measure import Verdict
    from cutover.operations.bake.load import UnderLoad
    from cutover.stackfile.file import Wanted


def what_moves(run: Run, targets: Mapping[str, str]) -> str:
    """`shop to green 1.5.0 build 3`, for each service and the color that it goes to."""
    views = run.view.services
    return ", ".join(f"{name} to {color} {describe(views[name].colors.get(color))}" for name, color in targets.items())


def cut_over(
    run: Run,
    targets: Mapping[str, str],
    asked: BakeOptions | None,
    traffic: "UnderLoad | None" = None,
    idle_lines: Sequence[str] = (),
) -> Result:
    """Send each service's traffic to its color, and watch it where that is `asked`. `idle_lines` are of others.

    Raises what `change` does, BakeFailed and BakeBlind. What was not committed is watched first.
    """
    views, what = run.view.services, what_moves(run, targets)
    ended = without_canary(views[name] for name in targets)
    run.report.say(f"switching {what}")
    early = EarlySwitchWatch(run, targets, asked) if asked else None
    uncommitted: NotCommitted | None = None
    try:
        wanted: Wanted = {views[name].active_path: color for name, color in targets.items()}
        with early or nullcontext():
            change(run, {**wanted, **ended}, targets, f"promote {what}")
    except GateRefused as refused:
        note(run, "refused", targets, targets, refused.what)
        raise
    except NotCommitted as error:
        uncommitted = error
        run.report.say(str(error), "warning")
    if early and early.verdict:
        run.note(bake=early.verdict.to_json())
        if traffic:
            traffic.goes_back()
        raise _revert(run, targets, ended, early.verdict, is_back=early.is_back)
    live = [f"{name}: {c} is live with {describe(views[name].colors.get(c))}" for name, c in targets.items()]
    watched = _bake(run, targets, ended, asked, traffic) if asked else ()
    if uncommitted:
        uncommitted.what = "\n".join([uncommitted.what, *live, *watched])
        raise uncommitted
    return Result("promote", run.stack, 0, True, (*idle_lines, *live, *watched), details=run.details)


def _bake(
    run: Run, targets: Mapping[str, str], ended: "Wanted", asked: BakeOptions, traffic: "UnderLoad | None"
) -> list[str]:
    verdict = judged(run, targets, watch(run, targets, asked, traffic.load if traffic else None))
    run.report.done_waiting()
    run.note(bake=verdict.to_json())
    if verdict.passed:
        return seen(verdict)
    if verdict.blind:
        live = ", ".join(f"{name}: {color} stays live" for name, color in targets.items())
        raise BakeBlind(
            f"{verdict.reason}\nnothing was sent back: that is no answer of the release; {live}", WITHOUT_PROBE
        )
    if traffic:
        traffic.goes_back()
    raise _revert(run, targets, ended, verdict)


def _revert(
    run: Run, targets: Mapping[str, str], ended: "Wanted", verdict: "Verdict", *, is_back: bool = False
) -> DriverError:
    """Go back at once through the API server, where that is not done, then let `up` record it. `ended` takes canaries
    out of the file: a bad release is not to get the share back that it had before. Raises BakeFailed as `go_back` does.
    """
    back = {name: other(color) for name, color in targets.items()}
    if refused := no_way_back(run, back):
        raise BakeFailed(
            f"{verdict.reason}\nnot gone back: {refused}; {run.file.path.name} stays as it is, and what serves is bad",
            f"roll forward: {'; '.join(map(_forward, back))}; where the data does allow the way back, "
            "docs/databases.md says how to lift this",
        )
    if not is_back:
        run.report.say(f"{verdict.reason}; going back", "error")
        try:
            switch_back(run, back)
        except DriverError as error:  # cold, or out of reach: `up` warms it up first
            run.report.say(f"not at once: {error}", "warning")
    wanted: Wanted = {run.view.services[name].active_path: color for name, color in back.items()}
    what = ", ".join(f"{name} to {color}" for name, color in back.items())
    message = f"roll back {what}: {verdict.reason}".splitlines()[0][:200]
    try:
        uncommitted = go_back(run, back, {**wanted, **ended}, message, verdict.reason)
    finally:
        note(run, "reverted", back, targets, verdict.reason)
    run.note(reverted=back)
    return BakeFailed(
        f"{verdict.reason}\nwent back: {what} again, as {run.file.path.name} says\n{uncommitted}".rstrip(),
        "look at the release on its own color's Service; "
        f"{' and '.join(f'`cutover release {name}`' for name in back)} puts a mended one there",
    )


def _forward(name: str) -> str:
    return f"`cutover release {name}` with a mended release of a higher version or build, then `cutover promote {name}`"
