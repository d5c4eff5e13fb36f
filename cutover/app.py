"""The command `cutover`: how it begins, and how it ends."""

import contextlib
import sys
from typing import NoReturn

from contract.garbage import collect_rarely
from contract.text import printable
from cutover import quick
from cutover.errors import Exit, unexpected


def main(words: list[str] | None = None) -> NoReturn:
    """Run a command line (by default the process's own) and exit with its code."""
    if words is None:
        collect_rarely()
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
