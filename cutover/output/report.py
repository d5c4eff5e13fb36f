"""Progress: live on a terminal, plain lines with UTC times elsewhere, and only when something changed.

With `--json` all of it goes to stderr, as stdout is for the one document. Words carry every meaning; color only repeats
it, and NO_COLOR turns it off (rich honors it).
"""

import contextlib
import json
import os
import sys
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

from contract.text import finite, printable
from cutover.output.result import Result

if TYPE_CHECKING:
    from rich.status import Status
    from rich.text import Text

# A reader that is gone: a closed pipe, a closed terminal. rich ends the program for it.
_GONE = (OSError, ValueError, SystemExit)
_STYLES = {"warning": "yellow", "error": "red", "ok": "green"}


class Report:
    """The voice of one command on one stack; use it as a context manager. Safe from several threads."""

    def __init__(self, *, as_json: bool = False, stream: TextIO | None = None) -> None:
        self._json = as_json
        self._stream = stream or (sys.stderr if as_json else sys.stdout)
        for each in (sys.stdout, sys.stderr):
            if hasattr(each, "reconfigure"):
                each.reconfigure(errors="replace")  # a terminal that cannot show a letter must not end a release
        self._lock = threading.RLock()
        self._last = ""
        self._waits: dict[str, tuple[str, float, float | None]] = {}
        self._console: Any = None
        self._status: Status | None = None
        self._stop = threading.Event()
        if self._stream.isatty():
            from rich import console

            self._console = console.Console(
                file=self._stream, highlight=False, markup=False, emoji=False, soft_wrap=True
            )

    def __enter__(self) -> "Report":
        if self._console:
            threading.Thread(target=self._tick, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._quiet()
        _let_go()

    @property
    def on_terminal(self) -> bool:
        """Whether a person watches."""
        return self._console is not None

    def say(self, text: str, mark: str = "") -> None:
        """One line of progress, or several; not twice in a row. `mark` is `warning`, `error` or `ok`: how it looks."""
        with self._lock:
            if not text or text == self._last:
                return
            self._last = text
            shown = printable(f"{mark}: {text}" if mark in ("warning", "error") else text)
            with contextlib.suppress(*_GONE):
                if self._console:
                    self._console.print(shown, style=_STYLES.get(mark, ""))
                else:
                    now = datetime.now(UTC).strftime("%H:%M:%SZ")
                    print("\n".join(f"{now} {line}" for line in shown.splitlines()), file=self._stream, flush=True)

    def wait(self, text: str, limit_seconds: float | None = None, key: str = "") -> None:
        """The announcement of a wait, and how long it may take. Off a terminal it is a line of progress.

        Several things are waited for at the same time under different keys, until `done` with each.
        """
        with self._lock:
            if (known := self._waits.get(key)) and known[0] == text:
                return
            self._waits[key] = (text, time.monotonic(), limit_seconds)
            if not self._console:
                self.say(text + (f" (at most {limit_seconds:g} s)" if limit_seconds else ""))
            elif self._status is None:
                self._status = self._console.status(self._plain(text))
                with contextlib.suppress(*_GONE):
                    self._status.start()

    def done(self, key: str) -> None:
        """This is waited for no more."""
        with self._lock:
            if self._waits.pop(key, None) and not self._waits:
                self._quiet()

    def done_waiting(self) -> None:
        """End the line that says what is waited for."""
        with self._lock:
            self._quiet()

    def lines(self, text: str) -> None:
        """Lines of a result on stdout, as they are; nothing with `--json`."""
        with self._lock:
            self._quiet()
            if self._json:
                return
            with contextlib.suppress(*_GONE):
                if self._console:
                    self._console.print(printable(text))
                else:
                    print(printable(text), file=self._stream, flush=True)

    def document(self, document: Mapping[str, Any]) -> None:
        """The one document on stdout; nothing without `--json`."""
        self._quiet()
        if self._json:
            with contextlib.suppress(*_GONE):
                sys.stdout.write(json.dumps(finite(document), indent=2, default=str) + "\n")
                sys.stdout.flush()

    def finish(self, result: Result) -> None:
        """The end of a command: what happened, and what to do where it failed."""
        self.done_waiting()
        text = "\n".join(result.lines)
        if result.plain:
            self.lines(text)
        elif result.exit_code == 0:
            self.say(text, "ok")
        else:
            with self._lock:
                self._last = ""
                self.say(text + (f"\n    fix: {result.fix}" if result.fix else ""), "error")
        self.document(result.to_json())

    def _quiet(self) -> None:
        self._waits.clear()
        if self._status:
            with contextlib.suppress(*_GONE):
                self._status.stop()
            self._status = None

    def _tick(self) -> None:
        while not self._stop.wait(0.25):
            with self._lock:
                if self._status and self._waits:
                    self._status.update(self._plain(self._waiting()))

    @staticmethod
    def _plain(text: str) -> "Text":
        """What is waited for; of a plain string rich would take `[…]` for markup."""
        from rich.text import Text

        return Text(printable(text).replace("\n", " "))

    def _waiting(self) -> str:
        """The wait that may take longest, its time, and how many others there are."""
        text, since, limit = max(self._waits.values(), key=lambda wait: (wait[2] or 0.0, wait[1]))
        of = f" of at most {limit:g}" if limit else ""
        others = f", and {len(self._waits) - 1} more" if len(self._waits) > 1 else ""
        return f"{text} ({time.monotonic() - since:.0f}{of} s){others}"


def _let_go() -> None:
    """What is left in a stream that nobody reads would end the interpreter with an exit code of its own."""
    for each in (sys.stdout, sys.stderr):
        try:
            each.flush()
        except _GONE:
            with contextlib.suppress(*_GONE):
                os.dup2(os.open(os.devnull, os.O_WRONLY), each.fileno())
