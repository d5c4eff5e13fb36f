"""`make bench` (times of one service), `make bench-growth` (times by the number of services in a stack), `make
bench-fleet` (one command on many stacks) and `make bench-canary` (times of a canary's step by each router).

Rows are printed and written to `bench/results.json` as they are measured.
"""

import contextlib
import tempfile
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from lightkube import Client, KubeConfig
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace
from rich.console import Console

from bench import canary, fleet, growth, times
from bench.measure import Measured
from bench.sheet import Sheet
from sandbox.cluster import Cluster
from sandbox.gateway import Gateway
from sandbox.pulumi import Engine, choose


class Part(StrEnum):
    """What to measure."""

    TIMES = "times"
    GROWTH = "growth"
    FLEET = "fleet"
    CANARY = "canary"


def main(
    runs: Annotated[int, typer.Option(help="Runs of each command; the median counts.")] = 9,
    engine: Annotated[str | None, typer.Option(help="Path of the `pulumi` to measure.")] = None,
    part: Annotated[
        Part, typer.Option(help="One service, many in a stack, many stacks, a canary's step.")
    ] = Part.TIMES,
    services: Annotated[list[int] | None, typer.Option(help="Growth: as many in a stack; 1, 10 and 50.")] = None,
    group: Annotated[bool, typer.Option("--group", help="Growth: of services that are one group.")] = False,
    stacks: Annotated[int, typer.Option(help="Fleet: as many stacks.")] = fleet.STACKS,
) -> None:
    """Measure, print, and write bench/results.json."""
    console = Console(soft_wrap=True)
    chosen = choose(engine, lambda line: console.print(line, style="dim"))
    sheet = Sheet(console, f"Pulumi CLI {chosen.version}, Kubernetes provider {chosen.provider}")
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        cluster = growth.cluster(scratch) if part in (Part.GROWTH, Part.FLEET) else Cluster()
        running = cluster.status().ready
        cluster.up()
        try:
            with _namespaces(cluster.kubeconfig):
                if part is Part.GROWTH:
                    sheet.begin(f"{sheet.engine}, by number of services")
                    for row in _grown(chosen, scratch, cluster.kubeconfig, services, group):
                        sheet.add(row, growth.per_service(row), "s per service")
                    return
                if part is Part.FLEET:
                    sheet.begin(f"{sheet.engine}, {stacks} stacks")
                    one = times.service(replicas=1)
                    for row in fleet.rows(chosen, scratch, cluster.kubeconfig, times.NAMESPACE, one, stacks):
                        sheet.add(row)
                    return
                sheet.begin(f"{sheet.engine}, {runs} runs")
                measured = times.rows(chosen, scratch, cluster.kubeconfig, runs)
                if part is Part.CANARY:
                    measured = canary.rows(chosen, scratch, cluster.kubeconfig, Gateway(cluster).up(), runs)
                for row in measured:
                    floor = (times.COMPARED | canary.COMPARED).get(row.name)
                    sheet.add(row, row.median_s / sheet.rows[floor].median_s if floor else None, f"x {floor}")
        finally:
            if not running:
                cluster.down()


def _grown(
    engine: Engine, scratch: Path, kubeconfig: Path, services: list[int] | None, group: bool
) -> Iterator[Measured]:
    """Every measurement of growth, or those at the numbers of `services`."""

    def config(count: int, grouped: bool) -> dict[str, Any]:
        return growth.configuration(times.NAMESPACE, times.service(replicas=1), count, grouped=grouped)

    sizes = services or growth.SIZES
    if group or not services:
        yield from growth.grouped(engine, scratch, kubeconfig, config, sizes)
    if not group:
        yield from growth.one_stack(engine, scratch, kubeconfig, config, sizes, times.PLAIN_NAMESPACE)


@contextlib.contextmanager
def _namespaces(kubeconfig: Path) -> Iterator[None]:
    """The namespaces to measure in, gone afterwards."""
    names = (times.NAMESPACE, times.PLAIN_NAMESPACE)
    with Client(KubeConfig.from_file(kubeconfig)) as client:
        for name in names:
            client.create(Namespace(metadata=ObjectMeta(name=name)))
        try:
            yield
        finally:
            for name in names:
                client.delete(Namespace, name)


if __name__ == "__main__":
    typer.run(main)
