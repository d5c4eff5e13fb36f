"""A stack's config file on disk: edited as a whole, atomically, and put back byte for byte where an edit did not count.

The file is the state of a release, so it must tell the truth about what is live whenever the driver leaves it. Nobody
else's edit is ever undone: what is put back replaces only what this object wrote.
"""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cutover.errors import UsageError
from cutover.stackfile.view import StackView, read_view

Wanted = Mapping[tuple[str, ...], Any]
"""Paths below `config` -> values, as `edit.set_values` takes them."""

_ENGINES = (b"secretsprovider:", b"encryptedkey:", b"encryptionsalt:")
"""The lines of a file that say how the stack's secrets are kept."""


class StackFile:
    """One stack's file, as it was when the command began and as the command made it."""

    def __init__(self, path: Path) -> None:
        """Raises UsageError where it cannot be read."""
        self.path = path
        self.view: StackView = read_view(path)
        self.original = path.read_bytes()
        self._written = self.original

    @property
    def edited(self) -> bool:
        """Whether the file is another than at the beginning."""
        return self._written != self.original

    @property
    def untouched(self) -> bool:
        """Whether nobody else has changed or removed the file."""
        try:
            return self.path.read_bytes() == self._written or self._only_the_engines_lines()
        except OSError:
            return False

    def set(self, wanted: Wanted) -> bool:
        """Make the file the original with these values below `config`; whether that changed it.

        Raises UsageError where the file cannot be edited, or was edited by somebody else meanwhile.
        """
        self._check_untouched()
        content = self.content_with(wanted)
        changed = content != self._written
        if changed:
            self._write(content)
        return changed

    def content_with(self, wanted: Wanted) -> bytes:
        """The original with these values; nothing is written. Raises UsageError where it cannot be edited."""
        from cutover.stackfile.edit import set_values
        from cutover.stackfile.reader import decoded, encoded

        text, codec = decoded(self.original)  # the view has read it, so it is text
        return encoded(set_values(text, {("config", *path): value for path, value in wanted.items()}), codec)

    def keep(self) -> None:
        """The end of an edit: what was written is the original from now on, which edits begin with and `restore` puts
        back.
        """
        self.original = self._written

    def restore(self) -> None:
        """Put the original back, byte for byte."""
        if self.edited:
            self._check_untouched()
            self._write(self.original)

    def _check_untouched(self) -> None:
        if not self.untouched:
            raise UsageError(
                f"{self.path.name} was changed by somebody else while this command ran",
                f"look at `git diff {self.path.name}`; what is live: `cutover status`",
            )

    def _write(self, content: bytes) -> None:
        write_atomically(self.path, content)
        self._written = content
        self.view = read_view(self.path)

    def _only_the_engines_lines(self) -> bool:
        """The engine adds how secrets are kept to a file that does not say it: kept, as part of what was there."""
        now = self.path.read_bytes()
        lines = now.splitlines(keepends=True)
        ours = [line for line in lines if not line.startswith(_ENGINES)]
        added = b"".join(line for line in lines if line not in ours)
        if b"".join(ours) != self._written:
            return False
        before = now.startswith(added)
        self.original = added + self.original if before else self.original + added
        self._written = now
        return True


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file's content, or leave it as it is; a link is followed, the mode stays."""
    real = path.resolve()
    handle, name = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), real.stat().st_mode & 0o7777)
            os.fsync(file.fileno())
        Path(name).replace(real)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
