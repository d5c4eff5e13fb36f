"""Files that the driver brings with it, or the project has: schema, Roles, pipelines, lock."""

from pathlib import Path

from cutover.errors import UsageError

DISTRIBUTION = "pulumi-cutover"  # the package that brings them
SCHEMA = Path("schema") / "pulumi-stack.schema.json"
RBAC, RBAC_PLAN = Path("docs") / "rbac.yaml", Path("docs") / "rbac-plan.yaml"
PIPELINES = Path("docs") / "ci.md"
LOCK = Path("requirements.txt")
HOME = Path(__file__).resolve().parents[__name__.count(".")]  # the folder that the driver is imported from
OWN = Path(__file__).resolve().parents[1]  # the checkout, or what the wheel put into site-packages


def shipped(start: Path, name: Path) -> Path:
    """The file of the project that `start` is in, else the driver's own. Raises UsageError where there is none."""
    for folder in (start.absolute(), *start.absolute().parents, OWN):
        if (folder / name).is_file():
            return folder / name
    raise UsageError(f"there is no {name} in {start.absolute()}, nor above it", "run it in the project: --cwd")


def path_in(project: Path, name: Path) -> str:
    """The path of the file for a command in the project's folder: as in a checkout, as `init` wrote it, or the
    driver's.
    """
    for here in (name, Path(name.name)):
        if (project / here).is_file():
            return str(here)
    return str(OWN / name)
