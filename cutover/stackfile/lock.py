"""The lock of a stack's file against other drivers on this machine; the engine's own lock is for everybody else.

It is a file in the folder for temporary files and not the stack's: that one is replaced with each edit, and stands in a
checkout. Who holds the lock removes the file at the end; of a process that was killed it stays, empty and unlocked.
"""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from cutover.errors import StackLocked


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a stack's file; it is let go with the process, however that ends. Raises StackLocked where another does."""
    place = _place(path)
    handle = _locked(place)
    if handle is None:
        raise StackLocked(
            f"another `cutover` works on {path.name} on this machine", "wait until it has ended; `cutover status`"
        )
    try:
        yield
    finally:
        if _is_at(place, handle):  # else somebody cleaned the folder meanwhile, and what is there is another driver's
            place.unlink()
        os.close(handle)


def holder_of(path: Path) -> int | None:
    """The process that holds a stack's file now; None where nobody does, or the kernel does not tell (not Linux).

    Nothing is locked for it: whoever begins in this moment would be refused.
    """
    try:
        found = _place(path).stat()
        locks = Path("/proc/locks").read_text().splitlines()
    except OSError:
        return None
    mine = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}"
    rows = (line.split() for line in locks)
    return next((int(row[4]) for row in rows if row[1:2] == ["FLOCK"] and row[5:6] == [mine]), None)


def _locked(place: Path) -> int | None:
    """The file at that place, locked; None where another has it."""
    while True:
        handle = os.open(place, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        except BaseException:
            os.close(handle)
            raise
        if _is_at(place, handle):
            return handle
        os.close(handle)  # its holder removed it after it was opened here: the next driver locks another file


def _is_at(place: Path, handle: int) -> bool:
    try:
        return os.path.samestat(place.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False


def _place(path: Path) -> Path:
    digest = sha256(str(path.resolve()).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"cutover-{os.getuid()}-{digest}"
