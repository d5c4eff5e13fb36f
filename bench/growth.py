"""How the times grow with the number of services in one stack, beside a plain program with the same objects.

Each has one pod per color, both warm. The cluster is one of kwok's, whose pods are rows in its store: what is measured
is the engine, its provider and the program. On a busy machine the processor time is what compares.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from bench.measure import Measured, Shell, measure
from bench.plain import plain_project, select_color
from bench.project import STACK, cutover_project, stack
from sandbox.cluster import Cluster
from sandbox.cluster.capability import VARIABLE
from sandbox.cluster.instance import Instance
from sandbox.pulumi import Engine

SIZES = (1, 10, 50)
GROUP = "all"
UP = ("up", "--yes", "--skip-preview", "--stack", STACK)
Config = dict[str, Any]
Configure = Callable[[int, bool], Config]


def cluster(scratch: Path) -> Cluster:
    """A cluster of its own."""
    os.environ.setdefault(VARIABLE, "kwok")
    return Cluster(Instance("growth", "198.22", scratch / "cluster"))


def configuration(namespace: str, service: Config, count: int, *, grouped: bool) -> Config:
    """A stack of `count` services, in one group or each for itself."""
    names = [f"s{number:03}" for number in range(count)]
    config: Config = {"cutover:namespace": namespace, "cutover:services": {name: dict(service) for name in names}}
    if grouped:
        for one in config["cutover:services"].values():
            del one["active"]
        config["cutover:groups"] = {GROUP: {"active": "blue", "services": names, "switch": "at-once"}}
    return config


def one_stack(
    engine: Engine, scratch: Path, kubeconfig: Path, config: Configure, sizes: Sequence[int], plain_namespace: str
) -> Iterator[Measured]:
    """Create, an `up` with nothing to do, the cutover of one and of all, at each size; and the plain program."""
    for count in sizes:
        folder = cutover_project(scratch / f"grow-{count}", config(count, False))
        with stack(engine, folder, kubeconfig) as run:
            up = _up(run)
            yield measure(f"create_{count}", 1, up, _nothing)
            yield measure(f"no_change_{count}", 2, up, _nothing)
            yield measure(f"cutover_of_one_{count}", 2, up, _edit(folder, ["s000"]))
            yield measure(f"cutover_of_all_{count}", 2, up, _edit(folder, None))
            exported = run("stack", "export", "--stack", STACK)
        yield from _plain(engine, scratch / f"plain-{count}", kubeconfig, exported, plain_namespace, count)


def grouped(
    engine: Engine, scratch: Path, kubeconfig: Path, config: Configure, sizes: Sequence[int]
) -> Iterator[Measured]:
    """The same for services that are one group, whose pods know each other's addresses."""
    for count in sizes:
        folder = cutover_project(scratch / f"group-{count}", config(count, True))
        with stack(engine, folder, kubeconfig) as run:
            yield measure(f"group_create_{count}", 1, _up(run), _nothing)
            yield measure(f"group_cutover_{count}", 2, _up(run), _edit(folder, None))


def _plain(
    engine: Engine, folder: Path, kubeconfig: Path, exported: str, namespace: str, count: int
) -> Iterator[Measured]:
    project, revisions = plain_project(folder, exported, namespace)
    with stack(engine, project, kubeconfig) as run:
        select = partial(select_color, run, revisions)
        select(1)
        yield measure(f"plain_create_{count}", 1, _up(run), _nothing)
        yield measure(f"plain_no_change_{count}", 2, _up(run), _nothing)
        yield measure(f"plain_cutover_of_all_{count}", 2, _up(run), select)


def per_service(row: Measured) -> float:
    """Seconds per service; the name of a row of this table has their number in it."""
    return row.median_s / next(int(word) for word in row.name.split("_") if word.isdigit())


def _up(run: Shell) -> Callable[[int], object]:
    return lambda _: run(*UP)


def _edit(folder: Path, names: Sequence[str] | None) -> Callable[[int], object]:
    """Edit `active` of these services, or of all and of the group, to the color that is not live."""

    def edit(number: int) -> None:
        path = folder / f"Pulumi.{STACK}.yaml"
        written = yaml.safe_load(path.read_text())
        groups = written["config"].get("cutover:groups", {})
        services = {} if groups else written["config"]["cutover:services"]
        for name, one in (services | groups).items():
            if names is None or name in names:
                one["active"] = ("green", "blue")[number % 2]
        path.write_text(yaml.safe_dump(written))

    return edit


def _nothing(_: int) -> None: ...
