"""One process at a time per stack: the file backend's lock protocol.

Each process writes a file of its own into the stack's lock folder, and gives way if it finds another's. The look before
writing spares the common case a file; the look after it decides between two that started together. A process that is
killed leaves its file: only the user knows that it is dead, and `pulumi cancel` removes it.
"""

import contextlib
import json
import os
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sandbox.engine.backend import clock, home
from sandbox.engine.backend.errors import EngineError
from sandbox.engine.backend.files import write_durably
from sandbox.engine.backend.layout import StackRef


@contextlib.contextmanager
def held(ref: StackRef) -> Iterator[None]:
    """Hold the stack's lock; an error that says who has it if someone else does."""
    mine = ref.locks / f"{uuid.uuid4()}.json"
    _check(ref, mine)
    content = {"pid": os.getpid(), "username": home.user(), "hostname": socket.gethostname(), "timestamp": clock.now()}
    write_durably(mine, json.dumps(content, separators=(",", ":")).encode())
    try:
        _check(ref, mine)
        yield
    finally:
        mine.unlink(missing_ok=True)


def holders(ref: StackRef) -> list[Path]:
    """The lock files that are there."""
    return sorted(ref.locks.glob("*.json")) if ref.locks.is_dir() else []


def release_all(ref: StackRef) -> int:
    """Remove every lock of the stack; gives how many there were."""
    found = holders(ref)
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


def _check(ref: StackRef, mine: Path) -> None:
    others = [path for path in holders(ref) if path != mine]
    if not others:
        return
    # `pulumi.automation` looks for "the stack is currently locked by".
    lines = [
        f"the stack is currently locked by {len(others)} lock(s). Either wait for the other process(es) to end or "
        "delete the lock file with `pulumi cancel`."
    ]
    for path in others:
        who = _read(path)
        lines.append(
            f"  file://{path}: created by {who.get('username')}@{who.get('hostname')} (pid {who.get('pid')}) "
            f"at {who.get('timestamp')}"
        )
    raise EngineError("\n".join(lines))


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}  # released between the two looks, or not yet whole: it counts as a lock either way
    return data if isinstance(data, dict) else {}
