"""The processor time and the memory of the parts of an `up`: engine, program, provider, and the driver before them.

They are looked at while they run. Counted are processes that begin below this one meanwhile, so a cluster that this
process started is not among them.
"""

import os
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

LOOK_SECONDS = 0.05
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Process(NamedTuple):
    """A process as it was seen last; `resident_bytes` is its memory then."""

    name: str
    parent: int
    seconds: float
    resident_bytes: int


Processes = dict[int, Process]


@dataclass
class Parts:
    """By part: the seconds of its processes, and the most memory that they had at one time, in MiB."""

    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    peak_mib: dict[str, int] = field(default_factory=dict)


@contextmanager
def parts() -> Iterator[Parts]:
    """While the block runs; complete once it has ended."""
    found = Parts()
    seen: Processes = {}
    before, ended = set(_processes()), threading.Event()

    def look() -> None:
        while not ended.wait(LOOK_SECONDS):
            now = {pid: one for pid, one in _processes().items() if pid not in before}
            seen.update(now)
            for name, mib in memory(now, os.getpid()).items():
                found.peak_mib[name] = max(mib, found.peak_mib.get(name, 0))

    watch = threading.Thread(target=look, daemon=True)
    watch.start()
    try:
        yield found
    finally:
        ended.set()
        watch.join()
        for pid in seen:
            line = _line(pid, seen)
            if _is_below(line, seen, os.getpid()):
                found.seconds[part([seen[one].name for one in line])] += seen[pid].seconds


def part(names: Iterable[str]) -> str:
    """The part that a process is of, by its own name and those of who started it, itself first."""
    own, *above = names
    if own.startswith("pulumi-resource"):
        return "provider"
    if not own.startswith("python"):
        return "engine"
    return "program" if any(name.startswith("pulumi") for name in above) else "driver"


def memory(now: Processes, root: int) -> Mapping[str, int]:
    """Part -> MiB of its processes below `root` at one look."""
    sums: dict[str, int] = defaultdict(int)
    for pid, one in now.items():
        line = _line(pid, now)
        if _is_below(line, now, root):
            sums[part([now[each].name for each in line])] += one.resident_bytes
    return {name: size >> 20 for name, size in sums.items()}


def _line(pid: int, seen: Processes) -> list[int]:
    """The process and who started it, up to the last one that was seen."""
    line = [pid]
    while (parent := seen[line[-1]].parent) in seen and parent not in line:
        line.append(parent)
    return line


def _is_below(line: list[int], seen: Processes, root: int) -> bool:
    return seen[line[-1]].parent == root


def _processes() -> Processes:
    """Every process of this machine."""
    found = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = file.read_text()
        except OSError:
            continue
        fields = text[text.rindex(")") + 2 :].split()
        name = text[text.index("(") + 1 : text.rindex(")")]
        seconds = (int(fields[11]) + int(fields[12])) / _TICKS
        found[int(file.parent.name)] = Process(name, int(fields[1]), seconds, int(fields[21]) * _PAGE_BYTES)
    return found
