"""How the times grow with the number of services: 1, 10 and 50 in one stack, and a stack of its own for each.

The services of one stack are a group, so one edit cuts all of them over. Each has one pod per color, both warm.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from bench.measure import Measured, Shell, measure
from bench.project import STACK, cutover_project, stack
from sandbox.paths import ROOT
from sandbox.pulumi import Engine

SIZES = (1, 10, 50)
PARALLEL = 2  # stacks at a time, where each has one service: as many as the machine has cores
GROUP = "all"
KEY = f"cutover:groups.{GROUP}.active"
UP = ("up", "--yes", "--skip-preview", "--stack", STACK)
DRIVER = (sys.executable, "-m", "cutover")
Config = dict[str, Any]


def configuration(namespace: str, service: Config, count: int) -> Config:
    """A stack of `count` services in one group. `service` is a blue/green service without `active`."""
    names = [f"s{number:02}" for number in range(count)]
    return {
        "cutover:namespace": namespace,
        "cutover:groups": {GROUP: {"active": "blue", "services": names, "switch": "at-once"}},
        "cutover:services": dict.fromkeys(names, service),
    }


def one_stack(engine: Engine, scratch: Path, kubeconfig: Path, config: Callable[[int], Config]) -> Iterator[Measured]:
    """Create, an `up` with nothing to do, and the cutover of all, at each size."""
    for count in SIZES:
        folder = cutover_project(scratch / f"grow-{count}", config(count))
        with stack(engine, folder, kubeconfig) as run:
            up = _up(run)
            yield measure(f"create_{count}", 1, up, _nothing)
            yield measure(f"no_change_{count}", 3, up, _nothing)
            yield measure(f"group_cutover_{count}", 3, up, _flip(run))


def own_stacks(engine: Engine, scratch: Path, kubeconfig: Path, config: Callable[[int], Config]) -> Iterator[Measured]:
    """The cutover of as many services, one per stack, by the driver: an engine for each, `PARALLEL` at a time."""
    count = SIZES[1]
    everything = config(count)
    folder = cutover_project(scratch / "own", everything)
    (folder / f"Pulumi.{STACK}.yaml").unlink()
    names = list(everything["cutover:services"])
    with stack(engine, folder, kubeconfig, names) as run:
        for name in names:
            service = everything["cutover:services"][name] | {"active": "blue"}
            alone = {"cutover:namespace": everything["cutover:namespace"], "cutover:services": {name: service}}
            path = folder / f"Pulumi.{name}.yaml"
            made = yaml.safe_load(path.read_text()) if path.exists() else {}
            path.write_text(yaml.safe_dump((made or {}) | {"config": alone}))
        environment = {**run.environment, "CUTOVER_PULUMI": str(engine.command), "PYTHONPATH": str(ROOT)}
        driver = Shell(run.engine, folder, environment)

        def all_stacks(*verb: str) -> str:
            return driver.run([*DRIVER, *verb, "--yes", "--parallel", str(PARALLEL), "--stack", "s*"])

        all_stacks("up")
        yield measure(f"cutover_of_{count}_stacks", 2, lambda i: all_stacks(("promote", "rollback")[i]), _nothing)


def per_service(row: Measured) -> float:
    """Seconds per service; the name of a row of this table has their number in it."""
    return row.median_s / next(int(word) for word in row.name.split("_") if word.isdigit())


def _up(run: Shell) -> Callable[[int], object]:
    return lambda _: run(*UP)


def _flip(run: Shell) -> Callable[[int], object]:
    return lambda i: run("config", "set", "--stack", STACK, "--path", KEY, ("green", "blue")[i % 2])


def _nothing(_: int) -> None: ...
