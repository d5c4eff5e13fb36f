"""A user's shell in a project's folder."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

from sandbox.cluster import build
from sandbox.pulumi import Engine
from tests.lifecycle.kube import Kubernetes, Namespace
from tests.lifecycle.stack import PASSPHRASE, ROOT

TIMEOUT_SECONDS = 240


class Shell:
    """A user's shell in a project's folder: the engine, the driver and kubectl on the PATH, an identity, a state."""

    def __init__(self, folder: Path, cluster: Kubernetes, engine: Engine, namespace: Namespace) -> None:
        self.project = folder / "project"
        kubeconfig = folder / "kubeconfig"
        kubeconfig.write_text(cluster.kubeconfig(namespace.name, namespace.token()))
        kubeconfig.chmod(0o600)
        (folder / "state").mkdir()
        own = build.MODULE.binaries / "kubectl"
        programs = {"pulumi": str(engine.command), "cutover": f"{sys.executable} -m cutover"}
        self._programs = _shims(folder / "bin", programs | ({"kubectl": str(own)} if own.exists() else {}))
        self.environment = {
            **os.environ,
            "PATH": f"{self._programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "KUBECONFIG": str(kubeconfig),
            "CUTOVER_PULUMI": str(engine.command),
            "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            **engine.environment(folder / "home"),
        }
        self._namespace = namespace.name

    def take(self, text: str, namespace: str) -> str:
        """A file of the checkout as it is here: in the test's own namespace and Python environment."""
        here = re.sub(r"virtualenv: (\.\./\.\./)?\.venv", f"virtualenv: {sys.prefix}", text)
        return here.replace(namespace, self._namespace)

    def inside(self, environment: Path) -> None:
        """Activate an environment that has the package: `cutover` is its own, and the checkout out of reach."""
        del self.environment["PYTHONPATH"]
        (self._programs / "cutover").unlink()
        self.environment["VIRTUAL_ENV"] = str(environment)
        self.environment["PATH"] = f"{environment / 'bin'}{os.pathsep}{self.environment['PATH']}"

    def must(self, command: str) -> str:
        """Run a command that has to succeed; what it prints."""
        ended = self.run(command)
        assert ended.returncode == 0, f"$ {command}\n{ended.stdout}"
        return ended.stdout

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            ["bash", "-c", command], cwd=self.project, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT_SECONDS, check=False,
        )  # fmt: skip


def _shims(folder: Path, programs: dict[str, str]) -> Path:
    """A directory for the PATH with a script per program."""
    folder.mkdir()
    for name, command in programs.items():
        script = folder / name
        script.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return folder
