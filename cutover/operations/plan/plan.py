"""`plan`: the preview of the stack, or of it with releases promoted, in words."""

import tempfile
from pathlib import Path
from typing import Any

from cutover.engine.records import Outcome
from cutover.errors import ClusterUnreachable
from cutover.operations.choice import services, without_canary
from cutover.operations.command.run import Run
from cutover.operations.plan.planned import order_of, service_plan
from cutover.operations.promote.fronts import paths, promotable
from cutover.operations.promote.promotable import waiting
from cutover.operations.up.missing import preview
from cutover.operations.up.removal import ending
from cutover.output.result import Result
from cutover.stackfile import StackView
from cutover.stackfile.reader import read
from cutover.stackfile.view import parse_view


def plan(run: Run, promote: list[str]) -> Result:
    """The result: a plan per service, the steps in order, drift. `promote` names services, or is `all`. Raises
    ClusterUnreachable where a release is to be promoted and nobody can tell which one waits.
    """
    status: dict[str, Any] = {}
    unknown = ""
    ends: list[str] = []
    try:
        status = run.live()
        ends = [str(one) for one in ending(run)]
    except ClusterUnreachable as error:  # a plan may be made where the cluster is out of reach
        unknown = error.what
    if promote and unknown:
        raise ClusterUnreachable(f"which release waits is not known: {unknown}", "leave out --promote, or see above")
    view, outcome = _promoted(run, promote, status) if promote else (run.view, preview(run))
    plans = [service_plan(service, status.get(name), outcome.steps) for name, service in view.services.items()]
    steps = order_of(outcome.steps)
    # Where the plan changes things, what it changes is no drift: only what it would leave as it is.
    drift = [line for seen in status.values() for line in seen.drift] if not outcome.changed else []
    moved = [line for each in plans for line in each.warnings]
    run.note(
        services=[each.to_json() for each in plans],
        steps=steps,
        changes=dict(outcome.changes),
        drift=drift,
        ending=ends,
        cluster_known=not unknown,
    )
    lines = [line for each in plans for line in each.lines()]
    if steps:
        lines += ["", "in this order:", *(f"  {place}. {step}" for place, step in enumerate(steps, 1))]
    else:
        lines += ["", "no object would change"]
    lines += [f"warning: {text}" for text in (*ends, *moved, *drift)]
    if unknown:
        lines += [f"warning: what is live is not known: {unknown}"]
    return Result("plan", run.stack, 0, False, tuple(lines), details=run.details, plain=True)


def _promoted(run: Run, names: list[str], status: dict[str, Any]) -> tuple[StackView, Outcome]:
    """The stack as if its waiting releases were promoted: the preview of an edited copy of its file. A group may be
    named `all`.
    """
    everyone = names == ["all"] and not any(service.unit == "all" for service in run.view.services.values())
    if fronts := promotable(run.view, names):
        wanted = paths(run.view, fronts)
    else:
        targets, _ = waiting(services(run.view, [] if everyone else names, everyone=everyone), status)
        wanted = {run.view.services[name].active_path: color for name, color in targets.items()}
        wanted |= without_canary(run.view.services[name] for name in targets)
    content = run.file.content_with(wanted)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / run.file.path.name
        copy.write_bytes(content)
        outcome = preview(run, copy)
    return parse_view(read(content), run.file.path), outcome
