"""A `pulumi` whose deployment core is replaced: one resource that mirrors the configuration, and no cluster.

Run as a script it is the executable itself. Keys of the configuration steer it: `fail` makes the update fail, `hang`
makes it wait for an interrupt, `crash` raises, `die` kills the process in the middle, `warn` is printed as a warning.
"""

import os
import signal
import sys
import threading
import time
import types
from pathlib import Path
from typing import Any

from sandbox.engine.model import SECRET, SIG, Emit, Operation, Outcome, Row, Snapshot, Store

STACK_TYPE = "pulumi:pulumi:Stack"
MAP_TYPE = "kubernetes:core/v1:ConfigMap"


def rows_of(op: Operation) -> list[Row]:
    """What the stack should hold."""
    stack = f"urn:pulumi:{op.stack}::{op.project}::{STACK_TYPE}::{op.project}-{op.stack}"
    token = {SIG: SECRET, "value": op.config.get(f"{op.project}:token", "hidden")}
    plain = {key: text for key, text in op.config.items() if key not in op.secret_keys}
    outputs = {"active": op.config.get(f"{op.project}:active", "blue"), "secret": token}
    return [
        {"urn": stack, "custom": False, "type": STACK_TYPE, "outputs": outputs},
        {
            "urn": f"urn:pulumi:{op.stack}::{op.project}::{MAP_TYPE}::settings",
            "custom": True,
            "id": "default/settings",
            "type": MAP_TYPE,
            "inputs": {"data": plain, "token": token},
            "outputs": {"data": plain, "token": token},
            "parent": stack,
        },
    ]


def run(op: Operation, snapshot: Snapshot, store: Store, emit: Emit, *, on_interrupt: threading.Event) -> Outcome:
    """Stands in for `sandbox.engine.deploy.run`."""
    old = {row["urn"]: row for row in snapshot.resources}
    new = [] if op.kind == "destroy" else rows_of(op) if op.kind == "update" else snapshot.resources
    changes: dict[str, int] = {}
    for row in new:
        step = "create" if row["urn"] not in old else "same" if old[row["urn"]] == row else "update"
        _step(emit, step, old.get(row["urn"]), row, changes)
    for urn in reversed([urn for urn in old if urn not in {row["urn"] for row in new}]):
        _step(emit, "delete", old[urn], None, changes)
    text = {key.partition(":")[2]: value for key, value in op.config.items()}
    outcome = Outcome(changes=changes)
    if not op.preview:
        outcome = _act(op, store, new, text, outcome, on_interrupt)
    if "warn" in text:
        emit({"diagnosticEvent": {"urn": "", "severity": "warning", "prefix": "warning: ", "message": text["warn"]}})
    return outcome


def _step(emit: Emit, op: str, old: Row | None, new: Row | None, changes: dict[str, int]) -> None:
    row: Any = new or old
    metadata = {
        "op": op,
        "urn": row["urn"],
        "type": row["type"],
        "provider": "",
        "old": old,
        "new": new,
        "logical": True,
    }
    emit({"resourcePreEvent": {"metadata": metadata}})
    emit({"resOutputsEvent": {"metadata": metadata}})
    changes[op] = changes.get(op, 0) + 1


def _act(
    op: Operation, store: Store, new: list[Row], text: dict[str, str], outcome: Outcome, on_interrupt: threading.Event
) -> Outcome:
    if "crash" in text:
        raise ZeroDivisionError("the core has a bug")
    if "hang" in text:
        Path(op.root / "hanging").touch()
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline and (text["hang"] == "forever" or not on_interrupt.is_set()):
            time.sleep(0.02)
    if "die" in text:
        store.save(Snapshot(new[:1], [{"resource": new[1], "type": "creating"}]))
        os.kill(os.getpid(), signal.SIGKILL)
    if "fail" in text:
        outcome.errors.append(f"it was told to fail: {text['fail']}")
        return outcome
    store.save(Snapshot(new, []))
    return outcome


def module() -> Any:
    """A module to put in the place of the deployment core."""
    fake: Any = types.ModuleType("sandbox.engine.deploy")
    fake.run = run
    return fake


if __name__ == "__main__":
    import sandbox.engine
    from sandbox.engine.backend import secrets
    from sandbox.engine.cli.main import main

    secrets.ROUNDS = 1000  # the real number costs a third of a second per process

    sys.modules["sandbox.engine.deploy"] = sandbox.engine.deploy = module()  # type: ignore[attr-defined]
    sys.exit(main(sys.argv[1:]))
