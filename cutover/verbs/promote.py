"""`promote`: send the traffic to the release that waits on the idle color; watch it, and go back by itself."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from cutover.durations import seconds_of
from cutover.load_options import LoadRate, LoadUrl, asked_load
from cutover.options import Options, shared_options

if TYPE_CHECKING:
    from cutover.errors import DriverError
    from cutover.measure import Verdict
    from cutover.output.result import Result
    from cutover.run.bake_options import BakeOptions
    from cutover.run.job import Job
    from cutover.run.load import UnderLoad
    from cutover.stackfile.file import Wanted


@shared_options(changes=True)
def promote(
    options: Options,
    services: Annotated[list[str] | None, typer.Argument(help="The services; none where there is only one.")] = None,
    everyone: Annotated[bool, typer.Option("--all", help="Every service that has a release waiting.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Also to a release that a rollback or a failed bake has left.")
    ] = False,
    bake: Annotated[str, typer.Option(help="Watch for so long after the switch (90, 90s, 5m), and revert.")] = "0s",
    interval: Annotated[str, typer.Option(help="Time between two looks.")] = "1s",
    probe: Annotated[bool, typer.Option(help="Ask the live Service itself, by its smoke check's rules.")] = True,
    probe_url: Annotated[list[str] | None, typer.Option(help="Also ask this URL; it has to answer 200.")] = None,
    prometheus: Annotated[str | None, typer.Option(help="Address of a Prometheus.")] = None,
    query: Annotated[list[str] | None, typer.Option(help="NAME=PROMQL<LIMIT, for --prometheus.")] = None,
    load: LoadUrl = None,
    load_rate: LoadRate = None,
    failure_limit: Annotated[int, typer.Option(min=0, help="Failures of one measurement that are let pass.")] = 0,
    weight: Annotated[
        int | None,
        typer.Option(min=0, max=100, help="A canary: only so many percent of the service's route; 0 ends it."),
    ] = None,
) -> None:
    """Gates, switch, verify, drain: the idle color's release takes the traffic. With --bake, revert if it turns bad."""
    from cutover.run.perform import perform

    seconds, interval_seconds = seconds_of(bake, "--bake"), seconds_of(interval, "--interval")

    def run(job: "Job") -> "Result":
        from cutover.run.bake_options import BakeOptions

        if weight is not None:
            from cutover.run.canary import set_weight

            watches = bool(probe_url or prometheus or query)
            beside = {"--bake": seconds, "--load": load, "--all": everyone, "--again": again, "measurements": watches}
            return set_weight(job, services or [], weight, [name for name, given in beside.items() if given])
        traffic = asked_load(load, load_rate, failure_limit, seconds)
        asked = BakeOptions(
            seconds, interval_seconds, probe, tuple(probe_url or ()), prometheus, tuple(query or ()), failure_limit
        )
        asked.check(load=traffic is not None)
        return _run(job, services or [], everyone, asked if seconds else None, traffic, again=again)

    perform("promote", options, run)


def _run(
    job: "Job",
    names: list[str],
    everyone: bool,
    asked: "BakeOptions | None",
    traffic: "UnderLoad | None",
    *,
    again: bool,
) -> "Result":
    from cutover.errors import GateRefused, UsageError
    from cutover.output.result import Result
    from cutover.run.canary import without_canary
    from cutover.run.change import change
    from cutover.run.choice import describe
    from cutover.run.choice import services as chosen
    from cutover.run.fronts import move, promotable
    from cutover.run.missing import with_live_services
    from cutover.run.notes import note
    from cutover.run.promotable import waiting

    if targets := promotable(job.view, names):
        if asked:
            raise UsageError("--bake watches a cutover between colors", "leave it out; `cutover rollback` goes back")
        return move(job, "promote", targets, traffic)
    services = chosen(job.view, names, everyone=everyone)
    status = with_live_services(job, [service.name for service in services])
    targets, idle_lines = waiting(services, status, again=again)
    before = {name: status[name].live_color for name in targets}
    job.details |= {"before": before, "switched": targets}
    if not targets:
        return Result("promote", job.stack, 0, False, tuple(idle_lines) or ("no release waits; nothing to do",))
    views = job.view.services
    what = ", ".join(f"{name} to {color} {describe(views[name].colors.get(color))}" for name, color in targets.items())
    job.confirm(f"switch {what}")
    for line in idle_lines:
        job.report.say(line)

    if asked:
        from cutover.run.bake import rehearse

        rehearse(job, before, asked)

    def work() -> "Result":
        job.report.say(f"switching {what}")
        try:
            wanted: Wanted = {views[name].active_path: color for name, color in targets.items()}
            change(job, {**wanted, **without_canary(views[name] for name in targets)}, targets, f"promote {what}")
        except GateRefused as refused:
            note(job, "refused", targets, targets, refused.what)
            raise
        live = [f"{name}: {c} is live with {describe(views[name].colors.get(c))}" for name, c in targets.items()]
        watched = _bake(job, targets, before, asked, traffic) if asked else ()
        return Result("promote", job.stack, 0, True, (*idle_lines, *live, *watched), details=job.details)

    return traffic.run(job, work) if traffic else work()


def _bake(
    job: "Job",
    targets: dict[str, str],
    before: dict[str, str | None],
    asked: "BakeOptions",
    traffic: "UnderLoad | None",
) -> list[str]:
    from cutover.run.bake import watch

    verdict = watch(job, targets, asked, traffic.load if traffic else None)
    job.report.done_waiting()
    job.details["bake"] = verdict.to_json()
    if verdict.passed:
        return [f"watched for {verdict.seconds:.0f} s:", *(f"  {summary}" for summary in verdict.summaries)]
    if verdict.blind:
        from cutover.run.bake import WITHOUT_PROBE, BakeBlind, dead

        if not (outage := dead(job, targets)):
            live = ", ".join(f"{name}: {color} stays live" for name, color in targets.items())
            raise BakeBlind(
                f"{verdict.reason}\nnothing was sent back: that is no answer of the release; {live}", WITHOUT_PROBE
            )
        first = verdict.first_failure or next(iter(verdict.failed), None)
        verdict = replace(verdict, reason=f"{outage}; {verdict.reason}", blind=False, first_failure=first)
        job.details["bake"] = verdict.to_json()
    if traffic:
        traffic.goes_back()
    raise _revert(job, targets, before, verdict)


def _revert(job: "Job", targets: dict[str, str], before: dict[str, str | None], verdict: "Verdict") -> "DriverError":
    """Go back at once through the API server, then let `up` record it."""
    from cutover.errors import DriverError
    from cutover.run.bake import BakeFailed, no_way_back, switch_back
    from cutover.run.change import change
    from cutover.run.notes import note

    back = {name: color for name, color in before.items() if color}
    if refused := no_way_back(job, back):
        raise BakeFailed(
            f"{verdict.reason}\nnot gone back: {refused}; {job.file.path.name} stays as it is, and what serves is bad",
            "roll forward: `cutover release` a mended release of a higher version or build, then `cutover promote`; "
            "where the data does allow the way back, docs/databases.md says how to lift this",
        )
    job.report.say(f"{verdict.reason}; going back", "error")
    try:
        switch_back(job, targets, before)
    except DriverError as error:  # cold, or out of reach: `up` warms it up first
        job.report.say(f"not at once: {error}", "warning")
    wanted: Wanted = {job.view.services[name].active_path: color for name, color in back.items()}
    what = ", ".join(f"{name} to {color}" for name, color in back.items())
    change(job, wanted, back, f"roll back {what}: {verdict.reason}".splitlines()[0][:200])
    job.details["reverted"] = back
    note(job, "reverted", back, targets, verdict.reason)
    return BakeFailed(
        f"{verdict.reason}\nwent back: {what} again, as {job.file.path.name} says",
        "look at the release on its own color's Service; `cutover release` puts a mended one there",
    )
