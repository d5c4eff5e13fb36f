"""The output of the programs of this checkout: lines on a console, and the reason of a failure."""

import sys
from typing import NoReturn

import typer
from rich.console import Console


class Voice:
    """A console; `width` is for where the output is no terminal (CI), so that the tables fit."""

    def __init__(self, width: int) -> None:
        self.console = Console(soft_wrap=True, width=None if sys.stdout.isatty() else width)

    def say(self, line: str) -> None:
        """A line as it is: nothing in it is markup or stands for a symbol."""
        self.console.print(line, markup=False, emoji=False, highlight=False)


def fail(text: str, code: int) -> NoReturn:
    """End the program with this exit code, and say why."""
    print(f"error: {text}", file=sys.stderr)
    raise typer.Exit(code)
