"""The options of the verbs that only read, and their one document on stdout."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from contract.text import finite

Stack = Annotated[
    str | None,
    typer.Option("--stack", "-s", help="Stack, pattern ('prod-*') or several with commas; $CUTOVER_STACK."),
]
Cwd = Annotated[Path, typer.Option("--cwd", "-C", help="Folder of the project.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, progress on stderr.")]


def print_document(document: Mapping[str, Any]) -> None:
    """The one JSON document of `--json`; in ASCII, so that no text in it can do anything to a terminal."""
    import json

    sys.stdout.write(json.dumps(finite(document), indent=2) + "\n")
