"""The snapshot while a run goes on: saved before and after every step, so that a kill at any moment loses nothing.

Rows are kept by identity: several rows may share a URN while a replacement is under way.
"""

import copy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Literal

from sandbox.engine.model import Row, Snapshot, Store

Pending = Literal["creating", "updating", "deleting", "reading", "importing"]


def now() -> str:
    """The current time as rows carry it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def dependencies(row: Row) -> set[str]:
    """Every URN a row refers to: parent, provider, dependencies of the whole and of its properties."""
    found = {*(row.get("dependencies") or ())}
    for urns in (row.get("propertyDependencies") or {}).values():
        found.update(urns or ())
    for key in ("parent", "deletedWith"):
        if row.get(key):
            found.add(row[key])
    if row.get("provider"):
        found.add(row["provider"].rpartition("::")[0])
    return found


class Journal:
    """Old rows, new rows and pending operations; safe for use by many threads."""

    def __init__(self, snapshot: Snapshot, store: Store, *, preview: bool):
        self.base: list[Row] = copy.deepcopy(snapshot.resources)
        self.interrupted: list[Row] = copy.deepcopy(snapshot.pending)
        self._store = store
        self._preview = preview
        self._done: set[int] = set()
        self._news: list[Row] = []
        self._pending: list[Row] = []
        self._renamed: dict[str, str] = {}
        self._lock = threading.Lock()
        self._saving = threading.Lock()
        self._version = self._saved = 0

    def news(self) -> list[Row]:
        """The rows of this run, in the order they were finished."""
        with self._lock:
            return list(self._news)

    def left(self) -> list[Row]:
        """The old rows that no step has dealt with."""
        with self._lock:
            return [row for row in self.base if id(row) not in self._done]

    @contextmanager
    def pending(self, type_: Pending, row: Row) -> Iterator[None]:
        """Record an operation as under way, durably, while the block runs; the block ends with a `commit`."""
        # `created` says since when, for a create that is found done after a kill.
        operation: Row = {"resource": {"created": now(), **row}, "type": type_}
        with self._lock:
            self._pending.append(operation)
        self.save()
        try:
            yield
        finally:
            with self._lock:
                self._pending = [one for one in self._pending if one is not operation]
            self.save()

    def commit(self, old: Row | None = None, new: Row | None = None) -> None:
        """Put a new row in, take an old one out, or both; the caller saves (`pending` does at its end)."""
        with self._lock:
            if old is not None:
                self._done.add(id(old))
                self._news = [row for row in self._news if row is not old]  # one that this run imported
                if new is not None and old["urn"] != new["urn"]:
                    self._renamed[old["urn"]] = new["urn"]
            if new is not None and not any(row is new for row in self._news):
                self._news.append(new)
            self._version += 1

    def forget(self, row: Row) -> None:
        """Take a row of this run out again: a destroy deletes what its own program run kept."""
        with self._lock:
            self._news = [one for one in self._news if one is not row]
            self._done.add(id(row))
            self._version += 1

    def rebase(self, rows: list[Row]) -> None:
        """Replace the old rows, after a refresh."""
        with self._lock:
            self.base = rows
            self.interrupted = [one for one in self.interrupted if one["type"] == "creating"]
            self._version += 1

    def resolve(self, urn: str) -> None:
        """Drop interrupted creates of a resource that now exists."""
        with self._lock:
            self.interrupted = [one for one in self.interrupted if one["resource"]["urn"] != urn]

    def clear_creates(self) -> None:
        """Drop all interrupted creates, as the user asked to."""
        with self._lock:
            self.interrupted = [one for one in self.interrupted if one["type"] != "creating"]
            self._version += 1

    def settle(self) -> None:
        """Save once more if an interrupted operation would otherwise stay in the state: the run has dealt with it."""
        if any(one["type"] != "creating" for one in self.interrupted):
            self.interrupted = [one for one in self.interrupted if one["type"] == "creating"]
            self.save()

    def pending_since(self, urn: str) -> datetime | None:
        """When an interrupted run began to create this resource."""
        for one in self.interrupted:
            if one["type"] == "creating" and one["resource"]["urn"] == urn and one["resource"].get("created"):
                return datetime.fromisoformat(one["resource"]["created"])
        return None

    def save(self) -> None:
        """Write the snapshot; threads that save at the same moment share one write."""
        if self._preview:
            return
        with self._lock:
            self._version += 1
            wanted = self._version
        with self._saving:
            if self._saved >= wanted:
                return
            with self._lock:
                version, snapshot = self._version, self._snapshot()
                # Rows are changed in place (outputs, delete marks): the writer gets its own.
                snapshot = Snapshot([dict(row) for row in snapshot.resources], list(snapshot.pending))
            self._store.save(snapshot)
            self._saved = version

    def _snapshot(self) -> Snapshot:
        """New rows in the order they were finished, then old ones in theirs: what is referred to comes first.

        Interrupted creates stay until they are resolved; other interrupted operations are dropped with the first save.
        """
        rest = [row for row in self.base if id(row) not in self._done]
        if self._renamed:
            rest = [_rename(row, self._renamed) if dependencies(row) & self._renamed.keys() else row for row in rest]
        kept = [one for one in self.interrupted if one["type"] == "creating"]
        return Snapshot([*self._news, *rest], [*kept, *self._pending])


def _rename(row: Row, renamed: dict[str, str]) -> Row:
    def one(urn: str) -> str:
        return renamed.get(urn, urn)

    result = dict(row)
    for key in ("parent", "deletedWith"):
        if row.get(key):
            result[key] = one(row[key])
    if row.get("provider"):
        urn, _, id_ = row["provider"].rpartition("::")
        result["provider"] = f"{one(urn)}::{id_}"
    if row.get("dependencies"):
        result["dependencies"] = [one(urn) for urn in row["dependencies"]]
    if row.get("propertyDependencies"):
        result["propertyDependencies"] = {
            key: [one(urn) for urn in urns or ()] for key, urns in row["propertyDependencies"].items()
        }
    return result
