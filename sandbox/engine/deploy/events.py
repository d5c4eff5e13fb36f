"""The engine's events: payloads in the shapes of the real engine's event log, secrets masked."""

import threading
from collections.abc import Iterable
from typing import Any, Literal

from sandbox.engine.deploy import urns
from sandbox.engine.model import Emit, Event, Row
from sandbox.engine.properties.diff import Diff
from sandbox.engine.properties.values import MASK, mask, secret_texts

Severity = Literal["info", "info#err", "warning", "error"]
_PREFIX: dict[str, str] = {"warning": "warning: ", "error": "error: "}
# Create and delete halves of a replacement are no change of their own: `replace` stands for both.
_PARTS = frozenset({"create-replacement", "delete-replaced", "discard-replaced", "remove-pending-replace"})


class Events:
    """Builds payloads and hands them on, one at a time, whichever thread they come from."""

    def __init__(self, emit: Emit, *, preview: bool, show_secrets: bool):
        self._emit = emit
        self._preview = preview
        self._show_secrets = show_secrets
        self._hidden: set[str] = set()
        self._lock = threading.Lock()
        self.changes: dict[str, int] = {}

    def hide(self, value: Any) -> None:
        """Mask the secrets inside a value in every message from now on."""
        self._hidden.update(secret_texts(value))

    def hide_texts(self, texts: Iterable[str]) -> None:
        """Mask these texts in every message from now on; very short ones would mask innocent words."""
        self._hidden.update(text for text in texts if len(text) > 3)

    def before(
        self, op: str, old: Row | None, new: Row | None, diff: Diff | None = None, *, logical: bool = True
    ) -> None:
        """Announce a step; it is not `logical` if it is only a part of another, or only looks."""
        self._send({"resourcePreEvent": self._step(op, old, new, diff, logical)})

    def after(
        self, op: str, old: Row | None, new: Row | None, diff: Diff | None = None, *, logical: bool = True
    ) -> None:
        """Report a step as done."""
        self._send({"resOutputsEvent": self._step(op, old, new, diff, logical)})

    def count(self, op: str, urn: str) -> None:
        """Count a finished step for the summary; what the engine adds by itself is not counted."""
        if op not in _PARTS and not urns.is_default_provider(urn):
            with self._lock:
                self.changes[op] = self.changes.get(op, 0) + 1

    def failed(self, op: str, old: Row | None, new: Row | None, diff: Diff | None = None) -> None:
        """Report a step as failed; its diagnostic has gone out before."""
        self._send({"resOpFailedEvent": {**self._step(op, old, new, diff, True), "status": 1, "steps": 0}})

    def say(self, severity: Severity, urn: str, message: str, *, stream: int = 0, ephemeral: bool = False) -> None:
        """Pass a message on; `ephemeral` ones are progress, overtaken by the next."""
        event: dict[str, Any] = {
            "urn": urn,
            "prefix": _PREFIX.get(severity, ""),
            "message": self._redact(message if message.endswith("\n") else message + "\n"),
            "color": "never",
            "severity": severity,
        }
        if stream:
            event["streamId"] = stream
        if ephemeral:
            event["ephemeral"] = True
        self._send({"diagnosticEvent": event})

    def _redact(self, text: str) -> str:
        if not self._show_secrets:
            for one in sorted(self._hidden, key=len, reverse=True):
                text = text.replace(one, MASK)
        return text

    def _step(self, op: str, old: Row | None, new: Row | None, diff: Diff | None, logical: bool) -> Event:
        row = new or old or {}
        metadata: Event = {
            "op": op,
            "urn": row["urn"],
            "type": row["type"],
            "old": self._state(old),
            "new": self._state(new),
            "provider": row.get("provider", ""),
        }
        if logical and op not in _PARTS:
            metadata["logical"] = True
        # The real engine compares components only as a whole.
        if diff is not None and diff.changed and row.get("custom"):
            metadata["detailedDiff"] = diff.detailed()
            if diff.replace_paths:
                metadata["keys"] = diff.replace_paths
        return {"metadata": metadata, **({"planning": True} if self._preview else {})}

    def _state(self, row: Row | None) -> Event | None:
        if row is None:
            return None
        state = {
            "type": row["type"],
            "urn": row["urn"],
            "id": row.get("id", ""),
            "parent": row.get("parent", ""),
            "provider": row.get("provider", ""),
            "inputs": row.get("inputs") or {},
            "outputs": row.get("outputs") or {},
        }
        for key in ("custom", "protect", "retainOnDelete", "delete"):
            if row.get(key):
                state[key] = True
        if row.get("initErrors"):
            state["initErrors"] = [self._redact(text) for text in row["initErrors"]]
        if not self._show_secrets:
            state["inputs"], state["outputs"] = mask(state["inputs"]), mask(state["outputs"])
        return state

    def _send(self, event: Event) -> None:
        with self._lock:
            self._emit(event)
