"""The seconds of the engine's runs, by what they were spent on. The parts follow each other, so they add up."""

import time
from collections import defaultdict
from collections.abc import Callable

from cutover.engine import records
from cutover.engine.records import SERVICE, Step

ENGINE, WORKLOADS, SWITCH, OTHERS, DRAIN = "engine", "workloads", "switch", "others", "drain"
"""Nothing under way: the CLI, the program, the state; a workload's step, with its Jobs and preview before it, until its
pods are ready; the change of a Service: gates, move, proof; other objects; pods that stop after the last change.
"""


class Spent:
    """The account of all runs so far; `clock` is in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._since = 0.0
        self._under_way: dict[str, str] = {}  # URN -> part
        self._is_changed = False

    def begin(self) -> None:
        """A run begins."""
        self._since, self._is_changed = self._clock(), False
        self._under_way.clear()

    def take(self, step: Step) -> None:
        """A moment of the run."""
        if step.planned or not step.changes:
            return
        if step.moment == "begins":
            self._add(deleting=step.op.startswith("delete"))
            self._under_way[step.urn] = _part(step)
        elif step.moment in ("done", "failed") and step.urn in self._under_way:
            self._add()
            del self._under_way[step.urn]
            self._is_changed = True

    def end(self) -> None:
        """The run has ended."""
        self._add(deleting=True)
        self._under_way.clear()

    @property
    def seconds(self) -> dict[str, float]:
        """Part -> seconds, those of 10 ms and more."""
        return {part: round(one, 2) for part, one in self._seconds.items() if one >= 0.01}

    def _add(self, *, deleting: bool = False) -> None:
        """The time since the last moment goes to what was under way. Deletes, and the end, wait for pods to stop."""
        now = self._clock()
        there = set(self._under_way.values())
        idle = DRAIN if deleting and self._is_changed else ENGINE
        part = next((one for one in (SWITCH, WORKLOADS, OTHERS) if one in there), idle)
        self._seconds[part] += now - self._since
        self._since = now


def _part(step: Step) -> str:
    if step.type == SERVICE and step.op == "update":
        return SWITCH
    return WORKLOADS if step.kind in records.WORKLOADS else OTHERS
