"""The plain program has the objects of an exported stack, in a namespace of its own."""

import ast
import json
from pathlib import Path

from bench.plain import plain_project


def _row(kind: str, name: str, spec: dict[str, object]) -> dict[str, object]:
    manifest = {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "there"}, "spec": spec}
    return {"urn": f"urn:pulumi:a::b::kubernetes:x:{kind}::{name}", "type": f"kubernetes:x:{kind}", "inputs": manifest}


def test_objects_and_revisions_are_those_of_the_stack(tmp_path: Path) -> None:
    labels = {"cutover.dev/color": "blue", "cutover.dev/revision": "1-0-0-b1"}
    deployment = _row("Deployment", "shop-blue-1-0-0-b1", {"selector": {"matchLabels": labels}})
    exported = {
        "deployment": {
            "resources": [{"type": "pulumi:pulumi:Stack", "urn": "urn"}, deployment, _row("Service", "shop", {})]
        }
    }
    folder, revisions = plain_project(tmp_path / "plain", json.dumps(exported), "here")
    assert revisions == {"blue": "1-0-0-b1"}
    objects = json.loads((folder / "objects.json").read_text())
    assert [(name, kind) for name, kind, _ in objects] == [("shop-blue-1-0-0-b1", "Deployment"), ("shop", "Service")]
    assert {manifest["metadata"]["namespace"] for _, _, manifest in objects} == {"here"}
    ast.parse((folder / "__main__.py").read_text())
