"""`report`: what was released and how, as one page for a CI artifact or a chat, or as a comment on a pull request.

Reads the config file, the cluster, the stack's history and how the last change ended; takes no lock, changes nothing.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contract.text import printable
from cutover.errors import DriverError, UsageError
from cutover.reading_options import Cwd, Stack
from cutover.stackfile.find import choose, find_project
from cutover.stackfile.view import read_view

if TYPE_CHECKING:
    from cutover.stackfile.view import StackView


def report(
    services: Annotated[list[str] | None, typer.Argument(metavar="[SERVICE]...", help="By default all.")] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write one self-contained page; `-` for stdout.")
    ] = None,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print a short text for a pull request; also what there is by default.")
    ] = False,
    documents: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="How the release ended, as its --json printed it elsewhere."),
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="How many updates of the history; 0 for all.")] = 20,
    stack: Stack = None,
    cwd: Cwd = Path(),
) -> None:
    """Report what was released, when traffic moved, what the gates said, and what became of the requests of a --load.

    Examples: cutover report --html release.html; cutover report --markdown >> "$GITHUB_STEP_SUMMARY"
    """
    from cutover.observe import live
    from cutover.operations.command.kept import CHANGE, LOAD, document_of, kept
    from cutover.pages.report import report as made_of

    paths = choose(find_project(cwd), stack)
    if len(paths) > 1:
        raise UsageError(f"{len(paths)} stacks match; a report is of one", "name one: --stack")
    if html and str(html) == "-" and markdown:
        raise UsageError("--html - and --markdown both print on stdout", "--html FILE")
    view = read_view(paths[0])
    given = document_of(documents) if documents else None
    change = given or kept(view.path, CHANGE)
    load = given if given and "load" in given else kept(view.path, LOAD)
    wanted = _wanted(view, services or [])
    status = live(view)
    rows, why = _history(view)
    page = made_of(
        view.name,
        view.namespace,
        {name: status[name] for name in wanted if name in status},
        rows,
        made=datetime.now(UTC),
        change=change,
        load=load,
        history=why,
        limit=limit,
    )
    if markdown or not html:
        from cutover.pages.markdown import markdown as written

        sys.stdout.write(printable(written(page)))
    if html:
        from cutover.pages.render import render

        _write(html, render("report.html", page=page))


def _wanted(view: "StackView", names: list[str]) -> list[str]:
    """The services and fronts that are meant, in the order of the file. Raises UsageError for one that is not in it."""
    known = [*view.services, *view.fronts]
    if unknown := [name for name in names if name not in known]:
        raise UsageError(
            f"{view.path.name} has no service {unknown[0]!r}; it has: {', '.join(known) or 'none'}",
            "name one of these",
        )
    return [name for name in known if not names or name in names]


def _history(view: "StackView") -> "tuple[list[dict[str, Any]], str]":
    """The stack's updates as rows, or why there are none: a report is worth having without them."""
    try:
        from cutover.engine.stack import Stack as Engine
        from cutover.operations.history.updates import rows

        return rows(Engine(view.project, view.name).history()), ""
    except DriverError as error:
        why = f"The history gives no answer: {' '.join(error.what.split())}"
        sys.stderr.write(printable(f"warning: {why}") + "\n")
        return [], why


def _write(path: Path, text: str) -> None:
    if str(path) == "-":
        sys.stdout.write(text)
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", "name another file: --html") from None
    sys.stderr.write(f"wrote {path}, {len(text.encode()) / 1024:.0f} KB\n")
