"""`promote`: send the traffic to the release that waits on the idle color; watch it, and go back by itself."""

from typing import TYPE_CHECKING, Annotated

import typer

from cutover.durations import seconds_of
from cutover.load_options import LoadRate, LoadUrl, asked_load
from cutover.options import Options
from cutover.shared_options import shared_options

if TYPE_CHECKING:
    from cutover.operations.command.run import Run
    from cutover.output.result import Result


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
    query: Annotated[
        list[str] | None, typer.Option(help="NAME=PROMQL<LIMIT, for --prometheus; {color}, {revision}… are its own.")
    ] = None,
    load: LoadUrl = None,
    load_rate: LoadRate = None,
    failure_limit: Annotated[int, typer.Option(min=0, help="Failures of one measurement that are let pass.")] = 0,
    weight: Annotated[
        int | None,
        typer.Option(min=0, max=100, help="A canary: only so many percent of the service's route; 0 ends it."),
    ] = None,
    steps: Annotated[
        str | None,
        typer.Option(
            metavar="1,5,25,50,100",
            help="Walk a canary: each weight, then --bake; back to 0 when one turns bad; 100 is the cutover.",
        ),
    ] = None,
    pause_at: Annotated[int | None, typer.Option(metavar="WEIGHT", help="Stop after this one of the --steps.")] = None,
    compare: Annotated[
        float | None,
        typer.Option(metavar="1.25", help="With --steps and --load: a canary may be so many times as slow, no more."),
    ] = None,
) -> None:
    """Gates, switch, verify, drain: the idle color's release takes the traffic. With --bake, revert if it turns bad."""
    from cutover.operations.command.perform import perform

    seconds, interval_seconds = seconds_of(bake, "--bake"), seconds_of(interval, "--interval")

    def carry_out(run: "Run") -> "Result":
        from cutover.operations.bake.bake_options import BakeOptions

        asked = BakeOptions(
            seconds, interval_seconds, probe, tuple(probe_url or ()), prometheus, tuple(query or ()), failure_limit
        )
        if steps is not None:
            from cutover.operations.canary.walk import walk
            from cutover.operations.canary.walk_options import WalkOptions

            of_others = {"--weight": weight is not None, "--all": everyone}
            beside = [name for name, given in of_others.items() if given]
            walked = WalkOptions(steps, asked, pause_at, beside, load, load_rate, compare)
            return walk(run, services or [], walked, again=again)
        if weight is not None:
            from cutover.operations.canary.canary import set_weight

            watches = bool(probe_url or prometheus or query)
            others = {"--bake": seconds, "--load": load, "--all": everyone, "--again": again, "measurements": watches}
            others |= {"--pause-at": pause_at is not None, "--compare": compare is not None}
            return set_weight(run, services or [], weight, [name for name, given in others.items() if given])
        traffic = asked_load(load, load_rate, failure_limit, seconds)
        asked.check(load=traffic is not None, of_a_walk={"--pause-at": pause_at, "--compare": compare})
        from cutover.operations.promote.promote import promote as work

        return work(run, services or [], everyone, asked if seconds else None, traffic, again=again)

    perform("promote", options, carry_out)
