"""Carries plans out: hooks, the provider's work, the saved rows and the events of each step."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sandbox.engine.deploy import imports
from sandbox.engine.deploy.control import Control, StepError
from sandbox.engine.deploy.events import Events
from sandbox.engine.deploy.goal import GoalError
from sandbox.engine.deploy.hooks import HookError, Hooks, When, names_of
from sandbox.engine.deploy.journal import Journal, dependencies, now
from sandbox.engine.deploy.planner import Plan
from sandbox.engine.deploy.providers import TYPE as PROVIDER_TYPE
from sandbox.engine.deploy.providers import Providers
from sandbox.engine.kube.errors import KubeError
from sandbox.engine.model import Operation, Row
from sandbox.engine.properties import values
from sandbox.engine.properties.diff import Diff

# A change in one of these makes an unchanged resource's row worth a write.
_WRITTEN = (
    "urn",
    "type",
    "custom",
    "parent",
    "provider",
    "protect",
    "retainOnDelete",
    "deletedWith",
    "customTimeouts",
    "inputs",
    "outputs",
    "resourceHooks",
    "ignoreChanges",
    "replaceOnChanges",
    "additionalSecretOutputs",
)


@dataclass(frozen=True)
class Steps:
    """What every step needs."""

    op: Operation
    journal: Journal
    events: Events
    control: Control
    hooks: Hooks
    providers: Providers

    def carry_out(self, plan: Plan) -> Row:
        """Do what a plan says and return the resource's new row.

        Raises:
            StepError: it failed; the error has been reported and recorded.
        """
        if plan.op == "same":
            return self._same(plan)
        with self.control.slot():
            if plan.op == "create":
                return self._create(plan, "create")
            if plan.op == "update":
                return self._update(plan)
            if plan.op == "import":
                return self._import(plan)
            return self._replace(plan)

    def _same(self, plan: Plan) -> Row:
        old, new = plan.old or {}, plan.new
        for key in ("id", "outputs", "created", "modified", "initErrors", "importID"):
            if key in old:
                new[key] = old[key]
        self.events.before("same", plan.old, new)
        self.journal.commit(plan.old, new)
        moved = any(old.get(key) != new.get(key) for key in _WRITTEN) or dependencies(old) != dependencies(new)
        if moved:
            self.journal.save()
        self.events.count("same", new["urn"])
        if new["custom"]:
            self.events.after("same", plan.old, new)
        return new

    def _create(self, plan: Plan, op: str) -> Row:
        old, new = plan.old, plan.new
        self.events.before(op, old, new, plan.diff)
        with self.guard(op, old, new, plan.diff), self.journal.pending("creating", new):
            self.run_hooks("before_create", new, None)
            errors = self._apply(plan, new, None)
            new["created"] = new["modified"] = now()
            if plan.op == "replace" and old is not None:
                old["delete"] = True if not plan.delete_first else old.get("delete", False)
            self.journal.commit(old if old is not None and plan.delete_first else None, new)
            self.journal.resolve(new["urn"])
        self._finish(op, old, new, plan, errors)
        if new["custom"]:
            self.after("after_create", new, None)
        return new

    def _update(self, plan: Plan) -> Row:
        old, new = plan.old or {}, plan.new
        for key in ("id", "created", "modified", "importID"):
            if key in old:
                new[key] = old[key]
        self.events.before("update", old, new, plan.diff)
        with self.guard("update", old, new, plan.diff), self.journal.pending("updating", new):
            self.run_hooks("before_update", new, old)
            errors = self._apply(plan, new, old)
            if new["custom"]:
                new["modified"] = now()
            self.journal.commit(plan.old, new)
        self._finish("update", old, new, plan, errors)
        if new["custom"]:
            self.after("after_update", new, old)
        return new

    def _import(self, plan: Plan) -> Row:
        planned = plan.new
        self.events.before("import", None, planned)
        with self.guard("import", None, planned), self.journal.pending("importing", planned):
            there, wanted, diff = imports.look(plan.goal, self.providers)
            row = there if diff.changed else wanted
            row["created"] = row["modified"] = now()
            self.events.hide(row["outputs"])
            self.journal.commit(None, row)
        self.events.count("import", row["urn"])
        self.events.after("import", None, row)
        if not diff.changed:
            return row
        if diff.replace_paths:
            self.report("import", None, row, imports.NO_REPLACEMENT.format(", ".join(diff.replace_paths)))
            raise StepError
        return self._update(Plan("update", plan.goal, there, wanted, diff))

    def _replace(self, plan: Plan) -> Row:
        old = plan.old or {}
        if plan.delete_first:
            if not old.get("pendingReplacement"):
                self.delete(old, "delete-replaced", {old["urn"]}, replacing=True)
            self.events.before("replace", old, plan.new, plan.diff)
            self.events.count("replace", plan.new["urn"])
            self.events.after("replace", old, plan.new, plan.diff)
            return self._create(plan, "create-replacement")
        new = self._create(plan, "create-replacement")
        self.events.before("replace", old, new, plan.diff)
        self.events.count("replace", new["urn"])
        self.events.after("replace", old, new, plan.diff)
        return new

    def delete(self, row: Row, op: str, doomed: set[str], *, replacing: bool = False) -> None:
        """Delete a resource; `doomed` are the URNs that go too, for `deletedWith`.

        With `replacing` the row stays, marked, until its successor is there.

        Raises:
            StepError: it failed; the error has been reported and recorded.
        """
        self.events.before(op, row, None)
        with self.guard(op, row, None), self.journal.pending("deleting", row):
            self.run_hooks("before_delete", None, row)
            if row.get("protect") and op == "delete":
                raise ProtectedError(
                    f'resource "{row["urn"]}" cannot be deleted\nbecause it is protected. To unprotect the resource, '
                    "remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`"
                )
            if self._is_ours(row, doomed):
                seconds = (row.get("customTimeouts") or {}).get("delete")
                provider = self.providers.get(row["provider"])
                provider.delete(row.get("inputs") or {}, row["outputs"], timeout_seconds=seconds)
            if replacing:
                row["pendingReplacement"] = True
            else:
                self.journal.commit(row)
        self.events.count(op, row["urn"])
        self.events.after(op, row, None)
        self.after("after_delete", None, row)

    def _is_ours(self, row: Row, doomed: set[str]) -> bool:
        spared = row.get("external") or row.get("retainOnDelete") or row.get("deletedWith") in doomed
        known = row.get("custom") and row["type"] != PROVIDER_TYPE
        return bool(known and not spared and not self.op.preview)

    def _apply(self, plan: Plan, new: Row, old: Row | None) -> list[str]:
        """Have the provider do the work; fills id and outputs in and returns why the object is not ready."""
        if new["type"] == PROVIDER_TYPE:
            new["outputs"] = {key: value for key, value in new["inputs"].items() if key != "__internal"}
            self.providers.put(new)
            return []
        if not new["custom"]:
            if old is not None and "outputs" in old:
                new["outputs"] = old["outputs"]
            return []
        from sandbox.engine.kube.apply import Wish

        goal = plan.goal
        wish = Wish(
            urn=goal.urn,
            inputs=new["inputs"],
            preview=self.op.preview,
            note=partial(self._note, goal.urn),
            timeout_seconds=goal.timeouts_seconds.get("create" if old is None else "update"),
            ignored=goal.ignore_changes,
            pending_since=self.journal.pending_since(goal.urn) if old is None else None,
        )
        provider = self.providers.get(goal.provider)
        applied = provider.create(wish) if old is None else provider.update(wish, old["outputs"])
        new["id"] = applied.id
        new["outputs"] = dict(applied.outputs)
        for key in goal.secret_outputs:
            if key in new["outputs"]:
                new["outputs"][key] = values.secret(new["outputs"][key])
        self.events.hide(new["outputs"])
        if applied.errors:
            new["initErrors"] = applied.errors
        return applied.errors

    def _finish(self, op: str, old: Row | None, new: Row, plan: Plan, errors: list[str]) -> None:
        if errors:
            listed = "\n".join(f"\t* {text}" for text in errors)
            plural = "error" if len(errors) == 1 else "errors"
            self.report(op, old, new, f"{len(errors)} {plural} occurred:\n{listed}\n", plan.diff)
            raise StepError
        self.events.count(op, new["urn"])
        if new["custom"]:
            self.events.after(op, old, new, plan.diff)

    def run_hooks(self, when: When, new: Row | None, old: Row | None) -> None:
        """Run the hooks that the step's row binds to this moment."""
        row = new if new is not None else old or {}
        self.hooks.run(when, names_of(row, when), new, old)

    def after(self, when: When, new: Row | None, old: Row | None) -> None:
        """Run after hooks: the step stays done, but the run fails and stops when one refuses."""
        try:
            self.run_hooks(when, new, old)
        except HookError as error:
            self.events.say("error", (new or old or {})["urn"], str(error))
            self.control.fail(str(error))

    def report(
        self, op: str, old: Row | None, new: Row | None, message: str, diff: Diff | None = None, *, stop: bool = True
    ) -> None:
        """Tell and record that a step failed."""
        self.events.say("error", (new or old or {})["urn"], message)
        self.events.failed(op, old, new, diff)
        self.control.fail(message, stop=stop)

    def guard(self, op: str, old: Row | None, new: Row | None, diff: Diff | None = None) -> "Guard":
        """Turn what goes wrong inside the block into one reported error."""
        return Guard(lambda message, stop: self.report(op, old, new, message, diff, stop=stop))

    def _note(self, urn: str, text: str) -> None:
        self.events.say("info", urn, text, ephemeral=True)


class ProtectedError(Exception):
    """A protected resource was to be deleted; the other deletions go on, so that all such errors come at once."""


class Guard:
    """Reports an expected error of a step and raises `StepError` in its place."""

    def __init__(self, report: Callable[[str, bool], None]):
        self._report = report

    def __enter__(self) -> None:
        """Enter the guarded block."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Report; unexpected exceptions pass through unchanged."""
        if isinstance(error, HookError | KubeError | GoalError | ProtectedError):
            self._report(str(error), not isinstance(error, ProtectedError))
            raise StepError from error
