"""`dashboard`: a local, read-only page over the stacks of the folder, kept as the cluster is.

Reads the config files, the cluster, and what `history` (with `--plan` also `plan`) says; takes no lock, changes
nothing.
"""

import secrets
import sys
from pathlib import Path
from typing import Annotated

import typer

from cutover.errors import UsageError
from cutover.reading_options import Cwd, Stack
from cutover.stackfile.find import choose, find_project, stack_name


def dashboard(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of 127.0.0.1; by default a free one.")] = 0,
    plan: Annotated[
        bool, typer.Option("--plan", help="Also what `up` would do, by a preview whenever the file was edited.")
    ] = False,
    open_browser: Annotated[bool, typer.Option("--open", help="Open it in the browser of this machine.")] = False,
    stack: Stack = None,
    cwd: Cwd = Path(),
) -> None:
    """Show all stacks of the folder, or those of --stack, on a page of this machine alone, live. It changes nothing.

    The address that is printed has a token in it: whoever knows it, and is on this machine, can read. Ctrl-C ends it.
    """
    paths = choose(find_project(cwd), stack or "*")
    try:
        from cutover.dashboard.app import Named, app
        from cutover.dashboard.serve import LOOPBACK, listen, serve
    except ImportError as error:
        raise UsageError(
            f"the dashboard needs a package that is not installed: {error.name}",
            "pip install 'pulumi-cutover[dashboard]'",
        ) from None
    from cutover.dashboard.board import Board
    from cutover.dashboard.reader import Reader
    from cutover.operations.dashboard.scout import Scout

    board, token = Board(), secrets.token_urlsafe(32)
    scout = Scout(paths, plans=plan, attended=board.is_attended)
    readers = {path: Reader(board, f"stack-{place}", path, scout.add) for place, path in enumerate(paths)}
    scout.hurry = lambda path: readers[path].hurry()
    named = [Named(f"stack-{place}", stack_name(path)) for place, path in enumerate(paths)]
    with listen(port) as sock:
        address = f"http://{LOOPBACK}:{sock.getsockname()[1]}/{token}/"

        def begun() -> None:
            sys.stdout.write(f"{address}\n")
            sys.stdout.flush()
            board.attend()  # the first page finds what was read
            for thread in (*readers.values(), scout):
                thread.start()
            if open_browser:
                import webbrowser

                webbrowser.open(address)

        try:
            serve(app(board, named, token), board, sock, begun)
        finally:
            scout.stop()
            for reader in readers.values():
                reader.hurry()
