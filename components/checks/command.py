"""One run of the user's own command: without a shell, killed with its children when its time is over."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass

from contract.secrets import masked
from contract.text import one_line

SHOWN_LINES = 3
SHOWN = 300  # characters of what it printed


@dataclass(frozen=True)
class Said:
    """The end of a command: its exit `code`, None where its time was over and -1 where it could not be started, and the
    last lines that it printed, as one harmless line without what looks like a secret.
    """

    code: int | None
    last: str = ""


async def run(command: Sequence[str], document: bytes, limit_seconds: float) -> Said:
    """Run a command with a document as its standard input, for at most so long."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        return Said(-1, f"it cannot be started: {error.strerror}")
    try:
        output, _ = await asyncio.wait_for(process.communicate(document), limit_seconds)
        return Said(process.returncode, _last(output.decode(errors="replace").splitlines()))
    except TimeoutError:
        return Said(None)
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


def _last(lines: Sequence[str]) -> str:
    kept = [line for line in lines if line.strip()][-SHOWN_LINES:]
    return one_line(masked(" / ".join(kept)), SHOWN)
