"""`make traffic`, or `python -m traffic [-k WORDS] [--list] [--fast] [--resume] [--report] [--engine PATH]`.

Exit codes: 0 every bar held; 1 not so; 2 something is missing; 130 interrupted.
"""

import signal
from dataclasses import replace
from typing import Annotated

import typer

from demo.errors import DemoError
from demo.voice import Voice, fail
from prober import Result
from sandbox.errors import SandboxError
from sandbox.pulumi import choose
from traffic import catalog, document, picture, report
from traffic.cells import Cell, Verdict, left, select
from traffic.errors import TrafficError
from traffic.runner import RATE_PER_SECOND, Runner

voice = Voice(width=150)


def traffic(
    only: Annotated[str, typer.Option("-k", help="Cells with all these words in their name; `or` between lists.")] = "",
    show_list: Annotated[bool, typer.Option("--list", help="Name the cells and their bars, play none.")] = False,
    only_report: Annotated[
        bool, typer.Option("--report", help="Write docs/traffic.md's tables and pictures from the last results.")
    ] = False,
    fast: Annotated[bool, typer.Option(help="The subset that `make test` plays.")] = False,
    resume: Annotated[bool, typer.Option(help="Leave out what held in the last run; keep its figures.")] = False,
    engine_path: Annotated[str | None, typer.Option("--engine", help="The pulumi executable to use.")] = None,
    rate: Annotated[float, typer.Option(help="Requests per second, to each stage.")] = RATE_PER_SECOND,
    jobs: Annotated[int, typer.Option(help="Stages at a time.")] = 2,
) -> None:
    """Release under load in every way there is, and hold what clients saw to a bar."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    chosen = select(catalog.cells(), only)
    chosen = [cell for cell in chosen if cell.fast] if fast else chosen
    if show_list:
        for cell in chosen:
            voice.say(f"{cell.name:60} {cell.bar!s:10} {cell.bar.why}")
        return
    if only_report:
        _write_page()
        return
    if not chosen:
        fail(f"no cell has {only!r} in its name; `python -m traffic --list` names them all.", 2)
    verdicts = _kept() if resume or only else {}
    wanted = left(chosen, {name for name, one in verdicts.items() if one.ok}) if resume else chosen

    def tell(cell: Cell, verdict: Verdict, result: Result | None) -> None:
        verdicts[cell.name] = verdict
        report.write(verdicts.values())
        if result:
            report.PICTURES.mkdir(exist_ok=True)
            (report.PICTURES / f"{cell.slug}.svg").write_text(picture.draw(result, cell.name))
        sign = "[green]✔[/]" if verdict.ok else "[red]✖[/]"
        counts = f"{verdict.requests:>7,} requests {verdict.failed:>4} failed"
        voice.console.print(f"{sign} {verdict.name:60} {counts}  up {report.ups(verdict)}", highlight=False)

    try:
        Runner(choose(engine_path, voice.say), voice.say, tell, rate, jobs).play(wanted)
    except (DemoError, SandboxError, TrafficError) as error:
        fail(str(error), 2)
    except KeyboardInterrupt:
        fail("interrupted; what was played is kept, and `--resume` goes on from there.", 130)
    played = [verdicts[cell.name] for cell in chosen]
    report.show(voice.console, played)
    raise typer.Exit(0 if all(verdict.ok for verdict in played) else 1)


def _kept() -> dict[str, Verdict]:
    """What the last run kept of the cells that there are still, in their order."""
    found = report.read()
    return {c.name: replace(found[c.name], bar=str(c.bar)) for c in catalog.cells() if c.name in found}


def _write_page() -> None:
    verdicts = _kept()
    if not verdicts:
        fail("there are no results yet; `python -m traffic` makes them.", 2)
    for cell in document.write(verdicts):
        voice.say(f"no picture of {cell} yet: `python -m traffic -k '{cell}'` draws it")
    report.show(voice.console, verdicts.values())


if __name__ == "__main__":
    typer.run(traffic)
