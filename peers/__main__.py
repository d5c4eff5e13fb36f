"""`make peers`, or `python -m peers [-k WORDS] [--list] [--resume] [--report] [--engine PATH]`.

Exit codes: 0 every row was measured; 1 not so; 2 something is missing; 130 interrupted.
"""

import signal
from typing import Annotated

import typer

from demo.errors import DemoError
from demo.voice import Voice, fail
from peers.bench import standing
from peers.catalog import modules, versions, ways
from peers.cells import name, pairs
from peers.document import write_page
from peers.ledger import Ledger
from peers.runner import play
from sandbox.errors import SandboxError
from sandbox.pulumi import choose
from traffic.cells import named
from traffic.errors import TrafficError

voice = Voice(width=150)


def peers(
    only: Annotated[str, typer.Option("-k", help="Rows with all these words in their name; `or` between lists.")] = "",
    show_list: Annotated[bool, typer.Option("--list", help="Name the rows, play none.")] = False,
    only_report: Annotated[bool, typer.Option("--report", help="Write docs/peers.md from the last results.")] = False,
    resume: Annotated[bool, typer.Option(help="Leave out what the last run has measured.")] = False,
    engine_path: Annotated[str | None, typer.Option("--engine", help="The pulumi executable to use.")] = None,
) -> None:
    """The same releases by this project and by others, side by side."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _run(only, engine_path, show_list=show_list, only_report=only_report, resume=resume)
    except (DemoError, SandboxError, TrafficError) as error:
        fail(str(error), 2)
    except KeyboardInterrupt:
        fail("interrupted; what was measured is kept, and `--resume` goes on from there.", 130)


def _run(only: str, engine_path: str | None, *, show_list: bool, only_report: bool, resume: bool) -> None:
    engine = choose(engine_path, voice.say)
    every = pairs(ways(engine))
    ledger = Ledger([(way.name, cell.name) for way, cell in every], voice)
    chosen = [pair for pair in every if named(name(*pair), only)]
    if show_list:
        for pair in chosen:
            voice.say(name(*pair))
        return
    if not chosen:
        fail(f"no row has {only!r} in its name; `python -m peers --list` names them all.", 2)
    if not only_report:
        wanted = [(way, cell) for way, cell in chosen if not (resume and ledger.has(way.name, cell.name))]
        for module in modules(wanted):
            module.ensure(voice.say)
        ledger.about["versions"] = versions(engine)
        with standing(engine, voice.say) as bench:
            play(bench, wanted, ledger.tell, ledger.stays)
    write_page(ledger.about, ledger.rows)
    raise typer.Exit(0 if all(ledger.has(way.name, cell.name) for way, cell in chosen) else 1)


if __name__ == "__main__":
    typer.run(peers)
