"""What people see of a run: steps as they happen, then the tree, diagnostics, outputs and counts.

A preview shows its tree at the end; an update prints a line per step while it runs, so that long ones are not silent.
"""

import dataclasses
import math
import sys
import time
from typing import Any

from sandbox.engine.cli import diffs
from sandbox.engine.cli.rows import DONE, PREFIX, ResourceRow, Rows
from sandbox.engine.model import Event

_COLORS = {"+": 32, "~": 33, "-": 31, "+-": 35, "++": 32, "--": 31, "error": 31, "warning": 33, "head": 1}


@dataclasses.dataclass(frozen=True)
class Style:
    """How much to show, and in color or not."""

    color: bool = False
    diff: bool = False
    show_sames: bool = False
    suppress_outputs: bool = False
    suppress_progress: bool = False


class Display:
    """Prints one run."""

    def __init__(self, root_urn: str, style: Style, *, preview: bool) -> None:
        self._rows = Rows(root_urn)
        self._style, self._preview = style, preview
        self._started: dict[str, float] = {}
        self._summary: dict[str, Any] = {}

    def on_event(self, event: Event) -> None:
        """Take an event in, and print what it says while the run goes on."""
        row = self._rows.on_event(event)
        if "summaryEvent" in event:
            self._summary = event["summaryEvent"]
        if row is None or self._preview or self._style.suppress_progress:
            return
        if "diagnosticEvent" in event:
            self._say(row, event["diagnosticEvent"])
        else:
            kind = next(key for key in event if key.endswith("Event"))
            self._progress(kind, row, event[kind]["metadata"])

    def _say(self, row: ResourceRow, body: dict[str, Any]) -> None:
        for line in (body["prefix"] + body["message"]).rstrip("\n").split("\n"):
            self._print(f"    {row.type} {row.name}  {self._paint(line, body['severity'])}")

    def _progress(self, kind: str, row: ResourceRow, meta: dict[str, Any]) -> None:
        op = meta["op"]
        if op in ("same", "replace", "refresh") and kind != "resOpFailedEvent":
            return  # a replacement shows as its create and its delete
        sign = PREFIX.get(op, " ")
        what = {"resourcePreEvent": _present(op), "resOutputsEvent": DONE.get(op, op)}.get(
            kind, f"{_present(op)} failed"
        )
        now = time.monotonic()
        started = self._started.setdefault(f"{row.urn} {op}", now)
        seconds = "" if kind == "resourcePreEvent" else f" ({now - started:.2f}s)"
        info = diffs.short(meta) if kind == "resourcePreEvent" else ""
        self._print(f" {self._paint(f'{sign:<2}', sign)} {row.type} {row.name} {what}{seconds} {info}".rstrip())

    def close(self) -> None:
        """Print what there is to say at the end."""
        if self._preview:
            self._print_tree()
        if self._style.diff:
            self.print_diff()
        self._print_diagnostics()
        self._print_outputs()
        self._print_summary()
        sys.stdout.flush()

    def _print_tree(self) -> None:
        rows = [["", "Type", "Name", "Plan", "Info"]]
        for lead, row in self._rows.tree(everything=self._style.show_sames):
            idle = row.op in ("same", "refresh")
            sign, plan = ("", "") if idle else (PREFIX.get(row.op, ""), row.op)
            rows.append([sign, lead + row.type, row.name, plan, _info(row)])
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        for row_number, (sign, *cells, info) in enumerate(rows):
            body = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths[1:], strict=True))
            line = f" {self._paint(f'{sign:<2}', sign)}  {body}  {info}".rstrip()
            self._print(self._paint(line, "head") if row_number == 0 else line)
        self._print("")

    def print_diff(self) -> None:
        """Print the values that change, resource by resource."""
        for row in self._rows.all.values():
            if row.op in ("same", "refresh"):
                continue
            sign = PREFIX.get(row.op, " ")
            self._print(self._paint(f"  {sign:<2} {row.type}: ({row.op})", sign))
            self._print(f"        [urn={row.urn}]")
            for line in diffs.long(row.meta):
                self._print(self._paint(f"      {line}", line[0]))
        self._print("")

    def _print_diagnostics(self) -> None:
        """Everything that was said in a preview; only warnings and errors of an update, whose lines were printed.

        The stack's own come last: "update failed" is no news to whoever has not read yet what failed.
        """
        first = True
        for row in sorted(self._rows.all.values(), key=lambda row: row.urn == self._rows.root_urn):
            said = [one for one in row.diagnostics if self._preview or one["severity"] in ("error", "warning")]
            if not said:
                continue
            if first:
                self._print(self._paint("Diagnostics:", "head"))
                first = False
            self._print(f"  {row.type} ({row.name}):")
            for body in said:
                for line in (body["prefix"] + body["message"]).rstrip("\n").split("\n"):
                    self._print("    " + self._paint(line, body["severity"]))
            self._print("")

    def _print_outputs(self) -> None:
        new, old = self._rows.outputs, self._rows.old_outputs
        if self._style.suppress_outputs or new is None or not (new or old):
            return
        self._print(self._paint("Outputs:", "head"))
        for sign, line in diffs.values(old, new):
            self._print(self._paint(f"  {sign} {line}", sign))
        self._print("")

    def _print_summary(self) -> None:
        if not self._summary:
            return
        self._print(self._paint("Resources:", "head"))
        changes = self._summary["resourceChanges"]
        listed = [(op, changes[op]) for op in PREFIX if op not in ("same", "read") and changes.get(op)]
        for op, count in listed:
            sign = PREFIX[op]
            self._print("    " + self._paint(f"{sign:<2}{count} {f'to {op}' if self._preview else DONE[op]}", sign))
        pieces = [f"{sum(count for _, count in listed)} changes"] if len(listed) > 1 else []
        pieces += [f"{changes['same']} unchanged"] if changes.get("same") else []
        if pieces:
            self._print("    " + ". ".join(pieces))
        failed = sum(1 for row in self._rows.all.values() if row.errors)
        if failed:
            self._print("    " + self._paint(f"{failed} errored", "error"))
        if not self._preview:
            self._print(f"\n{self._paint('Duration:', 'head')} {math.ceil(self._summary['durationSeconds'])}s")
        self._print("")

    def _paint(self, text: str, what: str) -> str:
        code = _COLORS.get(what)
        return f"\x1b[{code}m{text}\x1b[0m" if self._style.color and code and text.strip() else text

    def _print(self, line: str) -> None:
        sys.stdout.write(line + "\n")
        if not self._preview:
            sys.stdout.flush()


def _present(op: str) -> str:
    """`create` -> `creating`."""
    words = {"create-replacement": "creating replacement", "delete-replaced": "deleting original", "read": "reading"}
    return words.get(op, op.removesuffix("e") + "ing")


def _info(row: ResourceRow) -> str:
    counts = [
        f"{count} {word}{'s' if count > 1 else ''}"
        for count, word in ((row.errors, "error"), (row.warnings, "warning"))
        if count
    ]
    messages = len(row.diagnostics) - row.errors - row.warnings
    if messages > 0:
        counts.append(f"{messages} message{'s' if messages > 1 else ''}")
    return "; ".join(piece for piece in (diffs.short(row.meta) if row.meta else "", *counts) if piece)
