"""Fills the tables of docs/peers.md from the rows."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from peers.row import Row
from sandbox.paths import ROOT

PAGE = ROOT / "docs" / "peers.md"
OURS = "cutover"
_PLACE = re.compile(r"(<!-- (?P<name>[a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_HEAD = (
    "| tool | failed of | unwanted answers | first new, s | only new, s | tool says so, s | back, s | serves | typed |"
)


def write_page(about: Mapping[str, Any], rows: Iterable[Row], page: Path = PAGE) -> None:
    """Fill the page."""
    page.write_text(fill(page.read_text(), about, list(rows)))


def fill(text: str, about: Mapping[str, Any], rows: list[Row]) -> str:
    """The page with every `<!-- name --> … <!-- end -->` filled anew; `name` is a strategy, or one of three others."""

    def made(place: re.Match[str]) -> str:
        name = place["name"]
        special = {"versions": _versions, "stays": _stays}
        body = special[name](about) if name in special else "\n".join(better(rows)) if name == "better" else ""
        return f"{place[1]}\n{body or _strategy(rows, name)}\n\n{place[3]}"

    return _PLACE.sub(made, text)


def better(rows: Iterable[Row]) -> list[str]:
    """Where a peer lost fewer requests, or gave fewer unwanted answers, than ours did with the same strategy."""
    by_cell: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if not row.problems:
            by_cell.setdefault((strategy(row), row.cell), []).append(row)
    said = []
    for (kind, cell), group in by_cell.items():
        ours = next((row for row in group if tool(row) == OURS), None)
        for row in group:
            if ours is not None and row is not ours and (lost(row) < lost(ours)):
                said.append(
                    f"- {kind}, {cell}: {tool(row)} lost {row.failed} and gave {row.unwanted} unwanted answers, "
                    f"`{OURS}` {ours.failed} and {ours.unwanted}."
                )
    return said or ["Nowhere in this run."]


def lost(row: Row) -> int:
    """Requests that went wrong for a client, without those that raced with the end of their connection."""
    return row.failed - row.raced + row.unwanted


def tool(row: Row) -> str:
    """The tool of a row."""
    return row.way.rpartition(" ")[0]


def strategy(row: Row) -> str:
    """The strategy of a row."""
    return row.way.rpartition(" ")[2]


def _strategy(rows: list[Row], kind: str) -> str:
    mine = [row for row in rows if strategy(row) == kind]
    lines = []
    for cell in dict.fromkeys(row.cell for row in mine):
        lines += [f"### {cell}", "", _HEAD, f"|{'---|' * _HEAD.count(' | ')}---|"]
        lines += [_line(row) for row in mine if row.cell == cell] + [""]
    return "\n".join(lines).rstrip()


def _line(row: Row) -> str:
    failed = f"{row.failed} ({row.raced} raced)" if row.raced else str(row.failed)
    seconds = (row.first_seconds, row.only_seconds, row.said_seconds, row.back_seconds)
    fields = [
        tool(row) + (" ✖" if row.problems else ""),
        f"{failed} of {row.requests:,}",
        f"{row.unwanted:,}",
        *("" if one is None else f"{one:.1f}" for one in seconds),
        ", ".join(row.serves) or "nobody",
        "; ".join(_typed(one) for one in row.typed),
    ]
    return f"| {' | '.join(fields)} |"


def _typed(one: Mapping[str, Any]) -> str:
    command = str(one["command"]).replace("|", "\\|")
    ended = {0: "", None: " (killed)"}.get(one["exit"], f" (exit {one['exit']})")
    return f"`{command}`{ended}"


def _versions(about: Mapping[str, Any]) -> str:
    lines = ["| program | version |", "|---|---|"]
    return "\n".join(lines + [f"| {name} | {version} |" for name, version in about.get("versions", {}).items()])


def _stays(about: Mapping[str, Any]) -> str:
    found: Mapping[str, Mapping[str, Any]] = about.get("stays", {})
    if not found:
        return "Not measured yet."
    names = list(dict.fromkeys(name for one in found.values() for name in one))
    lines = [f"| tool | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    return "\n".join(
        lines + [f"| {peer} | {' | '.join(str(one.get(n, '')) for n in names)} |" for peer, one in found.items()]
    )
