"""`cutover schema`: the JSON Schema of `Pulumi.<stack>.yaml`, for editors and for checks. Reads one file."""

import sys
from pathlib import Path

from cutover.reading_options import Cwd
from cutover.schema_file import schema_path


def schema(cwd: Cwd = Path()) -> None:
    """Print the JSON Schema of a stack's file.

    Example: cutover schema > pulumi-stack.schema.json
    """
    sys.stdout.write(schema_path(cwd).read_text())
