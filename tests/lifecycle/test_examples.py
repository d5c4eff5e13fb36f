"""Every example does what its README says: its commands are run as they stand."""

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.cluster import build
from sandbox.pulumi import Engine
from tests.lifecycle import views
from tests.lifecycle.kube import Kubernetes, Namespace
from tests.lifecycle.stack import PASSPHRASE, ROOT

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
FOLDER = ROOT / "examples"
NAMESPACE = "cutover-example"  # in every example; here it becomes the test's own
EXAMPLES = sorted(path.parent.name for path in FOLDER.glob("*/Pulumi.yaml"))
TIMEOUT_SECONDS = 240
_SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_REFUSED = re.compile(r"#.*\brefused\b")


def _commands(readme: str) -> list[tuple[str, bool]]:
    """The commands in a README's `sh` blocks, and whether its comment says that it will be refused."""
    lines = "".join(_SHELL.findall(readme)).replace("\\\n", " ").splitlines()
    return [(line, bool(_REFUSED.search(line))) for line in lines if line and not line.startswith("#")]


def _shims(folder: Path, programs: dict[str, str]) -> Path:
    """A directory for the PATH with a script per program."""
    folder.mkdir()
    for name, command in programs.items():
        script = folder / name
        script.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return folder


def test_every_example_is_listed() -> None:
    listed = re.findall(r"^\| \[([a-z-]+)\]\(", (FOLDER / "README.md").read_text(), re.MULTILINE)
    assert sorted(listed) == EXAMPLES


@pytest.mark.parametrize("name", EXAMPLES)
def test_example(name: str, cluster: Kubernetes, engine: Engine, namespace: Namespace, tmp_path: Path) -> None:
    project = tmp_path / name
    shutil.copytree(FOLDER / name, project, ignore=shutil.ignore_patterns("__pycache__"))
    for path in project.rglob("*"):
        if path.is_file():
            text = path.read_text().replace(NAMESPACE, namespace.name)
            path.write_text(text.replace("virtualenv: ../../.venv", f"virtualenv: {sys.prefix}"))
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(cluster.kubeconfig(namespace.name, namespace.token()))
    kubeconfig.chmod(0o600)
    (tmp_path / "state").mkdir()
    own = build.MODULE.binaries / "kubectl"
    programs = {"pulumi": str(engine.command), "cutover": f"{sys.executable} -m cutover"}
    path = _shims(tmp_path / "bin", programs | ({"kubectl": str(own)} if own.exists() else {}))
    environment = {
        **os.environ,
        "PATH": f"{path}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "KUBECONFIG": str(kubeconfig),
        "CUTOVER_PULUMI": str(engine.command),
        "PULUMI_BACKEND_URL": f"file://{tmp_path / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        **engine.environment(tmp_path / "home"),
    }

    def run(command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", command], cwd=project, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT_SECONDS, check=False,
        )  # fmt: skip

    steps = [("pulumi stack init dev", False), *_commands((project / "README.md").read_text())]
    steps.append(("pulumi up --yes --stack dev", False))
    for command, refused in steps:
        ended = run(command)
        assert (ended.returncode != 0) == refused, f"$ {command}\n{ended.stdout}"
    assert "created" not in ended.stdout, f"a second `up` had something to do:\n{ended.stdout}"
    assert "updated" not in ended.stdout, f"a second `up` had something to do:\n{ended.stdout}"
    destroyed = run("pulumi destroy --yes --stack dev")
    assert destroyed.returncode == 0, destroyed.stdout
    views.wait_until_empty(namespace)
