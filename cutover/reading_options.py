"""The options that the verbs which only read have in common."""

from pathlib import Path
from typing import Annotated

import typer

Stack = Annotated[
    str | None,
    typer.Option("--stack", "-s", help="Stack, pattern ('prod-*') or several with commas; $CUTOVER_STACK."),
]
Cwd = Annotated[Path, typer.Option("--cwd", "-C", help="Folder of the project.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, progress on stderr.")]
