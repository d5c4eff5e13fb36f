"""The command `cutover`: how it begins, and how it ends."""

import atexit
import contextlib
import gc
import sys
from typing import NoReturn

from contract.text import printable
from cutover import quick
from cutover.errors import Exit, unexpected


def main(words: list[str] | None = None) -> NoReturn:
    """Run a command line (by default the process's own) and exit with its code."""
    if words is None:
        _collect_rarely()
    try:
        if asked := quick.rollback_now(sys.argv[1:] if words is None else words):
            asked()
        from cutover.command_line import app

        app(words, prog_name="cutover")
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted\n")
        sys.exit(Exit.FAILED)
    except Exception as raised:
        error = unexpected(raised)
        with contextlib.suppress(OSError):
            sys.stderr.write(printable(f"error: {error}") + "\n")
        sys.exit(error.exit_code)
    sys.exit(Exit.DONE)


def _collect_rarely() -> None:
    """Nearly all objects of a command live until it ends: Python looks for garbage in cycles after 100,000 new ones,
    not after 700, and not at the end, where nothing is used any more. That was a quarter of a short command's time.
    """
    gc.set_threshold(100_000, 50, 100)
    atexit.register(gc.freeze)
