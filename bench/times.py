"""The times of one service: `up`, `preview`, a cutover and a rollback, beside programs that do less.

A cutover's time has two parts. `warm_cutover` is the gate, the switch and the check of the endpoints, with `recycle`
off; `warm_cutover_recycled` also waits until every pod that served before has drained, which is the application's time
(its preStop pause and what it takes to stop) more than ours. `rollback_now_switch` ends when the Service has moved.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from lightkube import Client, KubeConfig
from lightkube.resources.core_v1 import Service

from bench.measure import Measured, Shell, measure
from bench.plain import plain_project, select_color
from bench.project import STACK, cutover_project, empty_project, stack
from sandbox.cluster import build
from sandbox.paths import ROOT
from sandbox.pulumi import Engine

NAMESPACE, PLAIN_NAMESPACE = "cutover-bench", "cutover-bench-plain"
KEY = "cutover:services.shop"
DRIVER = (sys.executable, "-m", "cutover")
UP = ("up", "--yes", "--skip-preview", "--stack", STACK)
STARTS = {
    "import_program": ("-c", "import components.program"),
    "import_plain": ("-c", "import pulumi_kubernetes.apps.v1, pulumi_kubernetes.core.v1"),
    "driver_help": ("-m", "cutover", "--help"),
}
# What a row is compared with: its bar, or what it is made of.
COMPARED = {
    "no_change_up": "empty_up",
    "preview": "empty_up",
    "plain_no_change": "empty_up",
    "plain_cutover": "empty_up",
    "warm_cutover": "plain_cutover",
    "promote": "plain_cutover",
    "warm_cutover_recycled": "plain_cutover",
    "rollback_now_switch": "kubectl_patch",
}


def service(replicas: int = 2) -> dict[str, object]:
    """One blue/green service of podinfo, both colors warm."""
    colors = {
        color: {"version": version, "build": 1, "image": f"cutover.local/podinfo:{version}"}
        for color, version in (("blue", "1.0.0"), ("green", "1.1.0"))
    }
    pods = {"replicas": replicas, "port": 9898, "drain_seconds": 1, "min_ready_seconds": 0}
    return {"strategy": "blue-green", "active": "blue", "recycle": False, **pods, **colors}


def rows(engine: Engine, scratch: Path, kubeconfig: Path, runs: int) -> Iterator[Measured]:
    """Every measurement, what others are compared with before those."""
    with stack(engine, empty_project(scratch / "empty"), kubeconfig) as run:
        run(*UP)
        yield measure("empty_up", runs, lambda _: run(*UP), _nothing)
    config = {"cutover:namespace": NAMESPACE, "cutover:services": {"shop": service()}}
    with stack(engine, cutover_project(scratch / "cutover", config), kubeconfig) as run:
        run(*UP)
        yield measure("no_change_up", runs, lambda _: run(*UP), _nothing)
        yield measure("preview", runs, lambda _: run("preview", "--stack", STACK), _nothing)
        yield from _plain(engine, scratch, kubeconfig, runs, run("stack", "export", "--stack", STACK))
        yield measure("warm_cutover", runs, lambda _: run(*UP), lambda i: _activate(run, i))
        driver = _driver(run)
        yield measure(
            "promote",
            runs,
            lambda _: driver.run([*DRIVER, "promote", "shop", "--yes"]),
            lambda i: _activate(run, i + runs),
        )
        run("config", "set", "--stack", STACK, "--path", f"{KEY}.recycle", "true")
        run(*UP)
        fewer = max(runs // 2, 1)
        yield measure("warm_cutover_recycled", fewer, lambda _: run(*UP), lambda i: _activate(run, i))
        yield measure("rollback_now_switch", fewer, lambda _: _rollback_now(run, kubeconfig), _nothing)
    started = Shell(sys.executable, ROOT, {"PATH": ""})
    for name, words in STARTS.items():
        yield measure(name, runs, partial(_start, started, words), _nothing)


def _start(python: Shell, words: tuple[str, ...], _: int) -> None:
    python(*words)


def _plain(engine: Engine, scratch: Path, kubeconfig: Path, runs: int, exported: str) -> Iterator[Measured]:
    folder, revisions = plain_project(scratch / "plain", exported, PLAIN_NAMESPACE)
    with stack(engine, folder, kubeconfig) as run:
        select = partial(select_color, run, revisions)
        select(1)
        run(*UP)
        yield measure("plain_no_change", runs, lambda _: run(*UP), _nothing)
        yield measure("plain_cutover", runs, lambda _: run(*UP), select)

        def patch(number: int) -> None:
            color = ("green", "blue")[number % 2]
            selector = f'{{"cutover.dev/color": "{color}", "cutover.dev/revision": "{revisions[color]}"}}'
            merge = f'{{"spec": {{"selector": {selector}}}}}'
            kubectl = str(build.MODULE.binaries / "kubectl")
            run.run([kubectl, "patch", "service", "shop", "-n", PLAIN_NAMESPACE, "--type", "merge", "-p", merge])

        yield measure("kubectl_patch", runs, patch, _nothing)


def _rollback_now(run: Shell, kubeconfig: Path) -> float:
    """Seconds from the start of `cutover rollback --now` to the moved Service; the run that records it goes on."""
    environment = _driver(run).environment
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


def _driver(run: Shell) -> Shell:
    """The same place for the driver's commands."""
    own = {"CUTOVER_PULUMI": run.engine, "CUTOVER_STACK": STACK, "PYTHONPATH": str(ROOT)}
    return Shell(run.engine, run.folder, {**run.environment, **own})


def _activate(run: Shell, number: int) -> None:
    """Edit `active` to the color that is not live."""
    run("config", "set", "--stack", STACK, "--path", f"{KEY}.active", ("green", "blue")[number % 2])


def _nothing(_: int) -> None: ...
