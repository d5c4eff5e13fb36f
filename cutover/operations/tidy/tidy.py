"""Scaling down the colors that were left, once `scale_down_after` is over; by an `up` that does nothing else."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from contract.labels import COLOR, REVISION
from contract.words import counted
from cutover.engine.records import Outcome, Step
from cutover.errors import GateRefused
from cutover.operations.command.run import Run
from cutover.operations.up.change import change
from cutover.operations.up.missing import preview
from cutover.output.result import Result
from cutover.output.steps import WORKLOADS

if TYPE_CHECKING:
    from cutover.observe import ServiceStatus


def tidy(run: Run) -> Result:
    """The result: which colors were scaled down, and which keep their size until when. Raises GateRefused where the
    file has other changes, which nobody asked for here.
    """
    status = run.live()
    waiting = {name: seen.scale_down for name, seen in status.items() if seen.scale_down}
    due = {name: one for name, one in waiting.items() if one.due}
    lines = tuple(f"{name}: {one}" for name, one in waiting.items() if name not in due)
    run.note(scaled_down={name: one.color for name, one in due.items()})
    if not due:
        said = lines or (f"{run.stack}: no color waits to be scaled down; nothing to do",)
        return Result("tidy", run.stack, 0, False, said, details=run.details)
    _refuse_more(run, preview(run), {name: status[name] for name in due})
    what = ", ".join(f"{name} {one.color} to {counted(one.standby, 'pod')}" for name, one in due.items())
    run.confirm(f"scale down {what}")
    change(run, {}, {}, f"scale down {what}")
    return Result("tidy", run.stack, 0, True, (*lines, f"scaled down {what}"), details=run.details)


def _refuse_more(run: Run, outcome: Outcome, due: "Mapping[str, ServiceStatus]") -> None:
    """A schedule may not carry out an edit that waits for somebody."""
    more = [
        f"{step.op} {step.kind} {step.name}"
        for step in outcome.steps
        if step.moment == "begins" and step.changes and not _scales_down(step, due.get(step.service))
    ]
    if more:
        raise GateRefused(
            f"{run.file.path.name} has other changes than the scale-down ({', '.join(more)}); nothing was done",
            "`cutover plan` shows them, `cutover up` carries them out, and scales down as well",
        )


def _scales_down(step: Step, seen: "ServiceStatus | None") -> bool:
    """Whether a step does no more than give the color that is due its standby."""
    if seen is None or seen.scale_down is None or step.op != "update" or step.kind not in WORKLOADS:
        return False
    color, standby = seen.scale_down.color, seen.scale_down.standby
    # The spec alone: what a ReplicaSet is to wait for is in its annotations, and changes with the number.
    old, new = ((inputs or {}).get("spec") or {} for inputs in (step.old, step.new))
    labels = ((new.get("template") or {}).get("metadata") or {}).get("labels") or {}
    # A kept release has the same color, and another revision.
    its_own = labels.get(COLOR) == color and labels.get(REVISION) == seen.colors[color].revision
    fewer = new.get("replicas") == standby < (old.get("replicas") or 0)
    return its_own and fewer and {**old, "replicas": standby} == new
