"""Scaling down the colors that were left, once `scale_down_after` is over; by an `up` that does nothing else."""

from contract.words import counted
from cutover.engine.records import Outcome
from cutover.errors import GateRefused
from cutover.observe.scale_down import ScaleDown
from cutover.operations.command.run import Run
from cutover.operations.up.change import change
from cutover.operations.up.missing import preview
from cutover.output.result import Result
from cutover.output.steps import WORKLOADS


def tidy(run: Run) -> Result:
    """The result: which colors were scaled down, and which keep their size until when. Raises GateRefused where the
    file has other changes, which nobody asked for here.
    """
    waiting = {name: seen.scale_down for name, seen in run.live().items() if seen.scale_down}
    due = {name: one for name, one in waiting.items() if one.due}
    lines = tuple(f"{name}: {one}" for name, one in waiting.items() if name not in due)
    run.note(scaled_down={name: one.color for name, one in due.items()})
    if not due:
        said = lines or (f"{run.stack}: no color waits to be scaled down; nothing to do",)
        return Result("tidy", run.stack, 0, False, said, details=run.details)
    _refuse_more(run, preview(run), due)
    what = ", ".join(f"{name} {one.color} to {counted(one.standby, 'pod')}" for name, one in due.items())
    run.confirm(f"scale down {what}")
    change(run, {}, {}, f"scale down {what}")
    return Result("tidy", run.stack, 0, True, (*lines, f"scaled down {what}"), details=run.details)


def _refuse_more(run: Run, outcome: Outcome, due: dict[str, ScaleDown]) -> None:
    """A schedule may not carry out an edit that waits for somebody."""
    more = [
        f"{step.op} {step.kind} {step.name}"
        for step in outcome.steps
        if step.moment == "begins"
        and step.changes
        and not (step.op == "update" and step.kind in WORKLOADS and step.service in due)
    ]
    if more:
        raise GateRefused(
            f"{run.file.path.name} has other changes than the scale-down ({', '.join(more)}); nothing was done",
            "`cutover plan` shows them, `cutover up` carries them out, and scales down as well",
        )
