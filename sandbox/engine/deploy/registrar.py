"""Takes registrations, reads and outputs from the program and turns them into steps and rows."""

import threading
from typing import Any

from sandbox.engine.deploy import goal as goals
from sandbox.engine.deploy import planner, urns
from sandbox.engine.deploy.control import StepError
from sandbox.engine.deploy.goal import Goal, GoalError
from sandbox.engine.deploy.journal import now
from sandbox.engine.deploy.steps import Steps
from sandbox.engine.kube.errors import KubeError
from sandbox.engine.model import Row
from sandbox.engine.properties import values


class Registrar:
    """The program's view of the run. Each method is called from the thread that serves the program's call."""

    def __init__(self, steps: Steps):
        self._steps = steps
        self._lock = threading.Lock()
        self._seen: set[str] = set()
        self._aliases: dict[str, list[str]] = {}  # the older URNs of what has been registered, for its children
        self._rows: dict[str, Row] = {}
        self._components: dict[str, tuple[str, Row | None]] = {}
        self._olds = {row["urn"]: row for row in steps.journal.base if not row.get("delete")}
        self.stack_outputs: dict[str, Any] | None = None
        op = steps.op
        self.root = urns.make(op.stack, op.project, "", urns.STACK_TYPE, f"{op.project}-{op.stack}")

    def register(self, request: Any) -> Row:
        """Bring one resource to its goal and return its row.

        Raises:
            StepError: that failed; it has been reported.
            StoppedError: the run is ending.
        """
        op = self._steps.op
        with self._steps.control.visit():
            urn = urns.make(op.stack, op.project, request.parent, request.type, request.name)
            try:
                goal = goals.read(request, op.stack, op.project, self._aliases)
                self._steps.events.hide(goal.inputs)
                old = self._claim(goal)
                if op.kind == "destroy":
                    return self._keep(goal, old)
                if goal.custom and not goal.provider and not goal.type.startswith(urns.PROVIDER_PREFIX):
                    goal = Goal(**{**vars(goal), "provider": self._steps.providers.default(goal)})
                plan = planner.plan(goal, old, self._steps.providers)
            except (GoalError, KubeError) as error:
                self._fail(urn, str(error))
                raise StepError from error
            row = self._steps.carry_out(plan)
            if plan.goal.type.startswith(urns.PROVIDER_PREFIX):
                self._steps.providers.put(row)
            with self._lock:
                self._rows[urn] = row
                if not row["custom"]:
                    self._components[urn] = (plan.op, plan.old)
            return row

    def _claim(self, goal: Goal) -> Row | None:
        with self._lock:
            if goal.urn in self._seen:
                raise GoalError(
                    f"Duplicate resource URN '{goal.urn}'; try giving it a unique name. "
                    "Two resources of one type and parent have the same name"
                )
            self._seen.add(goal.urn)
            for urn in (goal.urn, *goal.aliases):
                old = self._olds.get(urn)
                if old is not None and (urn == goal.urn or urn not in self._seen):
                    self._seen.add(urn)
                    self._aliases[goal.urn] = [urn] if urn != goal.urn else []
                    return old
            return None

    def _keep(self, goal: Goal, old: Row | None) -> Row:
        """In a destroy the program only brings its hooks: what exists is kept as it is until it is deleted."""
        row = old if old is not None else goal.row(goal.inputs)
        if old is not None:
            row["resourceHooks"] = goal.hooks
        with self._lock:
            self._rows[goal.urn] = row
        return row

    def read(self, request: Any) -> Row:
        """Read an object that somebody else owns (`.get()`) and record it as external.

        Raises:
            StepError: it cannot be read; that has been reported.
            StoppedError: the run is ending.
        """
        op, steps = self._steps.op, self._steps
        with steps.control.visit():
            urn = urns.make(op.stack, op.project, request.parent, request.type, request.name)
            goal = Goal(
                urn=urn,
                type=request.type,
                name=request.name,
                custom=True,
                parent=request.parent,
                inputs=values.decode(request.properties),
                provider=request.provider,
                version=request.version,
                dependencies=sorted(set(request.dependencies)),
                secret_outputs=list(request.additionalSecretOutputs),
            )
            try:
                old = self._claim(goal)
                goal = Goal(**{**vars(goal), "provider": goal.provider or steps.providers.default(goal)})
                new = goal.row(goal.inputs)
                new |= {"id": request.id, "external": True, "created": now(), "modified": now()}
                steps.events.before("read", old, new)
                if values.has_unknown(request.id):
                    new["outputs"] = goal.inputs
                else:
                    found = steps.providers.get(goal.provider).read(request.id, request.type, {}, {})
                    if found is None:
                        raise GoalError(f'resource "{request.id}" ({request.type}) does not exist in the cluster')
                    new["inputs"], new["outputs"] = found.inputs, found.outputs
            except (GoalError, KubeError) as error:
                self._fail(urn, str(error))
                raise StepError from error
            if old is not None and not old.get("external"):
                old["delete"] = True  # it was ours: it goes at the end, like a replaced one
                steps.journal.commit(None, new)
            else:
                steps.journal.commit(old, new)
            steps.journal.save()
            steps.events.count("read", urn)
            steps.events.after("read", old, new)
            with self._lock:
                self._rows[urn] = new
            return new

    def outputs(self, urn: str, outputs: dict[str, Any]) -> None:
        """Complete a component, or keep the stack's outputs for the end of the run."""
        steps = self._steps
        steps.events.hide(outputs)
        with self._lock:
            row = self._rows.get(urn)
            op, old = self._components.get(urn, ("same", None))
        if row is None or steps.op.kind == "destroy":
            return
        if row["type"] == urns.STACK_TYPE:
            self.stack_outputs = outputs
            return
        before = row.get("outputs") or {}
        row["outputs"] = outputs
        if before != outputs or op != "same":
            steps.journal.save()
        steps.events.after(op, old, row)
        if op == "create":
            steps.after("after_create", row, None)
        elif op == "update":
            steps.after("after_update", row, old)

    def finish_stack(self, *, failed: bool) -> None:
        """Store the stack's outputs; after a failure what was not exported again keeps its old value."""
        row, new = self._rows.get(self.root), self.stack_outputs
        if row is None or new is None or self._steps.op.kind == "destroy":
            return
        op, old = self._components.get(self.root, ("same", None))
        before = (old or {}).get("outputs") or {}
        row["outputs"] = {**before, **new} if failed else new
        if row["outputs"] != before:
            self._steps.journal.save()
        self._steps.events.after(op, old, row)

    def lookup(self, urn: str) -> Row | None:
        """Find a resource of this run, for `pulumi:pulumi:getResource`."""
        with self._lock:
            return self._rows.get(urn)

    def registered(self) -> set[str]:
        """The URNs that the program registered, old ones of renamed resources included."""
        with self._lock:
            return set(self._seen)

    def _fail(self, urn: str, message: str) -> None:
        self._steps.events.say("error", urn, message)
        self._steps.control.fail(message)
