"""`plan`: the cutover in words, from a real preview."""

from typing import TYPE_CHECKING, Any

from cutover.options import Options, shared_options

if TYPE_CHECKING:
    from cutover.output.result import Result
    from cutover.run.job import Job


@shared_options(changes=False)
def plan(options: Options) -> None:
    """Say what `up` would do: what is live, what would be, which gates run, what is scaled when, what is refused."""
    from cutover.run.perform import perform

    perform("plan", options, _run)


def _run(job: "Job") -> "Result":
    from cutover.errors import ClusterUnreachable
    from cutover.output.result import Result
    from cutover.run.planned import order_of, service_plan

    status: dict[str, Any] = {}
    unknown = ""
    try:
        status = job.live()
    except ClusterUnreachable as error:  # a plan may be made where the cluster is out of reach
        unknown = error.what
    outcome = job.engine.preview()
    plans = [service_plan(view, status.get(name), outcome.steps) for name, view in job.view.services.items()]
    steps = order_of(outcome.steps)
    drift = [line for seen in status.values() for line in seen.drift] if not outcome.changed else []
    moved = [line for each in plans for line in each["warnings"]]
    job.details |= {
        "services": plans,
        "steps": steps,
        "changes": dict(outcome.changes),
        "drift": drift,
        "clusterKnown": not unknown,
    }
    lines = [line for each in plans for line in _words(each)]
    if steps:
        lines += ["", "in this order:", *(f"  {place}. {step}" for place, step in enumerate(steps, 1))]
    else:
        lines += ["", "no object would change"]
    lines += [f"warning: {text}" for text in (*moved, *drift)]
    if unknown:
        lines += [f"warning: what is live is not known: {unknown}"]
    return Result("plan", job.stack, 0, False, tuple(lines), details=job.details, plain=True)


def _words(plan: dict[str, Any]) -> list[str]:
    lines = [f"{plan['name']} ({plan['strategy']})"]
    lines += [f"  live      {plan['live'] or 'nothing'}", f"  would be  {plan['wouldBe']}"]
    if plan["beside"]:
        lines.append(f"  beside    {plan['beside']}")
    lines.append(f"  traffic   {plan['traffic']}")
    if plan["gates"]:
        lines += [f"  {'gates' if place == 0 else '':<8}  {gate}" for place, gate in enumerate(plan["gates"])]
    return lines
