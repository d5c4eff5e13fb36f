"""Runs the engine in a process of its own: `python -m … FOLDER KIND CONFIG`, state in FOLDER/state.json."""

import json
import os
import sys
import threading
from pathlib import Path

from sandbox.engine.deploy import run
from sandbox.engine.model import Operation, Snapshot
from tests.sandbox.engine.deploy.bench import check


class FileStore:
    """Saves like the real backend: whole and atomically."""

    def __init__(self, path: Path):
        self.path = path

    def save(self, snapshot: Snapshot) -> None:
        check(snapshot)
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps({"resources": snapshot.resources, "pending": snapshot.pending}))
        os.replace(fresh, self.path)


def main(folder: Path, kind: str, config: dict[str, str]) -> int:
    state = folder / "state.json"
    snapshot = Snapshot(**json.loads(state.read_text()))
    op = Operation(
        kind=kind,  # type: ignore[arg-type]
        preview=False,
        project="demo",
        stack="dev",
        root=folder,
        entry=folder / "__main__.py",
        python=sys.executable,
        config=config,
        secret_keys=[],
        parallel=4,
    )
    outcome = run(op, snapshot, FileStore(state), lambda event: None, on_interrupt=threading.Event())
    return 0 if outcome.ok else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])))
