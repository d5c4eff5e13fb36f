"""The page docs/traffic.md: its tables filled from the last results, and its pictures."""

import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from sandbox.paths import ROOT
from traffic.cells import Verdict, slug
from traffic.report import PICTURES, line, ups

PAGE = ROOT / "docs" / "traffic.md"
# What the page shows: its name there, and the cell whose picture it is.
SHOWN = {
    "traffic-cutover.svg": "blue-green/deployment/standby-full/cutover",
    "traffic-kubectl-patch.svg": "comparison/kubectl patch 2/with the release in one go",
    "traffic-api-server-stops.svg": "faults/cutover/kube-apiserver stops for 10 s at the switch",
}
_PLACE = re.compile(r"(<!-- (?P<name>[a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def fill(text: str, verdicts: Iterable[Verdict]) -> str:
    """The page with every `<!-- name --> … <!-- end -->` filled anew; `name` is the first word of the cells' names. A
    table none of whose cells were played stays as it is.
    """
    cells = list(verdicts)

    def table(place: re.Match[str]) -> str:
        name = place["name"]
        first, made_of = {"sums": ("", _sums), "matrix": ("blue-green/", _matrix)}.get(name, (f"{name}/", _list))
        mine = [cell for cell in cells if cell.name.startswith(first)]
        return f"{place[1]}\n{made_of(mine)}\n\n{place[3]}" if mine else place[0]

    return _PLACE.sub(table, text)


def write(verdicts: Mapping[str, Verdict], page: Path = PAGE, pictures: Path = PICTURES) -> list[str]:
    """Fill the page; the pictures that it shows and that no run has drawn yet are returned by name of their cell."""
    page.write_text(fill(page.read_text(), verdicts.values()))
    missing = []
    for name, cell in SHOWN.items():
        drawn = pictures / f"{slug(cell)}.svg"
        if drawn.exists():
            shutil.copy(drawn, page.parent / name)
        else:
            missing.append(cell)
    return missing


def _sums(cells: list[Verdict]) -> str:
    return f"**{line(cells)}.**"


def _matrix(cells: list[Verdict]) -> str:
    """Scenarios down, settings across; each field `failed of requests, seconds of the last up`."""
    stages = list(dict.fromkeys(cell.name.rpartition("/")[0] for cell in cells))
    by_name = {cell.name: cell for cell in cells}
    rows = list(dict.fromkeys(cell.name.rpartition("/")[2] for cell in cells))
    heads = [stage.removeprefix("blue-green/").replace("/", ", ").replace("standby-", "standby ") for stage in stages]
    lines = [f"| scenario | {' | '.join(heads)} |", f"|---|{'---|' * len(heads)}"]
    for row in rows:
        fields = [_field(by_name.get(f"{stage}/{row}")) for stage in stages]
        lines.append(f"| {row} | {' | '.join(fields)} |")
    return "\n".join(lines)


def _field(cell: Verdict | None) -> str:
    if cell is None:
        return ""
    last = f", {cell.up_seconds[-1]:.1f} s" if cell.up_seconds else ""
    return f"{_failed(cell)} of {cell.requests:,}{last}{'' if cell.ok else ' ✖'}"


def _list(cells: list[Verdict]) -> str:
    lines = ["| cell | requests | failed | bar | over 1 s | `up`, s | notes |", "|---|---|---|---|---|---|---|"]
    for cell in cells:
        notes = [f"{name}: {value}" for name, value in cell.facts.items() if not name.endswith("_ms")]
        name = cell.name.partition("/")[2].replace("|", "\\|") + ("" if cell.ok else " ✖")
        said = "; ".join(notes).replace("|", "\\|")
        lines.append(
            f"| {name} | {cell.requests:,} | {_failed(cell)} | {cell.bar} | {cell.stalled} | {ups(cell)} | {said} |"
        )
    return "\n".join(lines)


def _failed(cell: Verdict) -> str:
    return f"{cell.failed:,} ({cell.raced} raced)" if cell.raced else f"{cell.failed:,}"
