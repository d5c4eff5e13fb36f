"""`history`: who changed what when."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cutover.options import Options, shared_options

if TYPE_CHECKING:
    from cutover.engine.records import Update
    from cutover.output.result import Result
    from cutover.run.job import Job

_COLUMNS = ("N", "WHEN (UTC)", "KIND", "RESULT", "LIVE", "WHO", "COMMIT", "MESSAGE")


@shared_options(changes=False)
def history(
    options: Options,
    limit: Annotated[int, typer.Option(min=0, help="How many updates, the newest first; 0 for all.")] = 20,
) -> None:
    """Show who changed what when: of each update the result, what was live after it, the commit and the message."""
    from cutover.run.perform import perform

    perform("history", options, lambda job: _run(job, limit))


def _run(job: "Job", limit: int) -> "Result":
    from cutover.output.result import Result

    updates = job.history
    rows = [_row(update) for update in (updates[:limit] if limit else updates)]
    job.details["updates"] = [row for _, row in rows]
    lines = _aligned([_COLUMNS, *(cells for cells, _ in rows)]) if rows else [f"{job.stack} has no history yet"]
    return Result("history", job.stack, 0, False, tuple(lines), details=job.details, plain=True)


def _row(update: "Update") -> tuple[tuple[str, ...], dict[str, Any]]:
    """An update as the table's cells and as data."""
    from cutover.run.choice import describe
    from cutover.run.past import served, services_of

    live = {}
    for name, service in services_of(update).items():
        live[name] = {
            "color": service.active,
            **{key: (served(service) or {}).get(key) for key in ("version", "build")},
        }
    text = ", ".join(
        f"{name} {entry['color'] + ' ' if entry['color'] else ''}{describe(entry)}" for name, entry in live.items()
    )
    commit = update.environment.get("git.head", "")
    who = update.environment.get("git.author") or update.environment.get("git.committer") or ""
    dirty = update.environment.get("git.dirty") == "true"
    row = {
        "number": update.number,
        "kind": update.kind,
        "result": update.result,
        "startedAt": f"{update.started:%Y-%m-%dT%H:%M:%SZ}",
        "endedAt": f"{update.ended:%Y-%m-%dT%H:%M:%SZ}" if update.ended else None,
        "live": live,
        "who": who,
        "commit": commit,
        "uncommitted": dirty,
        "message": update.message,
        "changes": dict(update.changes),
    }
    short = commit[:7] + ("+" if commit and dirty else "")
    when = f"{update.started:%Y-%m-%d %H:%M:%S}"
    head = (update.message.splitlines() or [""])[0]
    return (str(update.number), when, update.kind, update.result, text, who, short, head), row


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    kept = [column for column in range(len(_COLUMNS)) if any(row[column] for row in rows[1:])]
    return ["  ".join(row[column].ljust(widths[column]) for column in kept).rstrip() for row in rows]
