"""What a measurement counts: the clock, and the processor time of what was run."""

import subprocess
import sys

import pytest

from bench.measure import Measured, measure
from bench.parts import Process, memory, part

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
    assert row.parts["driver"] >= BUSY_SECONDS - 0.02
    assert row.peak_mib["driver"] >= 4
    lines = (["pulumi"], ["pulumi-language", "pulumi"], ["pulumi-resource", "pulumi"], ["python3", "pulumi-language"])
    assert [part(line) for line in lines] == ["engine", "engine", "provider", "program"]
    assert part(["python3", "make"]) == part(["python"]) == "driver"


def test_memory_at_one_time_is_that_of_all_processes_of_a_part() -> None:
    mib = 1 << 20
    now = {
        10: Process("python3", 1, 0.0, 40 * mib),
        11: Process("pulumi", 10, 0.0, 100 * mib),
        12: Process("pulumi-language", 11, 0.0, 20 * mib),
        13: Process("python", 12, 0.0, 90 * mib),
        14: Process("python", 12, 0.0, 10 * mib),
        20: Process("pulumi", 2, 0.0, 500 * mib),  # of somebody else
    }
    assert memory(now, root=1) == {"driver": 40, "engine": 120, "program": 100}


def test_what_ran_before_is_no_part_of_it() -> None:
    with subprocess.Popen([sys.executable, "-c", f"{BUSY}\ntime.sleep(9)"]) as before:
        row = measured(PAUSE)
        before.kill()
    assert row.parts.get("driver", 0.0) < BUSY_SECONDS / 2
