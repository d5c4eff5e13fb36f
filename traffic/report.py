"""The one table, and `traffic/results.json`, which a later run or `--report` starts from."""

import json
from collections.abc import Iterable
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sandbox.paths import ROOT
from traffic.cells import MEASURED, Verdict

RESULTS = ROOT / "traffic" / "results.json"
PICTURES = ROOT / "traffic" / "pictures"


def document(verdicts: Iterable[Verdict]) -> dict[str, Any]:
    """All verdicts as plain data: `requests` and `failed` over all `cells`."""
    cells = list(verdicts)
    return {
        "requests": sum(cell.requests for cell in cells),
        "failed": sum(cell.failed for cell in cells),
        "raced": sum(cell.raced for cell in cells),
        "cells": [asdict(cell) | {"ok": cell.ok} for cell in cells],
    }


def write(verdicts: Iterable[Verdict], path: Path = RESULTS) -> None:
    """Keep them."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(document(verdicts), indent=1) + "\n")


def read(path: Path = RESULTS) -> dict[str, Verdict]:
    """What an earlier run kept, by name of the cell; nothing where there was none."""
    if not path.exists():
        return {}
    rows = json.loads(path.read_text())["cells"]
    known = {one.name for one in fields(Verdict)} | {"ok"}
    if any(row.keys() != known for row in rows):
        return {}  # of another version of this suite
    return {row["name"]: Verdict(**{key: value for key, value in row.items() if key != "ok"}) for row in rows}


def show(console: Console, verdicts: Iterable[Verdict]) -> None:
    """The table, the problems, and one line that says it all."""
    cells = list(verdicts)
    table = Table(title="What the clients saw", title_justify="left")
    for heading in ("", "cell"):
        table.add_column(heading)
    for heading in ("requests", "failed", "raced", "over 1 s", "bar", "up, s"):
        table.add_column(heading, justify="right")
    table.add_column("answers per version")
    for cell in cells:
        table.add_row(
            f"[{'green' if cell.ok else 'red'}]{'✔' if cell.ok else '✖'}[/]",
            cell.name,
            f"{cell.requests:,}",
            str(cell.failed),
            str(cell.raced or ""),
            str(cell.stalled or ""),
            cell.bar,
            ups(cell),
            ", ".join(f"{version}: {count:,}" for version, count in cell.versions.items()),
        )
    console.print(table)
    for cell in cells:
        for problem in cell.problems:
            console.print(f"[red]✖[/] {cell.name}: {escape(problem)}", highlight=False)
        if not cell.ok:
            for group in cell.failures:
                text = f"{group['count']} {group['kind']} {group['class']}: {group['example']}"
                console.print(f"    {escape(text)}", highlight=False)
    console.print(line(cells))


def line(cells: list[Verdict]) -> str:
    """One line that says it all."""
    total = document(cells)
    broken = sum(not cell.ok for cell in cells)
    held = "every bar held" if not broken else f"{broken} cells broke their bar"
    free = sum(cell.failed for cell in cells if cell.bar == MEASURED)
    apart = f", {free:,} of them in cells that only measure" if free else ""
    failed = f"{total['failed']:,} failed ({total['raced']} raced{apart})"
    return f"{len(cells)} cells, {total['requests']:,} requests, {failed}: {held}"


def ups(cell: Verdict) -> str:
    """How long its `up`s took, in seconds; of many the range."""
    times = cell.up_seconds
    if len(times) <= 3:
        return " ".join(f"{seconds:.1f}" for seconds in times)
    return f"{len(times)} × {min(times):.1f}-{max(times):.1f}"
