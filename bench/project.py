"""Scratch projects to measure in: this program with a stack of its own, and a program that does nothing."""

import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from bench.measure import Shell
from sandbox.paths import ROOT
from sandbox.pulumi import Engine

STACK = "bench"


def cutover_project(folder: Path, config: dict[str, Any]) -> Path:
    """This program, its library linked beside it, with `config` as its stack's configuration."""
    folder.mkdir(parents=True)
    for name in ("Pulumi.yaml", "__main__.py"):
        shutil.copy(ROOT / name, folder / name)
    for name in ("components", "contract", "kubeaccess", ".venv"):
        (folder / name).symlink_to(ROOT / name, target_is_directory=True)
    (folder / f"Pulumi.{STACK}.yaml").write_text(yaml.safe_dump({"config": config}))
    return folder


def project(folder: Path, program: str) -> Path:
    """A project with that program and nothing else."""
    folder.mkdir(parents=True)
    (folder / ".venv").symlink_to(ROOT / ".venv", target_is_directory=True)
    shutil.copy(ROOT / "Pulumi.yaml", folder / "Pulumi.yaml")
    (folder / "__main__.py").write_text(program)
    return folder


def empty_project(folder: Path) -> Path:
    """A program that only imports the SDK: what any `up` costs."""
    return project(folder, "import pulumi\n")


@contextlib.contextmanager
def stack(engine: Engine, folder: Path, kubeconfig: Path, names: Sequence[str] = (STACK,)) -> Iterator[Shell]:
    """Stacks of that project, one unless `names` says otherwise, with a state of their own, destroyed at the end."""
    state = folder.with_name(f"{folder.name}-state")
    state.mkdir()
    shell = Shell(
        str(engine.command),
        folder,
        os.environ
        | {
            "KUBECONFIG": str(kubeconfig),
            "PULUMI_BACKEND_URL": state.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "bench",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        | engine.environment(folder.with_name(f"{folder.name}-home")),
    )
    for name in names:
        shell("stack", "init", name)
    try:
        yield shell
    finally:
        for name in names:
            shell("destroy", "--yes", "--skip-preview", "--stack", name)
