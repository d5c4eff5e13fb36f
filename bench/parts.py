"""The processor time of the parts of an `up`: engine, program, provider, looked at while they run.

Counted are processes that begin below this one meanwhile, so a cluster that this process started is not among them.
"""

import os
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOOK_SECONDS = 0.05
_TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def parts() -> Iterator[dict[str, float]]:
    """While the block runs; seconds by part, complete once it has ended."""
    seconds: dict[str, float] = defaultdict(float)
    seen: dict[int, tuple[str, int, float]] = {}
    before, ended = set(_processes()), threading.Event()

    def look() -> None:
        while not ended.wait(LOOK_SECONDS):
            seen.update({pid: row for pid, row in _processes().items() if pid not in before})

    watch = threading.Thread(target=look, daemon=True)
    watch.start()
    try:
        yield seconds
    finally:
        ended.set()
        watch.join()
        for pid, (name, parent, spent) in seen.items():
            if _is_below(pid, parent, seen):
                seconds[part(name)] += spent


def part(name: str) -> str:
    """The part of an `up` that a process of that name is."""
    if name.startswith("pulumi-resource"):
        return "provider"
    return "program" if name.startswith("python") else "engine"


def _is_below(pid: int, parent: int, seen: dict[int, tuple[str, int, float]]) -> bool:
    while parent in seen and parent != pid:
        pid, parent = parent, seen[parent][1]
    return parent == os.getpid()


def _processes() -> dict[int, tuple[str, int, float]]:
    """Name, parent and seconds of every process."""
    found = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = file.read_text()
        except OSError:
            continue
        fields = text[text.rindex(")") + 2 :].split()
        name = text[text.index("(") + 1 : text.rindex(")")]
        found[int(file.parent.name)] = (name, int(fields[1]), (int(fields[11]) + int(fields[12])) / _TICKS)
    return found
