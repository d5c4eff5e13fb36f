"""One run of the deployment core and what surrounds it: signals, the stream of events, its first and last ones."""

import threading
import time
import traceback
from collections.abc import Callable, Sequence
from typing import Protocol

from sandbox.engine.backend.errors import EngineError
from sandbox.engine.cli import interrupts
from sandbox.engine.cli.events import ErrorsSeen, Listener, Stream, diagnostic
from sandbox.engine.model import Emit, Operation, Outcome, Snapshot, Store


class Core(Protocol):
    """The deployment core's one function, `sandbox.engine.deploy.run`."""

    def __call__(
        self, op: Operation, snapshot: Snapshot, store: Store, emit: Emit, *, on_interrupt: threading.Event
    ) -> Outcome:
        """Carry out one operation."""


class NoStore:
    """The store of a preview: it has nothing to keep."""

    def save(self, snapshot: Snapshot) -> None:
        """Keep nothing."""


def root_urn(operation: Operation) -> str:
    """The URN of the stack itself."""
    project, stack = operation.project, operation.stack
    return f"urn:pulumi:{stack}::{project}::pulumi:pulumi:Stack::{project}-{stack}"


def run(
    core: Core,
    operation: Operation,
    snapshot: Snapshot,
    store: Store,
    listeners: Sequence[Listener],
    *,
    secrets: list[str],
) -> Outcome:
    """Run it and tell the listeners; failures are in the outcome. `secrets` are texts to mask in messages."""
    seen = ErrorsSeen()
    stream = Stream([seen, *listeners], preview=operation.preview, secrets=secrets, show_secrets=operation.show_secrets)
    masked = {key: "[secret]" if key in operation.secret_keys else text for key, text in operation.config.items()}
    requested = threading.Event()
    started = time.monotonic()
    try:
        stream.emit({"preludeEvent": {"config": masked}})
        if snapshot.pending and not operation.preview and operation.kind != "refresh":
            stream.emit(diagnostic(pending_warning(snapshot), "warning"))
        with interrupts.handled(requested, preview=operation.preview):
            outcome = _attempt(lambda: core(operation, snapshot, store, stream.emit, on_interrupt=requested))
        outcome.interrupted = outcome.interrupted or requested.is_set()
        outcome.duration_seconds = time.monotonic() - started
        root = root_urn(operation)
        for error in outcome.errors:
            if not seen.has(error):
                stream.emit(diagnostic(error, urn=root))
        if not outcome.ok:
            verb = "preview" if operation.preview else operation.kind
            stream.emit(diagnostic(f"{verb} {'cancelled' if outcome.interrupted else 'failed'}", urn=root))
        summary = {
            "maybeCorrupt": False,
            "durationSeconds": int(outcome.duration_seconds),
            "resourceChanges": {op: count for op, count in outcome.changes.items() if count},
            "PolicyPacks": {},
            "isPreview": operation.preview,
            "result": "succeeded" if outcome.ok else "failed",
        }
        stream.emit({"summaryEvent": summary})
    finally:
        stream.emit({"cancelEvent": {}})
        stream.close()
    return outcome


def _attempt(deployment: Callable[[], Outcome]) -> Outcome:
    """The deployment's outcome; what it raises is an outcome too, so that the history and the readers learn of it."""
    try:
        return deployment()
    except EngineError as error:
        return Outcome(errors=[str(error)])
    except Exception:
        return Outcome(errors=[f"the sandbox's engine failed, which is a bug in it:\n{traceback.format_exc()}"])


def pending_warning(snapshot: Snapshot) -> str:
    """What to say when the last run was interrupted in the middle of an operation."""
    lines = "".join(f"  * {one['resource']['urn']}, interrupted while {one['type']}\n" for one in snapshot.pending)
    return (
        "Attempting to deploy or update resources "
        f"with {len(snapshot.pending)} pending operations from previous deployment.\n{lines}"
        "These resources are in an unknown state because the Pulumi CLI was interrupted while waiting for changes to "
        "these resources to complete. You should confirm whether or not the operations listed completed successfully "
        "by checking the state of the appropriate provider.\n\n"
        "Once you have confirmed the status of the interrupted operations, you can repair your stack using "
        "`pulumi refresh` which will refresh the state from the provider you are using and clear the pending "
        "operations if there are any.\n\n"
        "Note that `pulumi refresh` will need to be run with --clear-pending-creates to clear pending CREATE "
        "operations."
    )
