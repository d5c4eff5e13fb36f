"""The library as the README hands it over: the wheel, an empty folder, twenty lines, a cutover."""

import re
from pathlib import Path

import pytest

from sandbox.pulumi import Engine
from tests.lifecycle import views
from tests.lifecycle.judge import Wanted
from tests.lifecycle.kube import Kubernetes, Namespace
from tests.lifecycle.services import REPOSITORY, V1, V2
from tests.lifecycle.shell import Shell
from tests.lifecycle.watcher import Watcher
from tests.packaged import ROOT, environment

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
SECTION = (ROOT / "README.md").read_text().partition("\n## As a library\n")[2].partition("\n## ")[0]
FILES = re.findall(r"^`(\S+)`:\n\n```\w+\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)
COMMANDS = "".join(re.findall(r"^```sh\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)).splitlines()
WHERE = """
import importlib.util, pulumi_cutover
print(pulumi_cutover.BlueGreenService.__module__, pulumi_cutover.__file__)
print([name for name in ("components", "contract", "cutover") if importlib.util.find_spec(name)])
"""


def test_the_readme_s_library_from_an_empty_folder(
    cluster: Kubernetes, engine: Engine, namespace: Namespace, watcher: Watcher, dist: Path, tmp_path: Path
) -> None:
    shell = Shell(tmp_path, cluster, engine, namespace)
    shell.project.mkdir()
    made = environment(shell.project, dist)
    shell.inside(made)
    for name, text in FILES:
        (shell.project / name).write_text(text)
    origin, elsewhere = shell.must(f"python -c '{WHERE}'").splitlines()
    assert origin.startswith(f"pulumi_cutover.components.strategies.blue_green.component {made}/lib/")
    assert elsewhere == "[]"

    assert [name for name, _ in FILES] == ["Pulumi.yaml", "__main__.py"]
    assert [line.split()[0] for line in COMMANDS[:2]] == ["python3", "pip"]  # that was `environment`
    said = []
    for line in COMMANDS[2:]:
        command = line.partition("  #")[0].strip().replace(" shop", f" {namespace.name}")
        if command == "pulumi up":
            cut_over = 'active="green"' in (shell.project / "__main__.py").read_text()
            color, tag = ("green", V2) if cut_over else ("blue", V1)
            watcher.plan({"storefront": Wanted(color, f"{REPOSITORY}:{tag}", 2)})
            said.append(shell.must(f"{command} --yes --skip-preview"))
            assert views.live_color(namespace, "storefront") == color
        elif command == "pulumi destroy":
            watcher.plan({})
            said.append(shell.must(f"{command} --yes --skip-preview"))
        else:
            said.append(shell.must(command))
    _, _, first, _, plan, cutover, _ = said
    assert ("created" in first, "updated" in first) == (True, False)
    assert "1 to update" in plan
    assert "1 updated" in cutover
    views.wait_until_empty(namespace)
    assert watcher.violations() == []
