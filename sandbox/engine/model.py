"""The types that the engine's three rooms share: `cli` and `backend` on one side, `deploy` on the other.

A *row* is one resource of the checkpoint, in the real file backend's own shape (urn, type, inputs, outputs, …).
Secrets inside rows are envelopes `{SIG: SECRET, "value": …}` in memory; the backend encrypts them on the way to disk.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

Row = dict[str, Any]
Event = dict[str, Any]
Emit = Callable[[Event], None]

SIG = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the wire format's own marker, not a secret


@dataclass
class Snapshot:
    """The latest checkpoint: resources in dependency order, and the operations that were under way."""

    resources: list[Row] = field(default_factory=list)
    pending: list[Row] = field(default_factory=list)  # {"resource": Row, "type": "creating" | "updating" | "deleting"}


class Store(Protocol):
    """Where snapshots go. `save` is atomic and durable when it returns; it is called before and after each step."""

    def save(self, snapshot: Snapshot) -> None:
        """Write the snapshot, secrets encrypted."""


@dataclass(frozen=True)
class Operation:
    """One run of the engine, as the command line asked for it."""

    kind: Literal["update", "refresh", "destroy"]
    preview: bool  # plan only: nothing is changed, in the cluster or in the state
    project: str
    stack: str
    root: Path  # the folder with Pulumi.yaml
    entry: Path  # the program: a __main__.py
    python: str  # the interpreter that runs the program
    config: dict[str, str]  # "project:key" -> plain text, objects as JSON text
    secret_keys: list[str]
    parallel: int  # steps at a time
    refresh_first: bool = False
    run_program: bool = True  # `destroy --run-program`: before_delete hooks need the program alive
    clear_pending_creates: bool = False
    show_secrets: bool = False


@dataclass
class Outcome:
    """How the run ended: counts per op for the summary and the history, and the errors in the order they were met."""

    changes: dict[str, int] = field(
        default_factory=dict
    )  # "same" | "create" | "update" | "replace" | "delete" -> count
    errors: list[str] = field(default_factory=list)
    duration_seconds: float = 0.0
    interrupted: bool = False

    @property
    def ok(self) -> bool:
        """Whether everything that was asked for was done."""
        return not self.errors and not self.interrupted
