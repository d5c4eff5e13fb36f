"""What a run did to each resource, collected from its events: the model behind the tree and the diagnostics."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.engine.model import Event

STACK = "pulumi:pulumi:Stack"
PREFIX = {
    "same": " ",
    "create": "+",
    "update": "~",
    "delete": "-",
    "replace": "+-",
    "create-replacement": "++",
    "delete-replaced": "--",
    "read": ">",
    "refresh": "~",
    "import": "=",
}
DONE = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "replace": "replaced",
    "create-replacement": "created replacement",
    "delete-replaced": "deleted original",
    "read": "read",
    "refresh": "refreshed",
    "import": "imported",
    "same": "unchanged",
}
_REPLACING = ("create-replacement", "replace", "delete-replaced")


@dataclass
class ResourceRow:
    """One resource of the run."""

    urn: str
    type: str = ""
    op: str = "same"
    meta: dict[str, Any] = field(default_factory=dict)
    failed: bool = False
    errors: int = 0
    warnings: int = 0
    diagnostics: list[dict[str, Any]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The resource's own name."""
        return self.urn.rpartition("::")[2]

    @property
    def parent(self) -> str:
        """The parent's URN, or an empty text."""
        state = self.meta.get("new") or self.meta.get("old") or {}
        return str(state.get("parent") or "")

    @property
    def worth_showing(self) -> bool:
        """Whether anything happened to it."""
        return self.op not in ("same", "refresh") or bool(self.diagnostics) or self.failed


class Rows:
    """The resources of a run by URN, in the order they were first heard of."""

    def __init__(self, root_urn: str) -> None:
        self.root_urn = root_urn
        self.all: dict[str, ResourceRow] = {}
        self.outputs: dict[str, Any] | None = None  # the stack's, once it has registered them
        self.old_outputs: dict[str, Any] = {}

    def on_event(self, event: Event) -> ResourceRow | None:
        """Take an event in; gives the row it is about, or None."""
        for kind in ("resourcePreEvent", "resOutputsEvent", "resOpFailedEvent"):
            if kind in event:
                return self._step(kind, event[kind]["metadata"])
        if "diagnosticEvent" in event:
            return self._diagnostic(event["diagnosticEvent"])
        return None

    def _step(self, kind: str, meta: dict[str, Any]) -> ResourceRow:
        row = self.row(meta["urn"])
        row.type = meta["type"]
        replacing = row.op in _REPLACING
        row.op = "replace" if meta["op"] in _REPLACING else row.op if replacing else meta["op"]
        if not (replacing and row.meta.get("new") and not meta.get("new")):
            row.meta = meta
        row.failed = row.failed or kind == "resOpFailedEvent"
        if meta["type"] == STACK:
            self.old_outputs = (meta.get("old") or {}).get("outputs") or {}
            if kind == "resOutputsEvent":
                self.outputs = (meta.get("new") or {}).get("outputs") or {}
        return row

    def _diagnostic(self, body: dict[str, Any]) -> ResourceRow | None:
        row = self.row(body.get("urn") or self.root_urn)
        if body["severity"] == "debug":
            return None
        row.errors += body["severity"] == "error"
        row.warnings += body["severity"] == "warning"
        if not body.get("ephemeral"):
            row.diagnostics.append(body)
        return row

    def row(self, urn: str) -> ResourceRow:
        """The row of a URN."""
        if urn not in self.all:
            self.all[urn] = ResourceRow(urn, type=urn.split("::")[2].rpartition("$")[2] if "::" in urn else "")
        return self.all[urn]

    def tree(self, *, everything: bool) -> list[tuple[str, ResourceRow]]:
        """Rows with the glyphs of their place in the tree: those that changed and those above them, or all."""
        shown = {urn for urn, row in self.all.items() if everything or row.worth_showing or row.type == STACK}
        for urn in list(shown):
            while (parent := self.all[urn].parent) in self.all and parent not in shown:
                shown.add(parent)
                urn = parent
        ordered = [row for urn, row in self.all.items() if urn in shown]
        roots = [row for row in ordered if row.parent not in shown]
        return [pair for root in roots for pair in _branch(ordered, root, "", "")]


def _branch(rows: list[ResourceRow], row: ResourceRow, lead: str, follow: str) -> list[tuple[str, ResourceRow]]:
    found = [(lead, row)]
    children = [child for child in rows if child.parent == row.urn and child is not row]
    for child in children:
        last = child is children[-1]
        found += _branch(rows, child, follow + ("└─ " if last else "├─ "), follow + ("   " if last else "│  "))
    return found
