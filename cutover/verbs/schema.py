"""`cutover schema`: the JSON Schema of `Pulumi.<stack>.yaml`, for editors and for checks. Reads one file."""

import sys
from pathlib import Path

from cutover.reading_options import Cwd
from cutover.shipped import SCHEMA, shipped


def schema(cwd: Cwd = Path()) -> None:
    """Print the JSON Schema of a stack's file.

    Example: cutover schema > pulumi-stack.schema.json
    """
    sys.stdout.write(shipped(cwd, SCHEMA).read_text())
