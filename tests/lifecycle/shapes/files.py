"""The workloads to run: shapes of our own writing beside this file, and those of any folder that is named."""

import os
from collections.abc import Iterator
from pathlib import Path

from components.takeover.reading import objects_in
from components.takeover.workloads import Workload, workloads

FOLDER = "SHAPES"  # the environment variable that names a folder of manifests, or one file
OWN = Path(__file__).parent / "own"


def found() -> Iterator[tuple[str, Workload]]:
    """Each workload with the name of its file: of the folder that is named, else our own."""
    root = Path(os.environ[FOLDER]) if os.environ.get(FOLDER) else OWN
    for path in sorted(root.rglob("*.y*ml")) if root.is_dir() else [root]:
        for one in workloads(objects_in(path.read_bytes())):
            yield f"{path.stem}-{one.name}", one
