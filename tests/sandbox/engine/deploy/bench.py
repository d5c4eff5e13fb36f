"""Runs programs through the engine in this process and keeps their state, checking every snapshot that is saved."""

import json
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.engine.backend.envelopes import Sealer
from sandbox.engine.backend.row_texts import COMPACT, RowTexts
from sandbox.engine.backend.secrets import SecretsManager
from sandbox.engine.deploy import run
from sandbox.engine.deploy.journal import dependencies
from sandbox.engine.model import Event, Operation, Outcome, Row, Snapshot

# Plain CustomResources spare the tests the import of the whole Kubernetes SDK.
PRELUDE = """
import asyncio
import pulumi
from pulumi import ResourceHook, ResourceHookBinding, ResourceOptions
config = pulumi.Config()

def make(kind, name, opts=None, api="v1", metadata=None, **props):
    token = ("core/v1" if api == "v1" else api) + ":" + kind
    props = {"apiVersion": api, "kind": kind, "metadata": {"name": name, **(metadata or {})}, **props}
    fields = dict.fromkeys(["data", "metadata", "spec", "status"]) | props
    class Plain(pulumi.CustomResource):
        metadata: pulumi.Output[dict]
        data: pulumi.Output[dict]
        spec: pulumi.Output[dict]
    return Plain(f"kubernetes:{token}", name.removesuffix("-v2"), fields, opts)

def config_map(name, opts=None, metadata=None, **data):
    return make("ConfigMap", name, opts, metadata=metadata, data=data)

def service(name, opts=None, force=False, **selector):
    forced = {"pulumi.com/patchForce": "true"} if force else {}
    quiet = {"annotations": {"pulumi.com/skipAwait": "true", **forced}}
    return make("Service", name, opts, metadata=quiet, spec={"selector": selector, "ports": [{"port": 80}]})
"""


def check(snapshot: Snapshot) -> None:
    """The integrity rules of the checkpoint."""
    seen: set[str] = set()
    live: set[str] = set()
    for row in snapshot.resources:
        missing = dependencies(row) - seen
        assert not missing, f"{row['urn']} comes before what it refers to: {missing}"
        if not row.get("delete"):
            assert row["urn"] not in live, f"two live rows for {row['urn']}"
            live.add(row["urn"])
        assert row["custom"] or "id" not in row
        seen.add(row["urn"])


class _Open(Sealer):
    """Leaves secrets as they are."""

    def seal(self, value: Any, place: str) -> Any:
        return value


@dataclass
class MemoryStore:
    """Keeps the last snapshot, as JSON, so that nothing can change it afterwards.

    The texts that the real store keeps are held to the rows at every save: none may be changed in its inside.
    """

    text: str = '{"resources": [], "pending": []}'
    saves: int = 0
    texts: RowTexts = field(default_factory=lambda: RowTexts(_Open(SecretsManager(), SecretsManager())))

    def save(self, snapshot: Snapshot) -> None:
        check(snapshot)
        rows = [*snapshot.resources, *(one["resource"] for one in snapshot.pending)]
        plain = [json.dumps(row, separators=COMPACT, ensure_ascii=False) for row in rows]
        assert [text.decode() for text in self.texts.of(rows)] == plain
        self.text = json.dumps({"resources": snapshot.resources, "pending": snapshot.pending})
        self.saves += 1

    def load(self) -> Snapshot:
        return Snapshot(**json.loads(self.text))


@dataclass
class Result:
    """One run: how it ended, its events and the state it left."""

    outcome: Outcome
    events: list[Event]
    state: Snapshot
    saves: int

    def steps(self, kind: str = "resOutputsEvent") -> list[tuple[str, str]]:
        """(op, name) of the events of a kind, unchanged ones left out."""
        found = [event[kind]["metadata"] for event in self.events if kind in event]
        return [(one["op"], one["urn"].split("::")[-1]) for one in found if one["op"] != "same"]

    def said(self, severity: str | None = None) -> str:
        """All messages, or those of one severity."""
        found = [event["diagnosticEvent"] for event in self.events if "diagnosticEvent" in event]
        return "".join(one["message"] for one in found if severity in (None, one["severity"]))

    def row(self, name: str) -> Row:
        """The live row of a resource."""
        return next(row for row in self.state.resources if row["urn"].endswith(f"::{name}") and not row.get("delete"))

    def names(self) -> list[str]:
        """The resources in the state, without the stack and the providers."""
        return [row["urn"].split("::")[-1] for row in self.state.resources if "pulumi:" not in row["type"]]


@dataclass
class Bench:
    """A project folder and its state."""

    folder: Path
    store: MemoryStore = field(default_factory=MemoryStore)
    config: dict[str, str] = field(default_factory=dict)
    on_event: Callable[[Event], None] = lambda event: None

    def program(self, body: str) -> None:
        """Write the program."""
        (self.folder / "__main__.py").write_text(PRELUDE + body)

    def run(self, body: str | None = None, /, *, kind: str = "update", preview: bool = False, **more: Any) -> Result:
        """Run an operation, after replacing the program if `body` is given."""
        if body is not None:
            self.program(body)
        events: list[Event] = []
        interrupt = more.pop("interrupt", threading.Event())
        config = {f"demo:{key}": str(value) for key, value in more.pop("config", {}).items()}
        options = {"secret_keys": [], "parallel": 4, **more}
        op = Operation(
            kind=kind,  # type: ignore[arg-type]
            preview=preview,
            project="demo",
            stack="dev",
            root=self.folder,
            entry=self.folder / "__main__.py",
            python=sys.executable,
            config={**self.config, **config},
            **options,
        )
        saves = self.store.saves

        def emit(event: Event) -> None:
            json.dumps(event)
            events.append(event)
            self.on_event(event)

        outcome = run(op, self.store.load(), self.store, emit, on_interrupt=interrupt)
        return Result(outcome, events, self.store.load(), self.store.saves - saves)
