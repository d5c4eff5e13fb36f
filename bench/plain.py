"""A plain pulumi-kubernetes program with the very objects of a stack of ours, and no gate: the fair floor of a cutover.

It declares each object with the provider SDK's own class, as its users do, and reads the release that the live Service
selects from the stack's config. The annotations stay, `pulumi.com/skipAwait` on Services among them: with the
provider's own wait every move of a Service would take ten seconds more.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.measure import Shell
from bench.project import STACK, project

_PROGRAM = """\
import json
import pathlib

import pulumi
import pulumi_kubernetes as kubernetes

CLASSES = {
    "Deployment": kubernetes.apps.v1.Deployment,
    "Service": kubernetes.core.v1.Service,
    "PodDisruptionBudget": kubernetes.policy.v1.PodDisruptionBudget,
}
revision = pulumi.Config().require("revision")
for name, kind, manifest in json.loads(pathlib.Path("objects.json").read_text()):
    if manifest["metadata"].get("labels", {}).get("app.kubernetes.io/component") == "live":
        manifest["spec"]["selector"]["cutover.dev/revision"] = revision
        manifest["spec"]["selector"]["cutover.dev/color"] = pulumi.Config().require("color")
    CLASSES[kind](name, **manifest)
"""


def plain_project(folder: Path, exported: str, namespace: str) -> tuple[Path, dict[str, str]]:
    """The project, and the revision of each color. `exported` is what `pulumi stack export` said of a stack of ours."""
    rows = [row for row in json.loads(exported)["deployment"]["resources"] if row["type"].startswith("kubernetes:")]
    objects, revisions = [], {}
    for row in rows:
        name, kind = row["urn"].rpartition("::")[2], row["type"].rpartition(":")[2]
        manifest: dict[str, Any] = {key: row["inputs"][key] for key in ("metadata", "spec")}
        manifest["metadata"]["namespace"] = namespace
        objects.append((name, kind, manifest))
        if kind == "Deployment":
            labels = manifest["spec"]["selector"]["matchLabels"]
            revisions[labels["cutover.dev/color"]] = labels["cutover.dev/revision"]
    project(folder, _PROGRAM)
    (folder / "objects.json").write_text(json.dumps(objects))
    return folder, revisions


def select_color(run: Shell, revisions: Mapping[str, str], number: int) -> None:
    """The edit of its config that the next `up` cuts over by: to green for an even number, to blue for an odd one."""
    color = ("green", "blue")[number % 2]
    values = ("--plaintext", f"color={color}", "--plaintext", f"revision={revisions[color]}")
    run("config", "set-all", "--stack", STACK, *values)
