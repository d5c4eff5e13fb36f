"""`statement`: a release written down for others, as an in-toto Statement or a CycloneDX BOM.

Reads the config file and the cluster; needs no engine, takes no lock, changes nothing.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cutover.errors import UsageError
from cutover.reading_options import Cwd, Stack
from cutover.stackfile.find import choose, find_project
from cutover.stackfile.view import read_view

if TYPE_CHECKING:
    from cutover.provenance.release import Released
    from cutover.stackfile.view import StackView

Format = Literal["in-toto", "cyclonedx"]


def statement(
    services: Annotated[list[str] | None, typer.Argument(metavar="[SERVICE]...", help="By default all.")] = None,
    color: Annotated[
        Literal["blue", "green"] | None, typer.Option(help="Of this color, instead of what takes the traffic.")
    ] = None,
    as_format: Annotated[Format, typer.Option("--format", help="What to write.")] = "in-toto",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File to write, instead of stdout.")] = None,
    stack: Stack = None,
    cwd: Cwd = Path(),
) -> None:
    """Write down what runs and where it came from: an in-toto Statement per release, or one CycloneDX BOM of all.

    Several statements are JSON Lines. Nothing is signed. Example: cutover statement storefront -o release.intoto.json
    """
    import json

    paths = choose(find_project(cwd), stack)
    if len(paths) > 1:
        raise UsageError(f"{len(paths)} stacks match; a statement is of one", "name one: --stack")
    view = read_view(paths[0])
    found = _releases(view, services or [], color)
    if as_format == "cyclonedx":
        from cutover.provenance.cyclonedx import bom

        text = json.dumps(bom(found[0].stack, found, datetime.now(UTC)), indent=2)
    else:
        from cutover.provenance import in_toto

        indent = 2 if len(found) == 1 else None
        text = "\n".join(json.dumps(in_toto.statement(each), indent=indent) for each in found)
    if output is None:
        sys.stdout.write(text + "\n")
        return
    try:
        output.write_text(text + "\n")
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}", "name another file: -o") from None
    sys.stderr.write(f"wrote {output}: {', '.join(f'{each.service} {each.release}' for each in found)}\n")


def _releases(view: "StackView", names: list[str], color: str | None) -> "list[Released]":
    """The releases that are meant, in the order of the file. Raises UsageError for a service that is not in it."""
    from cutover.observe import live
    from cutover.provenance.release import released

    backends = {name: front.backends.get(front.active, name) for name, front in view.fronts.items()}
    names = [backends.get(name, name) for name in names]  # of a front: what it sends to
    if unknown := [name for name in names if name not in view.services]:
        known = ", ".join(view.services) or "none"
        raise UsageError(f"{view.path.name} has no service {unknown[0]!r}; it has: {known}", "name one of these")
    wanted = [name for name in view.services if not names or name in names]
    if not wanted:
        raise UsageError(
            f"{view.path.name} has no `cutover:services`", "statements are of services in the stack's file"
        )
    status = live(view)
    return [released(view, status[name], view.services[name].color_of(color)) for name in wanted]
