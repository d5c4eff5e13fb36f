"""Providers: their rows, and a connection to the cluster for each.

The default provider of a version of the SDK is made by the engine, at the first resource that names no provider.
"""

import json
import threading
import uuid
from typing import TYPE_CHECKING, Any

from sandbox.engine.deploy import urns
from sandbox.engine.deploy.control import Control
from sandbox.engine.deploy.events import Events
from sandbox.engine.deploy.goal import Goal, GoalError
from sandbox.engine.deploy.journal import Journal, now
from sandbox.engine.model import Operation, Row
from sandbox.engine.properties import values

if TYPE_CHECKING:
    from sandbox.engine.kube.provider import Provider

TYPE = urns.PROVIDER_PREFIX + "kubernetes"
_FLAGS = ("enableServerSideApply", "upsertExistingObjects")
_ACCEPTED = frozenset({"kubeconfig", "context", "namespace", *_FLAGS, "version", "__internal"})


def check(inputs: dict[str, Any]) -> None:
    """Refuse provider settings that would silently do nothing.

    Raises:
        GoalError: a setting is not supported.
    """
    plain = _settings(inputs)
    unknown = sorted(set(plain) - _ACCEPTED)
    if unknown:
        raise GoalError(
            f"kubernetes provider: this engine does not support {', '.join(unknown)}; "
            f"it knows kubeconfig, context, namespace, {' and '.join(_FLAGS)}"
        )
    if plain.get("enableServerSideApply", True) not in (True, "true", values.UNKNOWN):
        raise GoalError("kubernetes provider: enableServerSideApply=false is not supported; this engine only applies")


class Providers:
    """The provider rows of the run and their connections."""

    def __init__(self, op: Operation, journal: Journal, events: Events, control: Control):
        self._op = op
        self._journal = journal
        self._events = events
        self._control = control
        self._lock = threading.Lock()
        self._rows: dict[str, Row] = {row["urn"]: row for row in journal.base if row["type"] == TYPE}
        self._made: set[str] = set()
        self._open: dict[str, Provider] = {}

    def default(self, goal: Goal) -> str:
        """Return the reference of the default provider for a goal, making the provider if need be.

        Raises:
            GoalError: the resource is not a Kubernetes one.
        """
        if not goal.type.startswith("kubernetes:"):
            raise GoalError(
                f'"{goal.name}" ({goal.type}): this engine only knows the kubernetes provider; use the Pulumi CLI'
            )
        name = "default" + (f"_{goal.version}".replace(".", "_") if goal.version else "")
        urn = urns.make(self._op.stack, self._op.project, "", TYPE, name)
        with self._lock:
            if urn not in self._made:
                self._make_default(urn, goal.version)
                self._made.add(urn)
            return f"{urn}::{self._rows[urn]['id']}"

    def _make_default(self, urn: str, version: str) -> None:
        inputs: dict[str, Any] = {"__internal": {}}
        if version:
            inputs["version"] = version
        for name, text in self._op.config.items():
            package, _, setting = name.partition(":")
            if package == "kubernetes":
                inputs[setting] = values.secret(text) if name in self._op.secret_keys else text
        check(inputs)
        old = next((row for row in self._journal.left() if row["urn"] == urn and not row.get("delete")), None)
        outputs = {name: value for name, value in inputs.items() if name != "__internal"}
        row: Row = {"urn": urn, "custom": True, "type": TYPE, "inputs": inputs, "outputs": outputs}
        row["id"] = old["id"] if old else str(uuid.uuid4())
        row["created"] = row["modified"] = old["created"] if old and old.get("created") else now()
        op = "create" if old is None else "same" if old.get("inputs") == inputs else "update"
        self._events.before(op, old, row)
        self._rows[urn] = row
        self._journal.commit(old, row)
        if op != "same":
            self._journal.save()
        self._events.after(op, old, row)

    def put(self, row: Row) -> None:
        """Keep a provider row that the program registered."""
        with self._lock:
            self._rows[row["urn"]] = row
            stale = self._open.pop(row["urn"], None)
        if stale is not None:
            stale.close()

    def get(self, reference: str) -> "Provider":
        """Return the connection that a provider reference stands for.

        Raises:
            GoalError: there is no such provider.
        """
        from sandbox.engine.kube.access import Access
        from sandbox.engine.kube.provider import Provider

        urn, _ = urns.split_provider(reference)
        with self._lock:
            if urn not in self._rows:
                raise GoalError(f"provider {reference} is not in the state and was not registered")
            if urn not in self._open:
                settings = _settings(self._rows[urn].get("inputs") or {})
                texts = {name: str(settings.get(name) or "") for name in ("kubeconfig", "context", "namespace")}
                access = Access(**texts, upsert=settings.get("upsertExistingObjects") is True)
                self._open[urn] = Provider(access, self._control.cancel)
            return self._open[urn]

    def close(self) -> None:
        """Close all connections."""
        for one in self._open.values():
            one.close()


def _settings(inputs: dict[str, Any]) -> dict[str, Any]:
    """Provider inputs travel as JSON text unless they are strings."""
    settings: dict[str, Any] = values.plain(inputs)
    for name in _FLAGS:
        if settings.get(name) in ("true", "false"):
            settings[name] = json.loads(settings[name])
    return settings
