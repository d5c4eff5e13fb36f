"""What was done to a stack: one record per update, with the state after it beside it."""

import json
import shutil
import time
from typing import Any

from sandbox.engine.backend.errors import EngineError
from sandbox.engine.backend.files import write_durably
from sandbox.engine.backend.layout import StackRef


def append(ref: StackRef, record: dict[str, Any]) -> None:
    """Add one update's record, and keep copies of the checkpoint as it is now."""
    stamp = time.time_ns()
    write_durably(ref.history / f"{ref.name}-{stamp}.history.json", json.dumps(record, separators=(",", ":")).encode())
    data = ref.checkpoint.read_bytes()
    write_durably(ref.history / f"{ref.name}-{stamp}.checkpoint.json", data)
    write_durably(ref.backups / f"{ref.name}.{stamp}.json", data)


def read(ref: StackRef, *, page_size: int = 0, page: int = 1) -> list[dict[str, Any]]:
    """The records, newest first; `page_size` 0 means all of them."""
    if not ref.history.is_dir():
        return []
    paths = sorted(ref.history.glob("*.history.json"), reverse=True)
    if page_size > 0:
        start = (max(page, 1) - 1) * page_size
        paths = paths[start : start + page_size]
    records = []
    for path in paths:
        try:
            records.append(json.loads(path.read_bytes()))
        except ValueError as error:
            raise EngineError(f"reading history file {path}: {error}. Remove the file to go on without it.") from error
    return records


def remove(ref: StackRef, *, backups: bool) -> None:
    """Remove a stack: its history, and its checkpoint, which stays as a backup file unless `backups` are to go too."""
    path = ref.checkpoint
    backup = path.with_name(path.name + ".bak")
    if backups:
        path.unlink(missing_ok=True)
        backup.unlink(missing_ok=True)
        shutil.rmtree(ref.backups, ignore_errors=True)
    else:
        path.replace(backup)
    shutil.rmtree(ref.history, ignore_errors=True)
