"""A stack of a project folder, through the Automation API with the program as a local workspace."""

import itertools
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from pulumi import automation as auto
from pulumi.automation.events import EngineEvent

from contract.codes import NO_USE_WAITING, code_in
from cutover.engine.classify import classify
from cutover.engine.command import Command
from cutover.engine.interruption import Interruption
from cutover.engine.records import WORKLOADS, Held, Outcome, Step, Update
from cutover.engine.spent import Spent
from cutover.engine.translate import step_of
from cutover.errors import Interrupted

PAGE_SIZE = 500  # of the history
SERVICES, GROUPS, ENVIRONMENTS = "cutover:services", "cutover:groups", "cutover:environments"


class Stack:
    """One stack. `on_step` hears every moment of a run as it happens, from another thread; `spent` is their account."""

    def __init__(
        self,
        project: Path,
        name: str,
        on_step: Callable[[Step], None] = lambda _: None,
        command: Command | None = None,
    ) -> None:
        """Raises UsageError without a usable `pulumi`. Whether there is such a stack, the first command tells."""
        self.name = name
        self.spent = Spent()
        self._on_step = on_step
        self._command = command or Command()
        self._lost = ""  # why what the run under way is to bring about is wanted no more; then it is ended
        self._given_up = False
        self._stack = _Unselected(name, auto.LocalWorkspace(work_dir=str(project), pulumi_command=self._command))

    def up(self, message: str, *, refresh: bool = False) -> Outcome:
        """Make the cluster what the config says; where asked, compared with the cluster instead of the state."""
        return self._run(
            lambda hear: self._stack.up(
                message=message, on_event=hear, show_secrets=False, color="never", refresh=refresh or None
            )
        )

    def preview(self, config_file: Path | None = None, *, refresh: bool = False) -> Outcome:
        """The steps that `up` would take, with another config file where one is given."""
        chosen = str(config_file) if config_file else None
        return self._run(
            lambda hear: self._stack.preview(on_event=hear, color="never", config_file=chosen, refresh=refresh or None)
        )

    def refresh(self, message: str) -> Outcome:
        """Make the stack's state what the cluster has."""
        return self._run(
            lambda hear: self._stack.refresh(message=message, on_event=hear, show_secrets=False, color="never")
        )

    def drift(self) -> Outcome:
        """The changes that `refresh` would make. Writes nothing."""
        return self._run(lambda hear: self._stack.preview_refresh(on_event=hear, color="never"))

    def destroy(self, message: str) -> Outcome:
        """Delete all that the stack made."""
        return self._run(
            lambda hear: self._stack.destroy(message=message, on_event=hear, show_secrets=False, color="never")
        )

    def history(self) -> list[Update]:
        """All updates, the newest first. Secret values are not in it."""
        entries: list[auto.UpdateSummary] = []
        for page in itertools.count(1):  # without a page the CLI gives ten
            more = self._guarded(partial(self._stack.history, PAGE_SIZE, page, show_secrets=False), [])
            entries += more
            if len(more) < PAGE_SIZE:
                break
        return [_update(entry, len(entries) - place) for place, entry in enumerate(entries)]

    def held(self) -> list[Held]:
        """The objects that the state has, in its order: each after what it depends on. Secret values stay encrypted."""
        words = ["stack", "export", "--stack", self.name]
        project = str(self._stack.workspace.work_dir)
        text = str(self._guarded(lambda: self._command.run(words, project, {}).stdout, []))
        rows = (json.loads(text).get("deployment") or {}).get("resources") or []
        return [found for row in rows if (found := _held(row))]

    def cancel(self) -> None:
        """Lift the lock of a run that is dead."""
        self._guarded(self._stack.cancel, [])

    def stop(self) -> None:
        """Ask a run under way to stop: its steps are canceled; asked again it is killed. Safe in a signal handler."""
        self._command.stop()

    def give_up(self, why: str) -> None:
        """Cancel the run under way: it ends with this reason. From any thread."""
        self._lost = self._lost or why
        self._given_up = True
        self._command.interrupt()

    def _run(self, begin: Callable[[Callable[[EngineEvent], None]], object]) -> Outcome:
        steps: list[Step] = []
        counts: dict[str, int] = {}
        under_way: dict[str, Step] = {}
        said = Interruption(self._on_step)
        self._lost, self._given_up = "", False

        def hear(event: EngineEvent) -> None:
            if event.summary_event:
                counts.update({_op(op): count for op, count in event.summary_event.resource_changes.items()})
            if step := step_of(event):
                steps.append(step)
                self.spent.take(step)
                said.take(step)
                self._stop_where_lost(step, under_way)

        self.spent.begin()
        try:
            self._guarded(lambda: begin(hear), steps)
        finally:
            self.spent.end()
            said.end()
        return Outcome(counts, tuple(steps))

    def _stop_where_lost(self, step: Step, under_way: dict[str, Step]) -> None:
        """Stop waiting once the program has said that it cannot help, and nothing but workloads is awaited."""
        if step.moment == "begins" and step.changes and not step.planned:
            under_way[step.urn] = step
        elif step.moment in ("done", "failed"):
            under_way.pop(step.urn, None)
        elif step.moment == "warns" and code_in(step.text) in NO_USE_WAITING and not self._lost:
            self._lost = step.text
        waits_only = under_way and all(one.kind in WORKLOADS for one in under_way.values())
        if self._lost and waits_only and not (self._given_up or self._command.stopping):
            self.give_up(self._lost)

    def _guarded(self, act: Callable[[], Any], steps: list[Step]) -> Any:
        try:
            return act()
        except auto.CommandError as error:
            if self._lost:
                raise classify([self._lost], "", stack=self.name) from error
            if self._command.stopping:
                raise Interrupted("stopped by the user") from error
            said = [step.text for step in steps if step.moment == "errs"]
            raise classify(said, _output(str(error)), stack=self.name) from error


class _Unselected(auto.Stack):
    """A stack that every command names, instead of one that is selected: the user's own selection stays.

    After a run the Automation API asks the CLI for the outputs, once with the secret ones as they are, and for the
    update's summary. Nobody reads these here, so the three commands (half a second) are not run.
    """

    def __init__(self, name: str, workspace: auto.LocalWorkspace) -> None:
        self.name = name
        self.workspace = workspace

    def outputs(self) -> auto.OutputMap:
        """None; nothing is asked."""
        return {}

    def info(self, show_secrets: bool = True) -> auto.UpdateSummary:  # noqa: ARG002 - as the base has it
        """An empty summary; nothing is asked."""
        return auto.UpdateSummary(
            kind="update", start_time=datetime.now(UTC), message="", environment={}, config={}, result="succeeded"
        )


def _output(text: str) -> str:
    """What the engine printed, out of a CommandError's text: it labels the two streams."""
    lines = [line.removeprefix(" stdout: ").removeprefix(" stderr: ") for line in text.splitlines()]
    return "\n".join(line for line in lines if not line.startswith(" code: "))


def _op(op: Any) -> str:
    return str(getattr(op, "value", op))


def _update(entry: auto.UpdateSummary, number: int) -> Update:
    return Update(
        number=entry.version or number,
        kind=entry.kind,
        result=entry.result,
        # The SDK reads `2026-11-22T01:44:00.000Z` without its zone.
        started=entry.start_time.replace(tzinfo=UTC),
        ended=entry.end_time.replace(tzinfo=UTC) if entry.end_time else None,
        message=entry.message or "",
        environment=dict(entry.environment),
        services=_mapping(entry.config, SERVICES),
        groups=_mapping(entry.config, GROUPS),
        environments=_mapping(entry.config, ENVIRONMENTS),
        changes={_op(op): count for op, count in (entry.resource_changes or {}).items()},
    )


def _held(row: Mapping[str, Any]) -> Held | None:
    """An object of the cluster in a row of a state; None for what is none, or is marked for deletion."""
    if not row["type"].startswith("kubernetes:") or row.get("delete"):
        return None
    known = row.get("outputs") or row.get("inputs") or {}
    meta = known.get("metadata") or {}
    if not (meta.get("name") and meta.get("namespace")):
        return None
    return Held(row["urn"], known["apiVersion"], known["kind"], meta["namespace"], meta["name"])


def _mapping(config: Mapping[str, auto.ConfigValue], key: str) -> Mapping[str, Any]:
    value = config.get(key)
    if value is None or value.secret:
        return {}
    try:
        found = json.loads(value.value)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
