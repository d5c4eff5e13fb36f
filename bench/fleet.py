"""A command on a fleet: stacks of one service each, cut over by the driver, beside the same on one of them.

Each stack has an engine, a program and a provider of its own, whoever starts them. The driver's share is what one
process for all of them could save.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from bench.measure import Measured, Shell, measure
from bench.project import STACK, cutover_project, stack
from sandbox.paths import ROOT
from sandbox.pulumi import Engine

STACKS = 20
PARALLEL = 2  # of them at a time: as many as the machine has cores
DRIVER = (sys.executable, "-m", "cutover")


def rows(
    engine: Engine, scratch: Path, kubeconfig: Path, namespace: str, service: dict[str, Any], count: int
) -> Iterator[Measured]:
    """The cutover of one stack, of all side by side, and of all in waves; each goes there and back."""
    names = [f"s{number:03}" for number in range(count)]
    folder = cutover_project(scratch / "fleet", {})
    (folder / f"Pulumi.{STACK}.yaml").unlink()
    with stack(engine, folder, kubeconfig, names) as run:
        for name in names:
            _configure(folder / f"Pulumi.{name}.yaml", namespace, name, service)
        environment = {**run.environment, "CUTOVER_PULUMI": str(engine.command), "PYTHONPATH": str(ROOT)}
        driver = Shell(run.engine, folder, environment)

        def command(number: int, *words: str) -> str:
            verb = ("rollback",) if number % 2 else ("promote", "--again")  # a rollback left it
            return driver.run([*DRIVER, *verb, "--yes", *words])

        at_once = ("--parallel", str(PARALLEL))
        driver.run([*DRIVER, "up", "--yes", *at_once, "--stack", "s*"])
        yield measure("fleet_one", 4, lambda i: command(i, "--stack", names[0]), _nothing)
        yield measure(f"fleet_{count}", 2, lambda i: command(i, *at_once, "--stack", "s*"), _nothing)
        waves = ("--waves", "1,5,rest", *at_once)
        yield measure(f"fleet_waves_{count}", 2, lambda i: command(i, *waves, "--stack", "s*"), _nothing)


def _configure(path: Path, namespace: str, name: str, service: dict[str, Any]) -> None:
    config = {"cutover:namespace": namespace, "cutover:services": {name: service}}
    made = yaml.safe_load(path.read_text()) if path.exists() else {}
    path.write_text(yaml.safe_dump((made or {}) | {"config": config}))


def _nothing(_: int) -> None: ...
