"""A Kubernetes provider of the program's own, in YAML: the gates ask the cluster that the component is told of."""

import json
from pathlib import Path

import pytest

from sandbox.pulumi import Engine
from tests.lifecycle import views
from tests.lifecycle.judge import Wanted
from tests.lifecycle.kube import Kubernetes, Namespace
from tests.lifecycle.languages import yaml_shell
from tests.lifecycle.services import REPOSITORY, V1, V2, release
from tests.lifecycle.watcher import Watcher

pytestmark = [pytest.mark.cluster, pytest.mark.traffic, pytest.mark.wide]
UP = "pulumi up --yes --skip-preview"


def test_its_kubeconfig_is_a_secret_of_the_program(
    cluster: Kubernetes, engine: Engine, namespace: Namespace, watcher: Watcher, tmp_path: Path
) -> None:
    shop = {
        "namespace": namespace.name,
        "cluster": {"kubeconfig": "${kubeconfig}"},
        "active": "${active}",
        "port": 9898,
        "replicas": 1,
        "drainSeconds": 1,
        "minReadySeconds": 0,
        "blue": release(V1),
        "green": release(V2),
    }
    program = {
        "name": "shop",
        "runtime": "yaml",
        "packages": {"cutover": "../cutover/plugin"},
        "config": {"kubeconfig": {"type": "string", "secret": True}, "active": {"type": "string"}},
        "resources": {
            "own": {"type": "pulumi:providers:kubernetes", "properties": {"kubeconfig": "${kubeconfig}"}},
            "shop": {
                "type": "cutover:index:BlueGreenService",
                "options": {"providers": ["${own}"]},
                "properties": shop,
            },
        },
    }
    shell = yaml_shell(tmp_path, cluster, engine, namespace, json.dumps(program))
    given = Path(shell.environment.pop("KUBECONFIG"))
    shell.environment["HOME"] = str(tmp_path)  # nothing else says where a cluster is
    shell.must(f"pulumi config set --secret kubeconfig -- '{given.read_text()}'")
    for color, tag in (("blue", V1), ("green", V2)):
        watcher.plan({"shop": Wanted(color, f"{REPOSITORY}:{tag}", 1)})
        shell.must(f"pulumi config set active {color}")
        shell.must(UP)
        assert views.live_color(namespace) == color
    state = shell.must("pulumi stack export")
    assert namespace.name in state
    assert "current-context" not in state

    del shop["cluster"]
    text = (shell.project / "Pulumi.yaml").read_text()
    packages = json.loads(text)["packages"]
    (shell.project / "Pulumi.yaml").write_text(json.dumps(program | {"packages": packages}))
    refused = shell.run("pulumi preview")
    assert refused.returncode != 0
    assert (
        "property cluster has a problem: a Kubernetes provider of its own is given, without cluster" in refused.stdout
    )
    assert watcher.violations() == []
