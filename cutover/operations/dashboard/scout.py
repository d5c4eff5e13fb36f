"""The history, the plan and the last change of stacks, for a dashboard that looks at the cluster itself.

The history and the plan are those of the verbs, run in processes of their own when there is reason to: something moved,
or the file was edited. So the dashboard never holds the engine, and no two of them run for one stack at a time.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import Any

from contract.secrets import masked
from contract.text import one_line, printable
from cutover.observe.records import ServiceStatus
from cutover.operations.command.fleet import START
from cutover.operations.command.kept import CHANGE, LOAD, kept, place
from cutover.pages.report import command, tones_of
from cutover.pages.stack import Plan, StackPage
from cutover.pages.timeline import timeline
from cutover.pages.traffic import traffic
from cutover.stackfile.view import StackView

Json = dict[str, Any]

ENTRIES = 20
LIMIT_SECONDS = 120.0  # of one question to the engine
AGAIN_SECONDS = (1.5, 8.0, 25.0)  # after a change: an update is in the history only once it has ended
RETRY_SECONDS = 60.0  # where there was no answer at all
TICK_SECONDS = 0.25
QUIET_SECONDS = 2.0  # without a change, before a plan is made
_LONGEST, _MOST_LINES = 400, 200


@dataclass
class _Stack:
    """What is known of one stack. `due`: when to ask for its history."""

    path: Path
    due: list[float] = field(default_factory=list)
    moved: object = None
    file: object = None
    rows: Sequence[Json] = ()
    note: str = "The history is being read."
    kept: dict[str, tuple[object, Json | None]] = field(default_factory=dict)
    plan: Plan | None = None
    planned: object = None
    plan_due: float | None = None


class Scout(threading.Thread):
    """A thread that asks the engine about several stacks, one question at a time. `hurry` is told where there is
    something new.
    """

    def __init__(self, paths: Sequence[Path], *, plans: bool, attended: Callable[[], bool]) -> None:
        super().__init__(daemon=True, name="scout")
        self._stacks = {path: _Stack(path) for path in paths}
        self._plans = plans
        self._attended = attended
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self.hurry: Callable[[Path], None] = lambda _: None

    def add(self, page: StackPage, view: StackView, services: Mapping[str, ServiceStatus]) -> StackPage:
        """The page of a look with what is known beside it. Called by the stack's reader; takes no time."""
        known = self._stacks[view.path]
        moved, now = _moved(services), monotonic()
        with self._lock:
            if moved != known.moved:
                known.due = [now] if known.moved is None else [now + seconds for seconds in AGAIN_SECONDS]
                known.moved = moved
            self._want_plan(known, view, services, now)
        change, load = (_kept(known, kind) for kind in (CHANGE, LOAD))
        return replace(
            page,
            entries=timeline(known.rows, ENTRIES),
            note=known.note,
            command=command(change) if change else None,
            traffic=traffic(load.get("load") or {}, tones_of(services)) if load else None,
            plan=known.plan,
        )

    def run(self) -> None:
        """Ask what is due, until `stop`."""
        while not self._over.wait(TICK_SECONDS):
            if self._attended():
                self.step()

    def step(self) -> None:
        """Ask what is due by now."""
        for known in self._stacks.values():
            now = monotonic()
            with self._lock:
                asks = any(at <= now for at in known.due)
                known.due = [at for at in known.due if at > now]
                plans = known.plan_due is not None and known.plan_due <= now
                known.plan_due = None if plans else known.plan_due
                basis = known.planned
            if asks:
                self._ask_history(known)
                self.hurry(known.path)
            if plans and not self._over.is_set():
                found = self._ask_plan(known)
                with self._lock:
                    if known.planned == basis:  # else the edit is another by now, or gone
                        known.plan = found
                self.hurry(known.path)

    def stop(self) -> None:
        """The end, also of a question under way."""
        self._over.set()
        if (child := self._child) and child.poll() is None:
            child.kill()

    def _want_plan(self, known: _Stack, view: StackView, services: Mapping[str, ServiceStatus], now: float) -> None:
        """A plan is due once the file or the cluster is another than at the last one, and both have come to rest."""
        if not self._plans:
            return
        pending = any(service.differences for service in services.values())
        basis = (_stamp(view.path), known.moved) if pending else None
        if basis is None:
            known.plan, known.planned, known.plan_due = None, None, None
        elif basis != known.planned:
            known.planned, known.plan_due = basis, now + QUIET_SECONDS

    def _ask_history(self, known: _Stack) -> None:
        document, problem = self._ask(known.path, "history", "--limit", str(ENTRIES + 1))
        if document is not None and isinstance(document.get("updates"), list):
            known.rows, known.note = document["updates"], "The stack has no history yet."
        elif not known.rows:
            known.note = f"The history gives no answer: {problem}"
            with self._lock:
                known.due.append(monotonic() + RETRY_SECONDS)

    def _ask_plan(self, known: _Stack) -> Plan:
        document, problem = self._ask(known.path, "plan")
        if document is None:
            return Plan(problem=problem)
        lines = masked(str(document.get("message", ""))).splitlines()[:_MOST_LINES]
        return Plan(tuple(printable(line)[:_LONGEST] for line in lines))

    def _ask(self, path: Path, verb: str, *words: str) -> tuple[Json | None, str]:
        """What the verb says in its document, or why there is none."""
        from cutover.stackfile.find import stack_name

        line = [
            sys.executable,
            "-c",
            START,
            verb,
            *words,
            "--json",
            "--stack",
            stack_name(path),
            "--cwd",
            str(path.parent),
        ]
        with subprocess.Popen(
            line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            errors="replace", start_new_session=True,
        ) as self._child:  # fmt: skip
            try:
                printed, _ = self._child.communicate(timeout=LIMIT_SECONDS)
            except subprocess.TimeoutExpired:
                self._child.kill()
                return None, f"the engine gave none within {LIMIT_SECONDS:g} s"
        try:
            document = json.loads(printed)
        except ValueError:
            return None, "it ended without a document"
        if not isinstance(document, dict):
            return None, "it ended without a document"
        if document.get("exitCode"):
            return None, one_line(masked(str(document.get("message", ""))), _LONGEST)
        return document, ""


def _moved(services: Mapping[str, ServiceStatus]) -> object:
    """What an update changes of a stack, as far as its history is concerned."""
    return tuple(
        (
            name,
            service.live_revision,
            service.live_color,
            service.completed,
            service.refusal,
            tuple((color.revision, color.origin.get("deployedAt")) for color in service.colors.values()),
        )
        for name, service in services.items()
    )


def _kept(known: _Stack, kind: str) -> Json | None:
    stamp = _stamp(place(known.path, kind))
    found = known.kept.get(kind)
    if found is None or found[0] != stamp:
        found = (stamp, kept(known.path, kind) if stamp else None)
        known.kept[kind] = found
    return found[1]


def _stamp(path: Path) -> object:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
