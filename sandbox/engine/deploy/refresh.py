"""Brings the state up to date with the cluster: inputs and outputs as they are, rows of what is gone removed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sandbox.engine.deploy.control import StoppedError
from sandbox.engine.deploy.goal import GoalError
from sandbox.engine.deploy.journal import dependencies, now
from sandbox.engine.deploy.providers import TYPE as PROVIDER_TYPE
from sandbox.engine.deploy.steps import Steps
from sandbox.engine.kube.errors import KubeError
from sandbox.engine.model import Row
from sandbox.engine.properties.diff import Diff


@dataclass(frozen=True)
class _Read:
    op: str
    row: Row | None
    diff: Diff | None = None


def run(steps: Steps, *, counted: bool) -> None:
    """Read every resource; `counted` unless the refresh only prepares an update. Saves unless it is a preview."""
    rows = steps.journal.base

    def one(row: Row) -> Row | None:
        try:
            with steps.control.visit(), steps.control.slot():
                return _refresh(steps, row, counted)
        except StoppedError:
            return row

    with ThreadPoolExecutor(max(steps.op.parallel, 1)) as pool:
        found = [row for row in pool.map(one, rows) if row is not None]
    steps.journal.rebase(_without_dangling(found))
    steps.journal.save()


def _refresh(steps: Steps, row: Row, counted: bool) -> Row | None:
    steps.events.before("refresh", row, row, logical=False)
    try:
        read = _read(steps, row)
    except (GoalError, KubeError) as error:
        steps.report("refresh", row, row, str(error))
        return row
    if read.row is not None and read.row.get("initErrors"):
        listed = "\n".join(f"* {text}" for text in read.row["initErrors"])
        steps.events.say("warning", row["urn"], f"Refreshed resource is in an unhealthy state:\n{listed}")
    if counted:
        steps.events.count(read.op, row["urn"])
    steps.events.after(read.op, row, read.row, read.diff, logical=False)
    return read.row


def _read(steps: Steps, row: Row) -> _Read:
    if not row.get("custom") or row["type"] == PROVIDER_TYPE or row.get("pendingReplacement"):
        return _Read("same", row)
    provider = steps.providers.get(row["provider"])
    inputs = {} if row.get("external") else row.get("inputs") or {}
    found = provider.read(row["id"], row["type"], inputs, row.get("outputs") or {})
    if found is None:
        return _Read("delete", None)
    new: Row = {**row, "inputs": found.inputs, "outputs": found.outputs}
    new.pop("initErrors", None)
    if found.errors:
        new["initErrors"] = found.errors
    if (found.inputs, found.outputs) != (row.get("inputs"), row.get("outputs")):
        new["modified"] = now()
    if row.get("external"):
        return _Read("same" if new["outputs"] == row.get("outputs") else "update", new)
    # What an unchanged program would put back, seen from the cluster's side.
    diff = provider.diff(found.outputs, row.get("inputs") or {}, row.get("ignoreChanges") or []).inverted()
    return _Read("update" if diff.changed else "same", new, diff)


def _without_dangling(rows: list[Row]) -> list[Row]:
    """Drop references to rows that are gone."""
    present: set[str] = set()
    result = []
    for row in rows:
        if dependencies(row) - present:
            row = dict(row)
            row["dependencies"] = [urn for urn in row.get("dependencies") or () if urn in present]
            row["propertyDependencies"] = {
                key: [urn for urn in urns or () if urn in present]
                for key, urns in (row.get("propertyDependencies") or {}).items()
            }
            if row.get("deletedWith") not in present:
                row.pop("deletedWith", None)
        present.add(row["urn"])
        result.append(row)
    return result
