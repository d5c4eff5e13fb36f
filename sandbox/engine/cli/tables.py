"""Tables and JSON as the Pulumi CLI prints them."""

import json
import sys
from collections.abc import Sequence
from typing import Any


def table(headers: Sequence[str], rows: Sequence[Sequence[str]], prefix: str = "") -> str:
    """Columns as wide as their widest cell, two spaces apart."""
    lines = [headers, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headers))]
    return "".join(
        prefix + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n"
        for line in lines
    )


def print_json(value: Any, indent: int = 2) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(json.dumps(value, indent=indent, ensure_ascii=False) + "\n")


def as_cell(value: Any) -> str:
    """A value in a table: texts as they are, everything else as JSON on one line."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
