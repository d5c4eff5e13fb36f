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
    "| tool | failed of | unwanted | first new, s | only new, s | done, s | back, s | serves | processor, s | typed |"
)


def write_page(about: Mapping[str, Any], rows: Iterable[Row], page: Path = PAGE) -> None:
    """Fill the page."""
    page.write_text(fill(page.read_text(), about, list(rows)))


def fill(text: str, about: Mapping[str, Any], rows: list[Row]) -> str:
    """The page with every `<!-- name --> … <!-- end -->` filled anew; `name` is a strategy, or one of three others."""

    def made(place: re.Match[str]) -> str:
        name = place["name"]
        if name in ("versions", "stays"):
            body = _versions(about) if name == "versions" else _stays(about)
        elif name in ("better", "faster"):
            body = "\n".join(better(rows) if name == "better" else faster(rows))
        else:
            body = _strategy(rows, name)
        return f"{place[1]}\n{body}\n\n{place[3]}"

    return _PLACE.sub(made, text)


def better(rows: Iterable[Row]) -> list[str]:
    """Where a peer came to the wanted end and ours did not, or lost fewer requests, or gave fewer unwanted answers."""
    said = [
        f"- {strategy(row)}, {row.cell}: {tool(row)} lost {row.failed} and gave {row.unwanted} unwanted answers, "
        f"`{OURS}` {ours.failed} and {ours.unwanted}{'' if ours.reached else f', and serves {_serving(ours)}'}."
        for ours, row in _beside_ours(rows)
        if (row.reached, -lost(row)) > (ours.reached, -lost(ours))
    ]
    return said or ["Nowhere in this run."]


def faster(rows: Iterable[Row]) -> list[str]:
    """Where a peer had its first wanted answer earlier, and which commands ours had until it was done: seconds of each,
    and what they were spent on.
    """
    said = []
    for ours, row in _beside_ours(rows):
        if row.first_seconds is not None and ours.first_seconds is not None and row.first_seconds < ours.first_seconds:
            said.append(
                f"- {strategy(row)}, {row.cell}: {tool(row)} after {row.first_seconds:.1f} s, `{OURS}` after "
                f"{ours.first_seconds:.1f} s, of {', '.join(map(_parts, ours.typed))}."
            )
    return said or ["Nowhere in this run."]


def _parts(one: Mapping[str, Any]) -> str:
    spent = ", ".join(f"{part} {seconds:.1f}" for part, seconds in one.get("spent", {}).items())
    return f"{one['seconds']:.1f} s `{str(one['command']).split(' --')[0]}`" + (f" ({spent})" if spent else "")


def _beside_ours(rows: Iterable[Row]) -> list[tuple[Row, Row]]:
    """Ours and each peer's, of one cell and strategy; without what could not be measured."""
    good = [row for row in rows if not row.problems]
    ours = {(strategy(row), row.cell): row for row in good if tool(row) == OURS}
    others = [row for row in good if tool(row) != OURS and (strategy(row), row.cell) in ours]
    return [(ours[strategy(row), row.cell], row) for row in others]


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
        _serving(row) + ("" if row.reached else f", not {row.wanted}"),
        _processor(row),
        "; ".join(_typed(one) for one in row.typed),
    ]
    return f"| {' | '.join(fields)} |"


def _serving(row: Row) -> str:
    return ", ".join(row.serves) or "nobody"


def _processor(row: Row) -> str:
    """Of the commands, and of the controller where there is one."""
    tool_seconds, controller = row.facts.get("tool_seconds"), row.facts.get("controller_seconds")
    return f"{tool_seconds or 0:.1f}" + (f" + {controller:.1f}" if controller else "")


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
