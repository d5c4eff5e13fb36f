"""What a measurement counts: the clock, and the processor time of what was run."""

import subprocess
import sys

import pytest

from bench.measure import Measured, measure
from bench.parts import part

BUSY_SECONDS = 0.2
BUSY = f"import time\nwhile time.process_time() < {BUSY_SECONDS}: pass"
PAUSE = f"import time; time.sleep({BUSY_SECONDS})"


def measured(program: str, runs: int = 1) -> Measured:
    return measure("row", runs, lambda _: subprocess.run([sys.executable, "-c", program], check=True), lambda _: None)


def test_processor_time_is_that_of_the_commands_processes() -> None:
    row = measured(BUSY)
    assert row.cpu_s >= BUSY_SECONDS
    assert row.median_s >= BUSY_SECONDS
    waited = measured(PAUSE)
    assert waited.cpu_s <= waited.median_s - BUSY_SECONDS + 0.02  # clocks tick in hundredths on some machines


def test_what_comes_before_a_run_is_not_counted() -> None:
    spent: list[int] = []
    row = measure("row", 3, lambda number: float(number), lambda number: spent.append(number))
    assert (row.fastest_s, row.median_s, row.slowest_s, spent) == (0.0, 1.0, 2.0, [0, 1, 2])
    assert row.cpu_s == pytest.approx(0)


def test_the_parts_of_it_are_told_apart() -> None:
    row = measured(f"{BUSY}\ntime.sleep(0.2)")  # it is looked at while it runs
    assert row.parts["program"] >= BUSY_SECONDS - 0.02
    assert [part(name) for name in ("pulumi", "pulumi-language-", "pulumi-resource")] == [
        "engine",
        "engine",
        "provider",
    ]


def test_what_ran_before_is_no_part_of_it() -> None:
    with subprocess.Popen([sys.executable, "-c", f"{BUSY}\ntime.sleep(9)"]) as before:
        row = measured(PAUSE)
        before.kill()
    assert row.parts.get("program", 0.0) < BUSY_SECONDS / 2
