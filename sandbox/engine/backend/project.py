"""The project: `Pulumi.yaml`, found from the working directory upwards, and what of it the engine honors."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.engine.backend import yaml_file
from sandbox.engine.backend.errors import EngineError

NAMES = ("Pulumi.yaml", "Pulumi.yml")


@dataclass(frozen=True)
class Project:
    """One Pulumi.yaml."""

    path: Path
    name: str
    runtime: str
    options: dict[str, Any]  # runtime.options
    main: str
    backend_url: str
    config: dict[str, Any]  # defaults and declarations, as written
    stack_config_dir: str

    @property
    def root(self) -> Path:
        """The folder that holds Pulumi.yaml."""
        return self.path.parent

    @property
    def entry(self) -> Path:
        """The program: a file, or a folder's `__main__.py`."""
        place = (self.root / self.main).resolve() if self.main else self.root
        return place / "__main__.py" if place.is_dir() else place

    @property
    def python(self) -> str:
        """The interpreter that runs the program: the project's virtual environment if it exists, else the engine's."""
        name = self.options.get("virtualenv")
        if name:
            python = self.root / str(name) / "bin" / "python"
            if python.exists():
                return str(python)  # not resolved: a virtual environment is found by the name it was started with
        return sys.executable

    def stack_file(self, stack: str) -> Path:
        """Where the stack's configuration is kept."""
        return self.root / self.stack_config_dir / f"Pulumi.{stack}.yaml"


def find(start: Path | None = None) -> Project | None:
    """The project of a folder, or None if neither it nor a folder above it has one."""
    here = Path(start or os.getcwd()).resolve()
    for folder in (here, *here.parents):
        for name in NAMES:
            if (folder / name).is_file():
                return load(folder / name)
    return None


def require() -> Project:
    """The project of the working directory; an error if there is none."""
    project = find()
    if project is None:
        raise EngineError(
            f"no Pulumi.yaml project file found (searching upwards from {os.getcwd()}). "
            "Run the command in a project's folder, or name the folder with --cwd."
        )
    return project


def load(path: Path) -> Project:
    """Read one Pulumi.yaml."""
    data = yaml_file.load(path)
    if not isinstance(data, dict) or not data.get("name"):
        raise EngineError(f"{path} has no 'name': a project needs one. Add `name: <project>`.")
    runtime = data.get("runtime", "python")
    options: dict[str, Any] = {}
    if isinstance(runtime, dict):
        options, runtime = runtime.get("options") or {}, runtime.get("name", "python")
    config, folder = data.get("config") or {}, data.get("stackConfigDir") or ""
    if isinstance(config, str):  # the older spelling of stackConfigDir
        config, folder = {}, config
    backend = data.get("backend") or {}
    return Project(
        path=path,
        name=str(data["name"]),
        runtime=str(runtime),
        options=options,
        main=str(data.get("main") or ""),
        backend_url=str(backend.get("url") or ""),
        config=config,
        stack_config_dir=str(folder),
    )
