"""The project and the stacks that a command is about, where their files are, and what the engine calls them."""

import os
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contract.ownership import identity
from cutover.errors import UsageError

if TYPE_CHECKING:
    from cutover.stackfile.view import StackView


STACK_VARIABLE = "CUTOVER_STACK"
_PREFIX, _SUFFIXES = "Pulumi.", (".yaml", ".yml")
_owners: dict[Path, str] = {}  # a stack's file -> `acme/` or `acme/shop/`, where the command named its owner


def find_project(start: Path) -> Path:
    """The folder of the project that `start` is in: the nearest one upwards with a Pulumi.yaml. Raises UsageError."""
    start = start.absolute()
    for folder in (start, *start.parents):
        if any((folder / f"Pulumi{suffix}").is_file() for suffix in _SUFFIXES):
            return folder
    raise UsageError(
        f"no Pulumi.yaml in {start}, nor above it",
        "run it in the project's folder, or name that: --cwd; `cutover init NAME` starts one",
    )


def stack_name(path: Path) -> str:
    """The stack of a config file: its name as the engine takes it, with its owner where the command gave one."""
    name = path.name.removeprefix(_PREFIX)
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix)
    return _owners.get(path.absolute(), "") + name


def own_name(stack: str) -> str:
    """The name of a stack without its owner, as its program is told it."""
    return stack.rpartition("/")[2]


def project_of(path: Path) -> Path:
    """The folder of the project that a stack's file belongs to; its own where there is none."""
    try:
        return find_project(path.parent)
    except UsageError:
        return path.parent


def project_file(project: Path) -> dict[str, Any]:
    """The content of the project's file; empty where the engine cannot read it either, as it says so better."""
    from cutover.stackfile.reader import YamlError, read

    for suffix in _SUFFIXES:
        try:
            content = read((project / f"Pulumi{suffix}").read_bytes())
        except FileNotFoundError:
            continue
        except (YamlError, OSError):
            return {}
        return content if isinstance(content, dict) else {}
    return {}


def project_name(project: Path) -> str:
    """The project's name as the engine has it. Raises UsageError."""
    name = project_file(project).get("name")
    if name is None:
        raise UsageError(f"the project in {project} has no name", "write `name:` into its Pulumi.yaml")
    return str(name)


def config_folder(project: Path) -> Path:
    """Where the project has its stacks' files: its own folder, or what `stackConfigDir` names."""
    named = project_file(project).get("stackConfigDir")
    return project / named if isinstance(named, str) and named else project


def stack_files(project: Path) -> dict[str, Path]:
    """The stacks that have a config file in the project, by name, sorted."""
    found: dict[str, Path] = {}
    for path in config_folder(project).glob(f"{_PREFIX}*"):
        name = path.name.removeprefix(_PREFIX).removesuffix(".yaml").removesuffix(".yml")
        if path.suffix in _SUFFIXES and name not in ("yaml", "yml") and path.is_file():
            found.setdefault(name, path)
    return dict(sorted(found.items()))


def choose(project: Path, wanted: str | None) -> list[Path]:
    """The config files of the stacks that are meant: a name, a pattern (`prod-*`), several with commas. An owner in
    front (`acme/prod`, `acme/shop/prod`) is for the engine; the file's name has none.

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
        owner, slash, pattern = part.rpartition("/")
        matching = {name: path for name, path in files.items() if fnmatchcase(name, pattern)}
        if not matching:
            raise UsageError(
                f"no stack is named {part!r} in {project}; there are: {known}",
                f"name another: --stack; a new one begins with its file: `cutover init {pattern}`",
            )
        if slash:
            _owners.update((path.absolute(), f"{owner}/") for path in matching.values())
        chosen |= matching
    return list(chosen.values())


def identity_of(view: "StackView") -> str:
    """The identity of a stack as its objects carry it. Raises UsageError."""
    return identity(project_name(view.project), own_name(view.name))
