"""The rows so far: kept in `peers/results.json` after each one, so that a run can go on where another one ended."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from demo.voice import Voice
from peers import row as kept
from peers.row import RESULTS, Row


class Ledger:
    """`order` names the rows that there are, as ways and cells; others of an earlier run are dropped."""

    def __init__(self, order: Sequence[tuple[str, str]], voice: Voice, path: Path = RESULTS) -> None:
        self._order, self._voice, self._path = order, voice, path
        self.about, found = kept.read(path)
        self._rows = {(row.way, row.cell): row for row in found}

    @property
    def rows(self) -> list[Row]:
        """All of them, in their order."""
        return [self._rows[key] for key in self._order if key in self._rows]

    def has(self, way: str, cell: str) -> bool:
        """Whether a row was measured, and nothing went wrong with that."""
        found = self._rows.get((way, cell))
        return found is not None and not found.problems

    def tell(self, row: Row) -> None:
        """Keep a row and say it."""
        self._rows[row.way, row.cell] = row
        kept.write(self.rows, self.about, self._path)
        sign = "[red]✖[/]" if row.problems else "[green]✔[/]"
        seen = f"{row.failed:>4} failed {row.unwanted:>5} unwanted  serves {', '.join(row.serves)}"
        self._voice.console.print(f"{sign} {row.way + '/' + row.cell:55} {seen}", highlight=False)
        for problem in row.problems:
            self._voice.say(f"    {problem}")

    def stays(self, peer: str, found: Mapping[str, Any]) -> None:
        """Keep what a peer leaves in the cluster."""
        self.about.setdefault("stays", {})[peer] = dict(found)
        kept.write(self.rows, self.about, self._path)
