"""Where the JSON Schema of a stack's file is: in the project, else beside the driver's own package."""

from pathlib import Path

from cutover.errors import UsageError

NAME = Path("schema") / "pulumi-stack.schema.json"


def schema_path(start: Path) -> Path:
    """The schema of the project that `start` is in, else the driver's own. Raises UsageError where there is none."""
    own = Path(__file__).resolve().parents[1]
    for folder in (start.absolute(), *start.absolute().parents, own):
        if (folder / NAME).is_file():
            return folder / NAME
    raise UsageError(f"there is no {NAME} in {start.absolute()}, nor above it", "run it in the project: --cwd")
