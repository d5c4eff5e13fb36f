"""Shows a tree of lines: once, or again and again. On a terminal in place, elsewhere a line on every change."""

import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol, TextIO

from contract.text import one_line, printable
from cutover.observe.goal import summary
from cutover.observe.records import ServiceStatus
from cutover.observe.tree import Line

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

LONGEST = 2000


class Display(Protocol):
    """The display on which a watch shows its looks."""

    def show(self, lines: Sequence[Line], services: Mapping[str, ServiceStatus]) -> None:
        """A look."""

    def trouble(self, problem: str) -> None:
        """Show why there was nothing to see."""

    def close(self) -> None:
        """The last look stays."""


def print_lines(lines: Sequence[Line]) -> None:
    """Once, on stdout; in color on a terminal that wants it."""
    if not sys.stdout.isatty() or "NO_COLOR" in os.environ:
        sys.stdout.write("".join(f"{printable(line.text)}\n" for line in lines))
        return
    from rich.console import Console

    Console(highlight=False, soft_wrap=True).print(_text(lines))


def display(to: TextIO) -> Display:
    """The display that fits a stream."""
    return _InPlace(to) if to.isatty() else _OnChange(to)


class _OnChange:
    """Prints the service's line, with the time in UTC, when it is another than before."""

    def __init__(self, to: TextIO) -> None:
        self._to = to
        self._shown: dict[str, str] = {}

    def show(self, lines: Sequence[Line], services: Mapping[str, ServiceStatus]) -> None:  # noqa: ARG002
        for name, service in services.items():
            self._say(name, summary(service))

    def trouble(self, problem: str) -> None:
        self._say("", one_line(problem, LONGEST))

    def close(self) -> None:
        self._to.flush()

    def _say(self, about: str, line: str) -> None:
        if self._shown.get(about) != line:
            self._shown = {about: line} if not about else {key: said for key, said in self._shown.items() if key}
            self._shown[about] = line
            self._to.write(f"{datetime.now(UTC):%H:%M:%SZ} {printable(line)}\n")
            self._to.flush()


class _InPlace:
    """Draws the tree anew where the last one was."""

    def __init__(self, to: TextIO) -> None:
        self._to = to
        self._live: Live | None = None
        self._last: Sequence[Line] = ()

    def show(self, lines: Sequence[Line], services: Mapping[str, ServiceStatus]) -> None:  # noqa: ARG002
        self._last = lines
        self._draw([*lines, Line(f"as of {datetime.now(UTC):%H:%M:%SZ}", "dim")])

    def trouble(self, problem: str) -> None:
        self._draw([*self._last, Line(f"✖ {one_line(problem, LONGEST)}", "red")])

    def close(self) -> None:
        if self._live:
            self._live.stop()

    def _draw(self, lines: Sequence[Line]) -> None:
        if self._live is None:
            from rich.console import Console
            from rich.live import Live

            console = Console(file=self._to, highlight=False)
            self._live = Live(console=console, auto_refresh=False, vertical_overflow="visible")
            self._live.start()
        self._live.update(_text(lines), refresh=True)


def _text(lines: Sequence[Line]) -> "Text":
    from rich.text import Text

    return Text("\n").join(Text(printable(line.text), style=line.style) for line in lines)
