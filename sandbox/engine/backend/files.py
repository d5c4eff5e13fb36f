"""Files that are never half written: a reader sees the old content or the new one, whenever the writer is killed."""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path


def write_durably(path: Path, data: bytes, *, mode: int = 0o600, keep_backup: bool = False) -> None:
    """Replace `path` by `data`; when this returns the data is on the disk.

    With `keep_backup` the content before this write stays beside it as `<name>.bak`.
    """
    path = Path(os.path.realpath(path))  # what a link points to is replaced, not the link
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as temporary:
            temporary.write(data)
            temporary.flush()
            os.fchmod(temporary.fileno(), mode)
            os.fsync(temporary.fileno())
        if keep_backup and path.exists():
            _backup(path)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise
    _sync_folder(path.parent)


def _backup(path: Path) -> None:
    """Make `<path>.bak` the current content: a second name for the same file costs nothing, where links work."""
    backup, link = path.with_name(path.name + ".bak"), path.with_name(f".{path.name}.{os.getpid()}.link")
    try:
        with contextlib.suppress(FileNotFoundError):
            link.unlink()
        os.link(path, link)
        os.replace(link, backup)
    except OSError:
        shutil.copy2(path, backup)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
