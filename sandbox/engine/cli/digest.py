"""`--json`: a preview as one document, a run as a line per event."""

import json
import sys
from typing import Any

from sandbox.engine.cli import tables
from sandbox.engine.model import Event, Row

_STATE_FIELDS = ("urn", "custom", "delete", "id", "type", "inputs", "outputs", "parent", "protect", "provider")


class Lines:
    """Each event as a line of JSON."""

    def on_event(self, event: Event) -> None:
        """Print it."""
        sys.stdout.write(json.dumps(event, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    def close(self) -> None:
        """Nothing to finish."""


class Digest:
    """The whole preview as one document, printed at the end so that stdout is JSON and nothing else."""

    def __init__(self, *, show_sames: bool, suppress_outputs: bool) -> None:
        self._show_sames, self._suppress_outputs = show_sames, suppress_outputs
        self._document: dict[str, Any] = {}
        self._steps: list[dict[str, Any]] = []
        self._diagnostics: list[dict[str, Any]] = []
        self._refreshing: dict[str, int] = {}  # urn -> place of its step

    def on_event(self, event: Event) -> None:
        """Collect it."""
        if "preludeEvent" in event:
            self._document["config"] = event["preludeEvent"].get("config", {})
        elif "diagnosticEvent" in event:
            self._diagnose(event["diagnosticEvent"])
        elif "resourcePreEvent" in event:
            self._plan(event["resourcePreEvent"]["metadata"])
        elif "resOutputsEvent" in event:
            self._found(event["resOutputsEvent"]["metadata"])
        elif "summaryEvent" in event:
            body = event["summaryEvent"]
            self._document["duration"] = int(body["durationSeconds"] * 1_000_000_000)
            self._document["changeSummary"] = body["resourceChanges"]
            self._document["maybeCorrupt"] = body["maybeCorrupt"]

    def _diagnose(self, body: dict[str, Any]) -> None:
        if body.get("ephemeral") or body.get("severity") == "debug":
            return
        item = {"message": body["prefix"] + body["message"], "severity": body["severity"]}
        self._diagnostics.append({"urn": body["urn"], **item} if body.get("urn") else item)

    def _plan(self, meta: dict[str, Any]) -> None:
        if meta["op"] == "same" and not self._show_sames and meta["type"] != "pulumi:pulumi:Stack":
            return
        if meta["op"] == "refresh":
            self._refreshing[meta["urn"]] = len(self._steps)
        self._steps.append(self._step(meta))

    def _found(self, meta: dict[str, Any]) -> None:
        """A refresh learns what to do only when it has read the object."""
        place = self._refreshing.get(meta["urn"])
        if place is not None and meta["op"] in ("update", "delete"):
            self._steps[place] = self._step(meta)

    def _step(self, meta: dict[str, Any]) -> dict[str, Any]:
        step: dict[str, Any] = {"op": meta["op"], "urn": meta["urn"]}
        if meta.get("provider"):
            step["provider"] = meta["provider"]
        for name, source in (("oldState", "old"), ("newState", "new")):
            if meta.get(source):
                step[name] = self._state(meta[source])
        if meta.get("diffs"):
            step["diffReasons"] = meta["diffs"]
        if meta.get("keys"):
            step["replaceReasons"] = meta["keys"]
        if meta.get("detailedDiff") is not None:
            step["detailedDiff"] = {
                path: {"kind": diff.get("diffKind", "update"), "inputDiff": bool(diff.get("inputDiff"))}
                for path, diff in meta["detailedDiff"].items()
            }
        return step

    def _state(self, row: Row) -> Row:
        state = {key: row[key] for key in _STATE_FIELDS if row.get(key) not in (None, "", {}, [])}
        if self._suppress_outputs and row.get("type") == "pulumi:pulumi:Stack":
            state.pop("inputs", None)
            state.pop("outputs", None)
        return {"custom": False, **state}

    def close(self) -> None:
        """Print the document."""
        document = {"config": {}, "steps": self._steps, **self._document}
        if self._diagnostics:
            document["diagnostics"] = self._diagnostics
        tables.print_json(document, indent=4)
        sys.stdout.flush()
