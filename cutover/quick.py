"""The command line of `rollback --now`, read without typer: its import takes as long as the move of the traffic itself.

Only what is plain is read here: a word that is no option of this list, or is short for several, is typer's to judge.
A test holds both to the same reading.
"""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

_VERB, _NOW = "rollback", "--now"
_FLAGS = {_NOW: "now", "--all": "everyone", "--yes": "yes", "-y": "yes", "--json": "json", "--commit": "commit"}
_VALUES = {
    "--stack": "stack", "-s": "stack", "--cwd": "cwd", "-C": "cwd", "--message": "message", "-m": "message",
}  # fmt: skip


def rollback_now(words: Sequence[str]) -> Callable[[], None] | None:
    """The work of the command, where it is a `rollback --now` and plain; else None."""
    if words[:1] != [_VERB] or _NOW not in words:
        return None
    given = read(words[1:])
    return partial(_run, given) if given and given.pop("now", False) else None


def read(words: Sequence[str]) -> dict[str, Any] | None:
    """The options as the verb has them, with the services' names under `services`; None where that is not plain."""
    given: dict[str, Any] = {}
    names: list[str] = []
    rest = iter(words)
    for word in rest:
        if word in _FLAGS:
            given[_FLAGS[word]] = True
        elif word in _VALUES:
            value = next(rest, "-")
            if value.startswith("-"):
                return None
            given[_VALUES[word]] = value
        elif word.startswith("-"):
            return None
        else:
            names.append(word)
    if "cwd" in given:
        given["cwd"] = Path(given["cwd"])
    return given | {"services": names}


def _run(given: dict[str, Any]) -> None:
    from cutover.operations.command.perform import perform
    from cutover.operations.rollback.at_once import at_once
    from cutover.options import Options

    names, everyone = given.pop("services"), given.pop("everyone", False)
    perform(_VERB, Options(changes=True, **given), lambda job: at_once(job, names, everyone))
