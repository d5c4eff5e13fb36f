"""The writing of a new project's files: all of them or none, and never over another."""

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path

from cutover.errors import UsageError


def write_all(folder: Path, files: Mapping[str, str], check: Callable[[], None]) -> None:
    """Write path -> text below the folder. What is there already is named at once, in a UsageError; where `check`
    raises, or a file cannot be written, nothing of it stays.
    """
    there = [name for name in files if (folder / name).exists() or (folder / name).is_symlink()]
    if there:
        verb = "is" if len(there) == 1 else "are"
        raise UsageError(
            f"{', '.join(there)} {verb} there already; nothing was written",
            "a new project begins in an empty folder: --cwd FOLDER",
        )
    made: list[Path] = []
    try:
        for name, text in files.items():
            path = folder / name
            made += _folders(path.parent)
            with path.open("x", encoding="utf-8") as file:
                made.append(path)
                file.write(text)
        check()
    except BaseException as error:
        for path in reversed(made):
            with contextlib.suppress(OSError):  # a folder that somebody put something into meanwhile
                path.rmdir() if path.is_dir() else path.unlink()
        if isinstance(error, OSError):
            raise UsageError(f"{error.filename}: {error.strerror}; nothing was written") from None
        raise


def _folders(folder: Path) -> list[Path]:
    """The folders that had to be made for it, the outer one first."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return list(reversed(missing))
