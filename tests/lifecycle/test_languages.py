"""A program in YAML on the real engine: the plugin makes the component, and its gates hold as they do in Python."""

from pathlib import Path

import pytest

from sandbox.pulumi import Engine
from tests.lifecycle import views
from tests.lifecycle.judge import Wanted
from tests.lifecycle.kube import Kubernetes, Namespace
from tests.lifecycle.languages import programs, yaml_shell
from tests.lifecycle.services import BROKEN, REPOSITORY, V1, V2
from tests.lifecycle.watcher import Watcher

# The YAML language host is one more program to build.
pytestmark = [pytest.mark.cluster, pytest.mark.traffic, pytest.mark.wide]
UP = "pulumi up --yes --skip-preview"


def test_a_service_in_yaml_from_its_first_release_to_its_end(
    cluster: Kubernetes, engine: Engine, namespace: Namespace, watcher: Watcher, tmp_path: Path
) -> None:
    (program,) = programs("yaml")
    shell = yaml_shell(tmp_path, cluster, engine, namespace, program)

    def want(color: str, tag: str) -> None:
        watcher.plan({"storefront": Wanted(color, f"{REPOSITORY}:{tag}", 2)})
        shell.must(f"pulumi config set active {color}")

    want("blue", V1)
    assert "created" in shell.must(UP)
    assert views.live_color(namespace, "storefront") == "blue"
    want("green", V2)
    plan = shell.must("pulumi preview")
    assert "1 to update" in plan
    assert '"blue" => "green"' in plan
    assert "1 updated" in shell.must(UP)
    assert views.live_color(namespace, "storefront") == "green"

    before = views.version(namespace, "storefront")
    shell.must(f"pulumi config set blue {BROKEN}")
    want("blue", BROKEN)
    refused = shell.run(UP)
    assert refused.returncode != 0
    assert "storefront-blue: GET /version failed its smoke check for 5 s" in refused.stdout
    assert "Refused before the switch: traffic stays where it was." in refused.stdout
    assert "Traceback" not in refused.stdout
    assert views.version(namespace, "storefront") == before

    shell.must(f"pulumi config set blue {V1}")
    want("blue", V1)
    shell.must(UP)  # back: release 1.0.0 served before
    assert views.live_color(namespace, "storefront") == "blue"
    assert "created" not in (again := shell.must(UP))
    assert "updated" not in again
    watcher.plan({})
    shell.must("pulumi destroy --yes --skip-preview")
    views.wait_until_empty(namespace)
    assert watcher.violations() == []
