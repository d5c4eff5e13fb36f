"""Which project and which stacks a command is about."""

import contextlib
import os
from fnmatch import fnmatchcase
from pathlib import Path

from cutover.errors import UsageError
from cutover.stackfile.view import StackView

STACK_VARIABLE = "CUTOVER_STACK"
_PREFIX, _SUFFIXES = "Pulumi.", (".yaml", ".yml")


def find_project(start: Path) -> Path:
    """The folder of the project that `start` is in: the nearest one upwards with a Pulumi.yaml. Raises UsageError."""
    start = start.absolute()
    for folder in (start, *start.parents):
        if any((folder / f"Pulumi{suffix}").is_file() for suffix in _SUFFIXES):
            return folder
    raise UsageError(f"no Pulumi.yaml in {start}, nor above it", "run it in the project's folder, or name that: --cwd")


def stack_files(project: Path) -> dict[str, Path]:
    """The stacks that have a config file in the project, by name, sorted."""
    found: dict[str, Path] = {}
    for path in project.glob(f"{_PREFIX}*"):
        name = path.name.removeprefix(_PREFIX).removesuffix(".yaml").removesuffix(".yml")
        if path.suffix in _SUFFIXES and name not in ("yaml", "yml") and path.is_file():
            found.setdefault(name, path)
    return dict(sorted(found.items()))


def choose(project: Path, wanted: str | None) -> list[Path]:
    """The config files of the stacks that are meant: a name, a pattern (`prod-*`), several with commas.

    Without `wanted`: $CUTOVER_STACK, else the only stack there is. Raises UsageError where none or no single one is
    meant; a name without a file too, as the driver edits that file.
    """
    files = stack_files(project)
    wanted = wanted or os.environ.get(STACK_VARIABLE)
    known = ", ".join(files) or "none"
    if not wanted:
        if len(files) == 1:
            return list(files.values())
        raise UsageError(f"no stack is named; there are: {known}", f"--stack NAME, or set {STACK_VARIABLE}")
    chosen: dict[str, Path] = {}
    for part in (part.strip() for part in wanted.split(",") if part.strip()):
        matching = {name: path for name, path in files.items() if fnmatchcase(name, part)}
        if not matching:
            raise UsageError(
                f"no stack is named {part!r} in {project}; there are: {known}",
                f"name another: --stack; a new one begins with its file: `cutover init {part}`",
            )
        chosen |= matching
    return list(chosen.values())


def identity_of(view: StackView) -> str:
    """The identity of a stack as its objects carry it: `<project>/<stack>`. Raises UsageError."""
    import yaml

    for suffix in _SUFFIXES:
        path = view.project / f"Pulumi{suffix}"
        if path.is_file():
            with contextlib.suppress(yaml.YAMLError, AttributeError, KeyError):
                return f"{yaml.safe_load(path.read_bytes())['name']}/{view.name}"
    raise UsageError(f"the project in {view.project} has no name", "write `name:` into its Pulumi.yaml")
