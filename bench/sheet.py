"""The table and `bench/results.json`: a row is in both as soon as it is measured, also in a run that is stopped."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console

from bench.measure import Measured
from sandbox.paths import ROOT

PATH = ROOT / "bench" / "results.json"


@dataclass
class Sheet:
    """Where rows go. `engine` says in words what was measured."""

    console: Console
    engine: str
    rows: dict[str, Measured] = field(default_factory=dict)

    def begin(self, title: str) -> None:
        """Print the title and the names of the columns."""
        self.console.print(f"{title}\n{'command':28}{'median s':>9}{'fastest':>9}{'slowest':>9}{'CPU s':>9}")

    def add(self, row: Measured, ratio: float | None = None, of: str = "") -> None:
        """Print a row, with a figure of its own at the end (`1.07 x plain_cutover`), and write it down."""
        self.rows[row.name] = row
        figures = "".join(f"{s:9.2f}" for s in (row.median_s, row.fastest_s, row.slowest_s, row.cpu_s))
        beside = "" if ratio is None else f"   {ratio:.2f} {of}"
        shares = ", ".join(f"{part} {seconds:.1f}" for part, seconds in row.parts.items())
        peaks = ", ".join(f"{part} {mib}" for part, mib in row.peak_mib.items())
        self.console.print(f"{row.name:28}{figures}{beside}   {shares}; MiB {peaks}", highlight=False)
        kept = [one for one in _read() if one["name"] != row.name]
        kept.append(asdict(row) | {"ratio": ratio, "of": of, "engine": self.engine})
        PATH.write_text(json.dumps(kept, indent=2) + "\n")


def _read() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(PATH.read_text()) if PATH.exists() else []
    return found
