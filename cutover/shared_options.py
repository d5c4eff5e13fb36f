"""The options that verbs share, added to a verb's own by a decorator, and handed to it as one record."""

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from cutover.options import Options
from cutover.reading_options import Cwd, Json, Stack

_READING: dict[str, tuple[Any, Any]] = {
    "stack": (Stack, None),
    "cwd": (Cwd, Path()),
    "json": (Json, False),
    "parallel": (
        Annotated[int | None, typer.Option(min=1, help="How many stacks at the same time; 1 unless given.")],
        None,
    ),
    "stop_on_failure": (
        Annotated[bool, typer.Option("--stop-on-failure", help="Begin no other stack after one that failed.")],
        False,
    ),
}
_CHANGING: dict[str, tuple[Any, Any]] = {
    "yes": (Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; needed where nobody can be asked.")], False),
    "commit": (Annotated[bool, typer.Option("--commit", help="Commit the stack's file in git, and only it.")], False),
    "notify": (
        Annotated[
            list[str] | None,
            typer.Option("--notify", help="URL that gets the result as JSON; slack+https://… a chat's. Repeatable."),
        ],
        None,
    ),
    "waves": (
        Annotated[
            str | None,
            typer.Option(metavar="1,5,rest", help="Of several stacks so many at once; the next once these went well."),
        ],
        None,
    ),
    "message": (Annotated[str | None, typer.Option("--message", "-m", help="Message in the stack's history.")], None),
}


def shared_options(*, changes: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Decorate a verb `verb(options, *own)`: the command line gets its own options and the shared ones.

    `changes` adds those of verbs that change something.
    """
    shared = _READING | (_CHANGING if changes else {})

    def decorate(verb: Callable[..., None]) -> Callable[..., None]:
        own = list(inspect.signature(verb).parameters.values())[1:]
        hints = get_type_hints(verb, include_extras=True)

        @wraps(verb)
        def run(**given: Any) -> None:
            taken = {name: given.pop(name) for name in shared}
            verb(Options(changes=changes, **taken), **given)

        keyword = inspect.Parameter.KEYWORD_ONLY
        added = [inspect.Parameter(n, keyword, default=d, annotation=a) for n, (a, d) in shared.items()]
        mine = [parameter.replace(kind=keyword, annotation=hints[parameter.name]) for parameter in own]
        run.__signature__ = inspect.Signature([*mine, *added])  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in [*mine, *added]}
        del run.__wrapped__
        return run

    return decorate
