"""The history for people: a table of one line each, or with provenance a block for each update. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

Json = dict[str, Any]

_COLUMNS = ("N", "WHEN (UTC)", "KIND", "RESULT", "LIVE", "WHO", "COMMIT", "MESSAGE")
_AS_BEFORE, _NOTHING = "as before", "nothing"
_SHORT_COMMIT = 7


def table(rows: Sequence[Json]) -> list[str]:
    """A line per update. LIVE has the services that the update moved; columns that tell nothing are left out."""
    cells = [_COLUMNS, *(_cells(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(_COLUMNS))]
    kept = [column for column in range(len(_COLUMNS)) if any(row[column] for row in cells[1:])]
    return ["  ".join(row[column].ljust(widths[column]) for column in kept).rstrip() for row in cells]


def blocks(rows: Sequence[Json]) -> list[str]:
    """A block per update: what it did, from where, and every release that was live after it, with its image."""
    return [line for row in rows for line in _block(row)]


def _cells(row: Json) -> tuple[str, ...]:
    commit = row["commit"][:_SHORT_COMMIT] + ("+" if row["commit"] and row["uncommitted"] else "")
    when = row["startedAt"].replace("T", " ").rstrip("Z")
    kind = "" if row["kind"] == "update" else row["kind"]
    return (str(row["number"]), when, kind, row["result"], moved_words(row), row["who"], commit, _head(row))


def moved_words(row: Json) -> str:
    """The traffic that an update moved, in words; empty where that is not known."""
    if row["result"] != "succeeded":
        return ""  # what it wanted, it may have reached or not; `status` knows
    if not row["live"]:
        return _NOTHING if _destroyed(row) else ""  # the services of some programs are not in the config
    return ", ".join(f"{name} {_release(row['live'][name])}" for name in row["moved"]) or _AS_BEFORE


def _block(row: Json) -> Iterator[str]:
    seconds = f" in {_seconds(row)} s" if row["endedAt"] else ""
    yield f"{row['number']}  {row['startedAt']}  {row['kind']} {row['result']}{seconds}: {_head(row)}".rstrip(": ")
    commit = row["commit"] and row["commit"] + (" and uncommitted changes" if row["uncommitted"] else "")
    for label, value in (
        ("commit", commit), ("repository", row["repository"]), ("author", row["who"]), ("run", row["run"]),
    ):  # fmt: skip
        if value:
            yield f"   {label:<11} {value}"
    good = row["result"] == "succeeded"
    label = "live" if good else "wanted"
    shown = row["live"] if good else row["wanted"]
    for name, release in shown.items():
        moved = "" if name in row["moved"] or not good else "  (as before)"
        yield f"   {label:<11} {name} {_release(release)}{moved}"
        if "service" not in release:  # a front's is said at the service that it sends to
            yield f"   {'':<11}   {_content(release)}"
    if _destroyed(row):
        yield f"   {label:<11} {_NOTHING}"


def _destroyed(row: Json) -> bool:
    return bool(row["kind"] == "destroy" and row["result"] == "succeeded")


def _content(release: Json) -> str:
    if release["digestFrom"] == "cluster":
        return f"{release['image']}  runs as {release['digest']}"
    return f"{release['image']}" + ("" if release["digest"] else "  (a tag: what it named then is not known)")


def _release(release: Json) -> str:
    if stand := release.get("service"):
        return f"sends to {stand}"
    color = f"{release['color']} " if release["color"] else ""
    return f"{color}{release['version']} build {release['build']}" if release["version"] else f"{color}no release"


def _seconds(row: Json) -> int:
    begun, ended = (datetime.fromisoformat(row[key].replace("Z", "+00:00")) for key in ("startedAt", "endedAt"))
    return round((ended - begun).total_seconds())


def _head(row: Json) -> str:
    return (str(row["message"]).splitlines() or [""])[0]
