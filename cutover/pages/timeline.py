"""The stack's history as a timeline, and what of it a release goes back to. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from contract.secrets import masked
from contract.text import one_line
from cutover.output.history import moved_words
from cutover.pages.cards import web_link

Json = dict[str, Any]
_SHORT_COMMIT = 7
_RESULTS = {"succeeded": "✔", "failed": "✖"}


@dataclass(frozen=True)
class Entry:
    """One update. `when` and `ended` are ISO 8601 in UTC; `moved` is what it moved, in words."""

    number: int
    kind: str
    result: str
    symbol: str
    when: str
    ended: str
    moved: str
    who: str
    commit: str
    uncommitted: bool
    repository: str
    run: str
    link: str
    message: str

    @property
    def short_commit(self) -> str:
        """The commit as people say it; `+` where there were changes beside it."""
        return self.commit[:_SHORT_COMMIT] + ("+" if self.commit and self.uncommitted else "")


@dataclass(frozen=True)
class Came:
    """The update that moved the traffic to what serves, and what served before."""

    entry: Entry | None
    before: str


def timeline(rows: Iterable[Json], limit: int = 0) -> tuple[Entry, ...]:
    """The updates (cutover.operations.history.updates.rows), newest first; `limit` of them, 0 for all."""
    found = tuple(_entry(row) for row in rows)
    return found[:limit] if limit else found


def came(rows: Sequence[Json], service: str, color: str | None, release: str) -> Came:
    """How a release (`1.5.0 build 3`) on a color got the traffic, as far as the history tells."""
    good = [row for row in rows if row["result"] == "succeeded" and service in row["live"]]
    place = next((at for at, row in enumerate(good) if service in row["moved"]), None)
    if place is None or not _is(good[place]["live"][service], color, release):
        return Came(None, "")
    before = next((row["live"][service] for row in good[place + 1 :]), None)
    return Came(_entry(good[place]), _named(before) if before else "")


def _is(live: Json, color: str | None, release: str) -> bool:
    return live["color"] == color and _named(live) == release


def _named(release: Json) -> str:
    return f"{release['version']} build {release['build']}"


def _entry(row: Json) -> Entry:
    message = one_line(masked(str(row["message"]).partition("\n")[0]))
    return Entry(
        number=row["number"],
        kind=row["kind"],
        result=row["result"],
        symbol=_RESULTS.get(row["result"], "◌"),
        when=row["startedAt"],
        ended=row["endedAt"] or "",
        moved=moved_words(row),
        who=row["who"],
        commit=row["commit"],
        uncommitted=row["uncommitted"],
        repository=row["repository"],
        run=row["run"],
        link=web_link(row["run"]),
        message=message,
    )
