"""`make bench`: a table, and `bench/results.json` with one object per row (`name`, `median_s`, `ratio`, …).

A cutover's time has two parts. `warm_cutover` is the gate, the switch and the check of the endpoints, with `recycle`
off; `warm_cutover_recycled` also waits until every pod that served before has drained, which is the application's time
(its preStop pause and what it takes to stop) more than ours. `rollback_now_switch` ends when the Service has moved.

A second table (`--part growth`: only that) tells how `up` grows with the number of services in a stack.
"""

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from lightkube import Client, KubeConfig
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace, Service
from rich.console import Console
from rich.table import Table

from bench import growth
from bench.measure import Measured, Shell, measure
from bench.project import ROOT, STACK, cutover_project, empty_project, stack
from demo.engine import choose
from sandbox.cluster import Cluster

NAMESPACE = "cutover-bench"
KEY = "cutover:services.shop"
FLOOR = "empty_up"
DRIVER = (sys.executable, "-m", "cutover")
UP = ("up", "--yes", "--skip-preview", "--stack", STACK)


def service(replicas: int = 2) -> dict[str, object]:
    """One blue/green service of podinfo, both colors warm."""
    colors = {
        color: {"version": version, "build": 1, "image": f"cutover.local/podinfo:{version}"}
        for color, version in (("blue", "1.0.0"), ("green", "1.1.0"))
    }
    pods = {"replicas": replicas, "port": 9898, "drain_seconds": 1, "min_ready_seconds": 0}
    return {"strategy": "blue-green", "active": "blue", "recycle": False, **pods, **colors}


def rows(engine: str, scratch: Path, kubeconfig: Path, runs: int) -> Iterator[Measured]:
    """Every measurement, the floor first."""

    def nothing(_: int) -> None: ...

    with stack(engine, empty_project(scratch / "empty"), kubeconfig) as run:
        run(*UP)
        yield measure(FLOOR, runs, lambda _: run(*UP), nothing)

    config = {"cutover:namespace": NAMESPACE, "cutover:services": {"shop": service()}}
    with stack(engine, cutover_project(scratch / "cutover", config), kubeconfig) as run:
        run(*UP)
        yield measure("no_change_up", runs, lambda _: run(*UP), nothing)
        yield measure("preview", runs, lambda _: run("preview", "--stack", STACK), nothing)
        yield measure("warm_cutover", runs, lambda _: run(*UP), lambda i: activate(run, i))
        if runs % 2:  # an even number of flips ends where it began
            activate(run, 1)
        run("config", "set", "--stack", STACK, "--path", f"{KEY}.recycle", "true")
        run(*UP)
        yield measure("warm_cutover_recycled", max(runs // 2, 1), lambda _: run(*UP), lambda i: activate(run, i))
        yield measure("rollback_now_switch", max(runs // 2, 1), lambda _: rollback_now(run, kubeconfig), nothing)

    program = [sys.executable, "-c", "import components.program, components.settings.load"]
    imports = Shell(engine, ROOT, {"PATH": ""})
    yield measure("import_program", runs, lambda _: imports.run(program), nothing)
    yield measure("driver_help", runs, lambda _: imports.run([*DRIVER, "--help"]), nothing)


def rollback_now(run: Shell, kubeconfig: Path) -> float:
    """Seconds from the start of `cutover rollback --now` to the moved Service; the run that records it goes on."""
    environment = {**run.environment, "CUTOVER_PULUMI": run.engine, "PYTHONPATH": str(ROOT)}
    command = [*DRIVER, "rollback", "shop", "--now", "--yes", "--stack", STACK]
    with Client(KubeConfig.from_file(kubeconfig)) as client:

        def color() -> str:
            spec = client.get(Service, "shop", namespace=NAMESPACE).spec
            return (spec.selector or {})["cutover.dev/color"] if spec else ""

        before, start = color(), time.perf_counter()
        with subprocess.Popen(command, cwd=run.folder, env=environment, stdout=subprocess.DEVNULL) as driver:
            while color() == before and driver.poll() is None:
                time.sleep(0.005)
            seconds = time.perf_counter() - start
        if driver.returncode:
            raise RuntimeError(f"{' '.join(command)}: exit code {driver.returncode}")
    return seconds


def grown(engine: str, scratch: Path, kubeconfig: Path) -> Iterator[Measured]:
    """Every measurement of the second table."""

    def config(count: int) -> dict[str, Any]:
        one = service(replicas=1)
        del one["active"]
        return growth.configuration(NAMESPACE, one, count)

    yield from growth.one_stack(engine, scratch, kubeconfig, config)
    yield from growth.own_stacks(engine, scratch, kubeconfig, config)


@contextlib.contextmanager
def namespace(kubeconfig: Path) -> Iterator[None]:
    """A namespace to measure in, gone afterwards."""
    with Client(KubeConfig.from_file(kubeconfig)) as client:
        client.create(Namespace(metadata=ObjectMeta(name=NAMESPACE)))
        try:
            yield
        finally:
            client.delete(Namespace, NAMESPACE)


def activate(run: Shell, number: int) -> None:
    """Edit `active` to the color that is not live."""
    run("config", "set", "--stack", STACK, "--path", f"{KEY}.active", ("green", "blue")[number % 2])


class Part(StrEnum):
    """What to measure."""

    ALL = "all"
    TIMES = "times"
    GROWTH = "growth"


def main(
    runs: Annotated[int, typer.Option(help="Runs of each command; the median counts.")] = 9,
    engine: Annotated[str | None, typer.Option(help="Path of the `pulumi` to measure.")] = None,
    part: Annotated[Part, typer.Option(help="Times of one service, growth with their number, or all.")] = Part.ALL,
) -> None:
    """Measure, print, and write bench/results.json."""
    console = Console()
    chosen = choose(engine, lambda line: console.print(line, style="dim"))
    cluster = Cluster()
    running = cluster.status().ready
    cluster.up()
    timed: list[Measured] = []
    counted: list[Measured] = []
    try:
        with namespace(cluster.kubeconfig), tempfile.TemporaryDirectory() as scratch:
            if part is not Part.GROWTH:
                timed = list(rows(chosen.command, Path(scratch), cluster.kubeconfig, runs))
            if part is not Part.TIMES:
                counted = list(grown(chosen.command, Path(scratch), cluster.kubeconfig))
    finally:
        if not running:
            cluster.down()
    results = [asdict(row) | {"engine": str(chosen)} for row in counted]
    if timed:
        floor = next(row.median_s for row in timed if row.name == FLOOR)
        show(console, f"{chosen}, {runs} runs", timed, "ratio", lambda row: row.median_s / floor)
        results += [asdict(row) | {"ratio": row.median_s / floor, "engine": str(chosen)} for row in timed]
    if counted:
        show(console, f"{chosen}, by number of services", counted, "per service", growth.per_service)
    (ROOT / "bench" / "results.json").write_text(json.dumps(results, indent=2) + "\n")


def show(console: Console, title: str, measured: list[Measured], last: str, of: Callable[[Measured], float]) -> None:
    """One table, with a figure of its own in the last column."""
    table = Table("command", "median s", "fastest", "slowest", "CPU s", last, title=title)
    for row in measured:
        table.add_row(row.name, *(f"{s:.2f}" for s in (row.median_s, row.fastest_s, row.slowest_s, row.cpu_s, of(row))))
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
