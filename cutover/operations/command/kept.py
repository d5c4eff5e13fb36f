"""The documents of earlier commands on a stack, kept on this machine: how the last change ended, and the last load.

They are what `--json` prints, for `report` and `dashboard`. Nothing is decided by them, and a file that is gone or
cannot be read is as one that never was. They lie in `$XDG_STATE_HOME/cutover` (`~/.local/state/cutover`), for their
owner alone: a checkout's git need not know of them.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from contract.text import finite
from cutover.errors import UsageError
from cutover.stackfile.find import project_of, stack_name

Json = dict[str, Any]

CHANGE, LOAD = "change", "load"
LONGEST = 4_000_000  # bytes of a document: an hour's load is a tenth of it
_NAME_LENGTH = 40


def keep(stack_file: Path, document: Mapping[str, Any]) -> None:
    """Keep the document of a command that may have changed the stack. Raises OSError where it cannot be written."""
    text = json.dumps(finite(document), default=str)
    _write(place(stack_file, CHANGE), text)
    if isinstance(document.get("load"), dict):
        _write(place(stack_file, LOAD), text)


def kept(stack_file: Path, kind: str) -> Json | None:
    """The kept document: of the last change (`CHANGE`), or of the last one with a load (`LOAD`)."""
    return _read(place(stack_file, kind))


def document_of(path: Path) -> Json:
    """A document of `--json` that somebody kept themselves. Raises UsageError where the file holds none."""
    found = _read(path)
    if found is None or not isinstance(found.get("verb"), str):
        raise UsageError(
            f"{path} holds no document of a command",
            "name a file with what a command printed on stdout, such as `cutover promote --json`",
        )
    return found


def place(stack_file: Path, kind: str) -> Path:
    """Where the document is. Two checkouts of one project have each their own."""
    home = os.environ.get("XDG_STATE_HOME", "")
    root = Path(home) if os.path.isabs(home) else Path.home() / ".local" / "state"
    project = project_of(stack_file).absolute()
    folder = f"{project.name[:_NAME_LENGTH]}-{sha256(str(project).encode()).hexdigest()[:12]}"
    return root / "cutover" / folder / f"{stack_name(stack_file).replace('/', '%')}.{kind}.json"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # of mode 0600
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _read(path: Path) -> Json | None:
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(LONGEST))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
