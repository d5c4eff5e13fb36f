"""The component plugin on the real engine, asked by a program in Python: no other language host is needed for that."""

import json
import re
import sys
from pathlib import Path

import pytest

from sandbox.pulumi import Engine
from tests.lifecycle import views
from tests.lifecycle.judge import Wanted
from tests.lifecycle.kube import Kubernetes, Namespace
from tests.lifecycle.languages import plugin_folder
from tests.lifecycle.services import BROKEN, REPOSITORY, V1, V2
from tests.lifecycle.shell import Shell
from tests.lifecycle.watcher import Watcher

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
UP = "pulumi up --yes --skip-preview"
PROGRAM = """
import json, pulumi
with open("inputs.json") as file:
    inputs = json.load(file)
outputs = dict.fromkeys(("active", "address", "previewAddress", "releases"))
shop = pulumi.ComponentResource("cutover:index:BlueGreenService", "shop", outputs | inputs, remote=True)
pulumi.export("active", shop.active)
"""

LOCAL = """
import json
from components import BlueGreenService
with open("inputs.json") as file:
    BlueGreenService("shop", **json.load(file))
"""


def test_a_program_that_asks_the_plugin(
    cluster: Kubernetes, engine: Engine, namespace: Namespace, watcher: Watcher, tmp_path: Path
) -> None:
    shell = Shell(tmp_path, cluster, engine, namespace)
    shell.project.mkdir()
    runtime = {"name": "python", "options": {"virtualenv": sys.prefix}}
    plugins = {"providers": [{"name": "cutover", "path": str(plugin_folder(tmp_path))}]}
    (shell.project / "Pulumi.yaml").write_text(json.dumps({"name": "shop", "runtime": runtime, "plugins": plugins}))
    (shell.project / "__main__.py").write_text(PROGRAM)
    shell.must("pulumi stack init dev")
    inputs = {
        "namespace": namespace.name,
        "port": 9898,
        "replicas": 1,
        "drainSeconds": 1,
        "minReadySeconds": 0,
        "readiness": {"path": "/readyz", "periodSeconds": 1, "timeoutSeconds": 10},
        "env": {"PODINFO_LEVEL": "debug"},
        "smoke": {"path": "/version", "expectBody": '"{version}"', "successes": 1, "timeoutSeconds": 60},
        "green": {"version": V2, "build": 1, "image": f"{REPOSITORY}:{V2}"},
    }

    def want(color: str, tag: str) -> None:
        watcher.plan({"shop": Wanted(color, f"{REPOSITORY}:{tag}", 1)})

    def write(**changes: object) -> None:
        (shell.project / "inputs.json").write_text(json.dumps(inputs | changes))

    blue = {"version": V1, "build": 1, "image": f"{REPOSITORY}:{V1}"}
    want("blue", V1)
    write(active="blue", blue=blue)
    shell.must(UP)
    assert views.live_color(namespace) == "blue"
    want("green", V2)
    write(active="green", blue=blue)
    assert "1 updated" in shell.must(UP)
    assert views.live_color(namespace) == "green"
    assert shell.must("pulumi stack output active").strip() == "green"

    # Without the plugin, in Python, all stays as it is: the resources are the same.
    file = shell.project / "inputs.json"
    file.write_text(re.sub(r'(?<=[a-z])[A-Z](?=[a-zA-Z]*":)', lambda found: f"_{found[0].lower()}", file.read_text()))
    (shell.project / "__main__.py").write_text(LOCAL)
    plan = shell.must("pulumi preview --json")
    assert json.loads(plan[plan.index("{") :])["changeSummary"].keys() == {"same"}
    (shell.project / "__main__.py").write_text(PROGRAM)

    before = views.version(namespace)
    want("blue", BROKEN)
    broken = {"version": "1.3.0", "build": 2, "image": f"{REPOSITORY}:{BROKEN}"}
    smoke = {"path": "/version", "expectBody": '"{version}"', "successes": 1, "timeoutSeconds": 3}
    write(active="blue", blue=broken, smoke=smoke)
    refused = shell.run(UP)
    assert refused.returncode != 0
    assert "shop-blue: GET /version failed its smoke check for 3 s: the body lacks '\"1.3.0\"'" in refused.stdout
    write(active="blue", blue=broken, port=99980)
    wrong = shell.run("pulumi preview")
    assert wrong.returncode != 0
    named = r"property port with value ('\{)?99980(\}')? has a problem: port is 99980, it must be at most 65535"
    assert re.search(named, wrong.stdout), "older engines put it in braces"
    # The SDK's traceback of a program in Python is none of the plugin's.
    assert "components/" not in refused.stdout + wrong.stdout
    assert views.version(namespace) == before
    assert watcher.violations() == []
