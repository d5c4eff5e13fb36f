"""A program in YAML on the real engine: the plugin makes the component, and its gates hold as they do in Python."""

import json
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest
import yaml

from sandbox.pulumi import Engine
from tests.lifecycle import views
from tests.lifecycle.judge import Wanted
from tests.lifecycle.kube import Kubernetes, Namespace
from tests.lifecycle.languages import programs, yaml_shell
from tests.lifecycle.services import BROKEN, REPOSITORY, V1, V2, release
from tests.lifecycle.shell import Shell
from tests.lifecycle.watcher import Watcher
from tests.packaged import environment

# The YAML language host is one more program to build.
pytestmark = [pytest.mark.cluster, pytest.mark.traffic, pytest.mark.wide]
UP = "pulumi up --yes --skip-preview"
WORD = "c4n4ry in the mine"


def _service(**settings: object) -> dict[str, object]:
    quick = {"port": 9898, "drainSeconds": 1, "minReadySeconds": 0, "replicas": 1}
    return quick | settings


def _every_component(namespace: str) -> dict[str, object]:
    """A program with each of them, a secret, and an input that a first preview does not know."""
    one, two = release(V1), release(V2)
    properties: dict[str, dict[str, object]] = {
        "BlueGreenService": _service(
            active="blue", blue=one | {"secrets": {"DB": "${word}"}}, env={"AT": "${where.id}"}
        ),
        "RollingApp": _service(maxSurge="100%", release=one, secrets={"DB": "${word}"}),
        "SideBySide": _service(active="v2", versions={"v1": one, "v2": two}),
        "ReleaseGroup": {
            "active": "blue",
            "order": ["api", "web"],
            "services": {"web": _service(blue=one), "api": _service(blue=one)},
        },
        "Environments": {
            "active": "coco-1",
            "builds": {"coco-1": {"services": {"cart": _service(strategy="rolling", release=one)}}},
        },
    }
    made: dict[str, object] = {
        f"a{kind.lower()}": {
            "type": f"cutover:index:{kind}",
            "properties": {"namespace": namespace, **inputs},
        }
        for kind, inputs in properties.items()
    }
    made["where"] = {
        "type": "kubernetes:core/v1:ConfigMap",
        "properties": {"metadata": {"name": "where", "namespace": namespace}, "data": {"a": "b"}},
    }
    return {
        "name": "shop",
        "runtime": "yaml",
        "packages": {"cutover": "../cutover/plugin"},
        "config": {"word": {"type": "string", "secret": True}},
        "resources": made,
        "outputs": {kind: f"${{a{kind.lower()}.active}}" for kind in properties if kind != "RollingApp"},
    }


def test_a_service_in_yaml_from_its_first_release_to_its_end(
    cluster: Kubernetes, engine: Engine, namespace: Namespace, watcher: Watcher, tmp_path: Path
) -> None:
    program = next(one for one in programs("yaml") if one.startswith("name:"))
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

    file = shell.project / "Pulumi.yaml"
    file.write_text(file.read_text().replace("timeoutSeconds: 5", "timeoutSeconds: 300"))
    _interrupt_at_the_gate(shell)
    assert str(tmp_path / "plugin") not in subprocess.run(["ps", "axww"], capture_output=True, text=True).stdout
    assert views.version(namespace, "storefront") == before

    shell.must(f"pulumi config set blue {V1}")
    want("blue", V1)
    shell.must(UP)  # back: release 1.0.0 served before
    assert views.live_color(namespace, "storefront") == "blue"
    assert "created" not in (again := shell.must(UP))
    assert "updated" not in again

    namespace.delete_object("poddisruptionbudgets", "storefront-green")
    missing = shell.run(UP)  # said by what runs at the end of Construct
    assert missing.returncode != 0
    assert "storefront: poddisruptionbudget/storefront-green is not in the cluster any more" in missing.stdout
    assert "code: object.gone" in missing.stdout
    assert "Traceback" not in missing.stdout
    assert "1 created" in shell.must(f"{UP} --refresh")
    watcher.plan({})
    shell.must("pulumi destroy --yes --skip-preview")
    views.wait_until_empty(namespace)
    assert watcher.violations() == []


def _interrupt_at_the_gate(shell: Shell) -> None:
    """Ctrl-C while a gate asks: the engine ends soon, and with it the plugin and all that it waits for."""
    with subprocess.Popen(
        UP.split(), cwd=shell.project, env=shell.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, start_new_session=True,
    ) as gating:  # fmt: skip
        assert gating.stdout
        for line in gating.stdout:
            if "smoke GET /version" in line:
                break
        os.killpg(gating.pid, signal.SIGINT)
        left, _ = gating.communicate(timeout=30)
    assert gating.returncode != 0
    assert 'before hook "storefront-gate" failed: interrupted; `pulumi up` goes on from where it was left' in left
    assert "Traceback" not in left


def test_every_component_with_a_secret_and_an_unknown_input_from_the_wheel(
    cluster: Kubernetes, engine: Engine, namespace: Namespace, dist: Path, tmp_path: Path
) -> None:
    """The plugin is the program of an environment that has the wheel, and nothing of the checkout."""
    installed = environment(tmp_path, dist) / "bin"  # with pulumi-resource-cutover in it
    program = _every_component(namespace.name)
    shell = yaml_shell(tmp_path, cluster, engine, namespace, _text(program), installed)
    shell.inside(installed.parent)
    said = [shell.must(f"pulumi config set --secret word '{WORD}'")]

    plan = shell.must("pulumi preview")
    assert "not known before the run: env.AT" in plan
    said += [plan, shell.must(UP)]
    assert views.live_color(namespace, "abluegreenservice") == "blue"
    for kind, active in (("SideBySide", "v2"), ("ReleaseGroup", "blue"), ("Environments", "coco-1")):
        assert shell.must(f"pulumi stack output {kind}").strip() == active
    plan = shell.must("pulumi preview --diff")
    assert "not known before the run" not in plan
    assert not re.search(r"to (create|update|delete)", plan), plan
    again = shell.must(UP)
    assert not re.search(r"\d (created|updated|deleted)", again), again
    said += [plan, again, shell.must("pulumi stack export"), shell.must("pulumi stack output --json")]
    assert [one for one in said if WORD in one] == []
    assert {secret["data"].keys() == {"DB"} for secret in namespace.items("secrets")} == {True}

    before = views.version(namespace, "abluegreenservice")
    wrong = program["resources"]["abluegreenservice"]["properties"]  # type: ignore[index]
    wrong |= {"port": 99980, "drainSeconds": 40, "terminationGraceSeconds": 30, "env": {"A": "${word}"}}
    text = (shell.project / "Pulumi.yaml").read_text()
    (shell.project / "Pulumi.yaml").write_text(_with(text, program))
    refused = shell.run(UP)
    assert refused.returncode != 0
    assert "property abluegreenservice.env.A has a problem: the value is marked secret" in refused.stdout
    wrong["env"] = {}
    (shell.project / "Pulumi.yaml").write_text(_with(text, program))
    refused = shell.run(UP)
    assert refused.returncode != 0
    assert "property port with value 99980 has a problem: port is 99980, it must be at most 65535" in refused.stdout
    assert "terminationGraceSeconds is 30 s, not more than drainSeconds of 40 s" in refused.stdout
    assert "Traceback" not in refused.stdout
    assert views.version(namespace, "abluegreenservice") == before
    shell.must("pulumi destroy --yes --skip-preview")
    views.wait_until_empty(namespace)


def _with(text: str, program: dict[str, object]) -> str:
    """Another program from the same plugin."""
    return _text(program | {"packages": yaml.safe_load(text)["packages"]})


def _text(program: dict[str, object]) -> str:
    """As YAML without aliases, which programs may not have."""
    return yaml.safe_dump(json.loads(json.dumps(program)))
