"""The command line: which verbs there are, and what each is told.

A verb's module is imported when the verb, or its help, is asked for. Its top level must stay cheap: what takes long to
import (the Automation API, the cluster's client) is imported inside the function that needs it.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from cutover import verbs
from cutover.shipped import DISTRIBUTION

# In the order of the help: the way of a release first.
_FIRST: tuple[str, ...] = (
    "plan", "release", "promote", "rollback", "abort", "restart", "tidy", "status", "history", "report", "dashboard",
    "statement", "up", "destroy", "doctor", "schema", "init", "adopt", "route",
    "manifests",
)  # fmt: skip
VERBS = (*_FIRST, *sorted({one.name for one in iter_modules(verbs.__path__)} - {*_FIRST}))
"""Every module of `cutover/verbs`; it holds a function of its own name."""


class _Verbs(TyperGroup):
    """Finds a verb's module when it is needed."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name not in VERBS:
            return None
        module = import_module(f"{verbs.__name__}.{cmd_name}")
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        single.command(cmd_name)(getattr(module, cmd_name))
        return typer.main.get_command(single)


app = typer.Typer(
    cls=_Verbs,
    name="cutover",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="Exit codes: 0 done or nothing to do, 1 failed, 2 usage or config, 3 refused by a gate, 4 locked, "
    "5 timed out, 6 drift.",
)


def _tell_version(asked: bool) -> None:
    if asked:
        from importlib import metadata

        try:
            number = metadata.version(DISTRIBUTION)
        except metadata.PackageNotFoundError:
            number = "of a checkout"
        typer.echo(f"cutover {number}")
        raise typer.Exit


@app.callback()
def cutover(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_tell_version, is_eager=True)
    ] = False,
) -> None:
    """Zero-downtime releases: release, promote, watch, roll back. Each verb has a `--help` of its own."""
