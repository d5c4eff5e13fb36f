"""The options of every verb as one record; `shared_options` adds the options to a verb's own."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """The options of every verb. `changes` is whether the verb changes things."""

    changes: bool = False
    stack: str | None = None
    cwd: Path = Path()
    json: bool = False
    parallel: int | None = None
    stop_on_failure: bool = False
    yes: bool = False
    commit: bool = False
    notify: list[str] | None = None
    message: str | None = None
    waves: str | None = None
