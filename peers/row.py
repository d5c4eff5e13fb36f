"""One row: a way in a cell, as numbers and as words. What a row says comes from the prober's account alone."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from prober import Result
from sandbox.paths import ROOT
from traffic.cells import raced

RESULTS = ROOT / "peers" / "results.json"
COMMAND, SAID, BAD = "command", "said", "bad"  # marks: the first command; the tool says how it ended; it turns bad
LAST_SECONDS = 1.0  # of the traffic: what answers then is what serves in the end


@dataclass(kw_only=True)
class Row:
    """Seconds run from the first command, `back_seconds` from when the release turned bad, where it did so later.

    `wanted` has to serve in the end. `unwanted` are answers of a release that should not answer: of a bad one at any
    time, of an old one after the tool has said that it is done (nothing, where it said that it gave up).
    `first_seconds` and `only_seconds` are None where no wanted answer came, or where others came to the end.
    """

    way: str
    cell: str
    wanted: str = ""
    requests: int = 0
    failed: int = 0
    raced: int = 0
    unwanted: int = 0
    first_seconds: float | None = None
    only_seconds: float | None = None
    said_seconds: float | None = None
    back_seconds: float | None = None
    serves: list[str] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    failures: list[Mapping[str, Any]] = field(default_factory=list)
    typed: list[Mapping[str, Any]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def reached(self) -> bool:
        """Whether in the end nothing but what was wanted served."""
        return self.serves == [self.wanted]


def account(row: Row, result: Result, bad: str | None = None, *, gave_up: bool = False) -> None:
    """Fill in what clients saw. `bad` should never have answered; `gave_up`: the tool itself said that it failed."""
    wanted = row.wanted
    start, said = result.marks[COMMAND], result.marks.get(SAID, result.seconds)
    row.requests, row.failed, row.raced = result.requests, result.failed, raced(result)
    row.versions, row.failures = result.versions, result.summary()["failures"]
    row.said_seconds = _seconds(said - start)
    row.serves = sorted(result.window(result.seconds - LAST_SECONDS).versions)
    others = [one.at_seconds for one in result.answers if one.version != wanted and one.at_seconds >= start]
    ours = [one.at_seconds for one in result.answers if one.version == wanted and one.at_seconds >= start]
    if bad is None:
        row.unwanted = 0 if gave_up else sum(at > said for at in others)
        row.first_seconds = _seconds(min(ours) - start) if ours else None
        if row.reached:
            row.only_seconds = _seconds(max(others, default=start) - start)
        return
    theirs = [one.at_seconds for one in result.answers if one.version == bad]
    turned = result.marks.get(BAD)
    row.unwanted = len(theirs) if turned is None else sum(at > said for at in theirs)
    trouble = theirs + [one.at_seconds for one in result.failures if one.at_seconds >= start]
    if row.reached and trouble:
        row.back_seconds = _seconds(max(trouble) - (start if turned is None else turned))


def _seconds(value: float) -> float:
    return round(value, 2)


def write(rows: Iterable[Row], about: Mapping[str, Any], path: Path = RESULTS) -> None:
    """Keep them, and `about`: what stays in the cluster, versions, the machine."""
    document = {"about": dict(about), "rows": [asdict(row) for row in rows]}
    path.write_text(json.dumps(document, indent=1) + "\n")


def read(path: Path = RESULTS) -> tuple[dict[str, Any], list[Row]]:
    """`about` and the rows of an earlier run; nothing where there was none, or one of another form."""
    if not path.exists():
        return {}, []
    document = json.loads(path.read_text())
    known = {one.name for one in fields(Row)}
    if any(row.keys() != known for row in document["rows"]):
        return {}, []
    return document["about"], [Row(**row) for row in document["rows"]]
