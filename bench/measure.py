"""Runs a command several times and keeps the median of its wall-clock time."""

import statistics
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """One row of the table: `median_s` over `runs`, with the fastest and the slowest run beside it."""

    name: str
    runs: int
    median_s: float
    fastest_s: float
    slowest_s: float


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
    times = []
    for number in range(runs):
        prepare(number)
        start = time.perf_counter()
        seconds = action(number)
        times.append(seconds if isinstance(seconds, float) else time.perf_counter() - start)
    return Measured(name, runs, statistics.median(times), min(times), max(times))
