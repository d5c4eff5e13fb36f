"""`cutover init` in an empty folder, by the installed package: what it writes deploys by what it says next."""

import json
from pathlib import Path

import pytest
import yaml

from tests.lifecycle import views
from tests.lifecycle.kube import Namespace
from tests.lifecycle.services import REPOSITORY, V1
from tests.lifecycle.stack import NAME, Stack
from tests.packaged import ROOT, environment, run

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]


def test_a_new_environment_deploys_as_it_was_written(stack: Stack, namespace: Namespace, dist: Path) -> None:
    kept = stack.file.read_text() if stack.file.exists() else ""
    for path in stack.project.iterdir():
        path.unlink()
    command = environment(stack.project, dist) / "bin" / "cutover"

    def cutover(*words: str) -> str:
        variables = stack.environment | {"CUTOVER_PULUMI": str(stack.engine.command)}
        return run([str(command), *words], stack.project, **variables)

    words = ["--image", f"{REPOSITORY}:{V1}", "--service", "shop", "--namespace", namespace.name, "--port", "9898"]
    made = cutover("init", NAME, *words, "--project", "cutover")
    after = [f"cutover doctor --stack {NAME}", f"cutover up --stack {NAME}"]  # the environment is there already
    assert [line.strip() for line in made.partition("next:\n")[2].splitlines()] == [
        f"pulumi stack init {NAME}",
        f"kubectl create namespace {namespace.name}",
        f"kubectl apply -n {namespace.name} -f rbac.yaml",
        *after,
    ]
    with stack.file.open("a") as file:
        file.write(kept)  # what `pulumi stack init` writes into the file, here the fixture already did
    _, role, _ = yaml.safe_load_all((stack.project / "rbac.yaml").read_text())
    namespace.patch("roles", role["metadata"]["name"], {"rules": role["rules"]})
    assert "pulumi-cutover @ file://" in (stack.project / "requirements.txt").read_text()  # from where it was installed
    assert json.loads(cutover("schema")) == json.loads((ROOT / "schema" / "pulumi-stack.schema.json").read_text())

    found = cutover(*after[0].split()[1:]).splitlines()
    assert [line.partition(":")[0] for line in found] == [
        "✔ pulumi CLI", "✔ backend", "✔ python", "✔ packages",
        "stack test", "✔ config", "✔ stack", "✔ secrets", "✔ cluster", "✔ namespace", "✔ rights", "✔ orphans",
    ]  # fmt: skip
    assert f"at {stack.project}/.venv/bin/python" in found[2]
    cutover(*after[1].split()[1:], "--yes")
    assert views.live_color(namespace) == "blue"
    assert cutover("status", "--stack", NAME, "--until", "healthy", "--timeout", "90s")
