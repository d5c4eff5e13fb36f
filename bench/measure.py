"""Runs a command several times and keeps the medians of its wall-clock time and of the processor time it took."""

import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.parts import Parts, parts


@dataclass(frozen=True)
class Measured:
    """One row of the table: `median_s` over `runs`, with the fastest and the slowest run beside it.

    `cpu_s` is the processor time of the command and its children, the cluster's not among it: on a busy machine it says
    more of the command than the clock does. `parts` are shares of it, by part of an `up`; `peak_mib` is the most memory
    that each of them had.
    """

    name: str
    runs: int
    median_s: float
    fastest_s: float
    slowest_s: float
    cpu_s: float
    parts: Mapping[str, float] = field(default_factory=dict)
    peak_mib: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Shell:
    """Where commands run: the engine's executable, a folder and an environment."""

    engine: str
    folder: Path
    environment: Mapping[str, str]

    def __call__(self, *arguments: str) -> str:
        """Run one command of the engine. Raises RuntimeError with its whole output where it fails."""
        return self.run([self.engine, *arguments])

    def run(self, command: list[str]) -> str:
        """Run any command in the folder."""
        done = subprocess.run(
            command, cwd=self.folder, env=dict(self.environment), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout


def measure(name: str, runs: int, action: Callable[[int], object], prepare: Callable[[int], object]) -> Measured:
    """Time `action(i)`, or take the seconds that it returns; what `prepare(i)` does beforehand is not counted."""
    times, processor = [], []
    shares: list[Parts] = []
    for number in range(runs):
        prepare(number)
        start, used = time.perf_counter(), _cpu_seconds()
        with parts() as share:
            seconds = action(number)
        shares.append(share)
        times.append(seconds if isinstance(seconds, float) else time.perf_counter() - start)
        processor.append(_cpu_seconds() - used)
    medians = {
        one: statistics.median(share.seconds.get(one, 0.0) for share in shares)
        for one in sorted({k for s in shares for k in s.seconds})
    }
    peaks = {
        one: max(share.peak_mib.get(one, 0) for share in shares)
        for one in sorted({k for s in shares for k in s.peak_mib})
    }
    whole = statistics.median(processor)
    return Measured(name, runs, statistics.median(times), min(times), max(times), whole, medians, peaks)


def _cpu_seconds() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime
