"""kwok's rules for nodes and pods, from the YAML files that ship in its module: without any it refuses to start."""

from pathlib import Path

from sandbox import golang
from sandbox.cluster import build

MODULE = "sigs.k8s.io/kwok"
FOLDERS = ("node/fast", "node/heartbeat-with-lease", "pod/fast")


def ensure(report: golang.Report) -> Path:
    """The file for kwok's `--config`, made where it is not in the cache."""
    path = build.MODULE.cache / "kwok-stages.yaml"
    if not path.exists():
        root = build.MODULE.source(MODULE, report) / "kustomize" / "stage"
        files = [file for folder in FOLDERS for file in sorted((root / folder).glob("*.yaml"))]
        text = "\n---\n".join(file.read_text() for file in files if file.name != "kustomization.yaml")
        golang.write_atomically(path, text.encode())
    return path
