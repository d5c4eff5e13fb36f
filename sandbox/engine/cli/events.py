"""The stream of events of one run: numbered, stamped, masked, and handed to whoever listens.

The order is prelude, what the deployment emits, summary, cancel; the last one tells readers that nothing follows.
"""

import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from sandbox.engine.backend.envelopes import MASK, mask
from sandbox.engine.model import Event

_SHORTEST_SECRET = 3  # shorter texts appear by chance in any message


class Listener(Protocol):
    """Someone who is told each event, and when there are no more."""

    def on_event(self, event: Event) -> None:
        """Take one event; called by one thread at a time."""

    def close(self) -> None:
        """Finish: no event follows."""


class Stream:
    """Takes events from any thread and passes them on, in one order, to all listeners."""

    def __init__(self, listeners: list[Listener], *, preview: bool, secrets: list[str], show_secrets: bool) -> None:
        self._listeners, self._preview, self._show_secrets = listeners, preview, show_secrets
        self._secrets = sorted((text for text in secrets if len(text) >= _SHORTEST_SECRET), key=len, reverse=True)
        self._sequence = 0
        self._guard = threading.Lock()

    def emit(self, event: Event) -> None:
        """Pass one event on: `{"<kind>Event": {…}}`."""
        kind, body = next(iter(event.items()))
        body = dict(body) if self._show_secrets else self._masked(kind, body)
        if self._preview and kind in ("resourcePreEvent", "resOutputsEvent"):
            body.setdefault("planning", True)
        if kind == "diagnosticEvent":
            body = {"prefix": "", "color": "never", **body}
        with self._guard:
            stamped = {"sequence": self._sequence, "timestamp": int(time.time()), kind: body}
            self._sequence += 1
            for listener in self._listeners:
                try:
                    listener.on_event(stamped)
                except BrokenPipeError:  # whoever read the output went away; the deployment must not stop midway
                    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - stays open to the end

    def close(self) -> None:
        """Tell the listeners that nothing follows."""
        for listener in self._listeners:
            listener.close()

    def _masked(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        masked: dict[str, Any] = mask(body)
        if kind == "diagnosticEvent":
            message = str(masked.get("message", ""))
            for text in self._secrets:
                message = message.replace(text, MASK)
            masked["message"] = message
        return masked


def diagnostic(message: str, severity: str = "error", urn: str = "") -> Event:
    """A diagnostic event with one message."""
    prefix = "" if severity.startswith("info") else f"{severity}: "
    body = {"urn": urn, "prefix": prefix, "message": message + "\n", "color": "never", "severity": severity}
    return {"diagnosticEvent": body if urn else {key: value for key, value in body.items() if key != "urn"}}


class ErrorsSeen:
    """Remembers the error messages that went by, so that none is reported twice and none is lost."""

    def __init__(self) -> None:
        self._messages: list[str] = []

    def on_event(self, event: Event) -> None:
        """Note an error's message."""
        body = event.get("diagnosticEvent")
        if body and body.get("severity") == "error":
            self._messages.append(body["message"])

    def close(self) -> None:
        """Nothing to finish."""

    def has(self, text: str) -> bool:
        """Whether an error with this text was reported."""
        return any(text.strip() in message for message in self._messages)


def calling(function: Callable[[Event], None]) -> Listener:
    """A listener from a function."""

    class _Calling:
        def on_event(self, event: Event) -> None:
            function(event)

        def close(self) -> None:
            """Nothing to finish."""

    return _Calling()
