"""The board that every viewer is shown: parts of a page by their ids, each with the revision of its last change.

Readers put parts from threads of their own; viewers wait in the server's event loop. However many viewers there are,
a part is rendered once.
"""

import asyncio
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

ATTENDED_SECONDS = 15.0  # after the last sign of a viewer; a page without JavaScript asks again every 10


@dataclass(frozen=True)
class Part:
    """One part of the page: an element with this id."""

    key: str
    html: str
    revision: int


@dataclass(frozen=True)
class _Viewer:
    loop: asyncio.AbstractEventLoop
    news: asyncio.Event

    def wake(self) -> None:
        self.loop.call_soon_threadsafe(self.news.set)


class Board:
    """Safe from threads; not from a signal's handler."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # `enter` attends
        self._parts: dict[str, Part] = {}
        self._sections: dict[str, tuple[str, ...]] = {}
        self._viewers: set[_Viewer] = set()
        self._attended = 0.0
        self._looked: dict[str, float] = {}
        self.attended = threading.Event()  # set while somebody looks, and once all is over
        self.closed = False
        self.revision = 0
        self.read_at = ""

    def put(self, section: str, whole: str, parts: Mapping[str, str], read_at: str) -> None:
        """The findings of a look: the section, and each part of it. Where other parts are in it, the section is the
        news.
        """
        with self._lock:
            self._looked[section] = time.monotonic()
            self.read_at = read_at
            keys = tuple(parts)
            if self._sections.get(section) != keys:
                for gone in self._sections.get(section, ()):
                    self._parts.pop(gone, None)
                self._sections[section] = keys
                self.revision += 1
                self._parts[section] = Part(section, whole, self.revision)
                self._parts |= {key: Part(key, html, 0) for key, html in parts.items()}
            else:
                changed = {key: html for key, html in parts.items() if self._parts[key].html != html}
                self.revision += bool(changed)
                self._parts |= {key: Part(key, html, self.revision) for key, html in changed.items()}
                if changed:  # for whoever comes anew; those who look have its parts
                    self._parts[section] = Part(section, whole, self._parts[section].revision)
            for viewer in self._viewers:
                viewer.wake()

    def since(self, revision: int) -> list[Part]:
        """The parts that changed after a revision, the sections first."""
        with self._lock:
            found = [part for part in self._parts.values() if part.revision > revision]
            whole = {key for part in found for key in self._sections.get(part.key, ())}
            return sorted((part for part in found if part.key not in whole), key=lambda part: part.revision)

    def section(self, key: str) -> str:
        """A section as it is now; empty while nothing was read."""
        with self._lock:
            return self._parts[key].html if key in self._parts else ""

    def looked_within(self, section: str, seconds: float) -> bool:
        """Whether it was read, well or not, in the last so many seconds."""
        with self._lock:
            return time.monotonic() - self._looked.get(section, float("-inf")) <= seconds

    def enter(self) -> _Viewer:
        """A viewer comes, in the server's event loop."""
        viewer = _Viewer(asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._viewers.add(viewer)
        self.attend()
        return viewer

    def leave(self, viewer: _Viewer) -> None:
        """A viewer is gone."""
        with self._lock:
            self._viewers.discard(viewer)
            self._attended = time.monotonic()

    def attend(self) -> None:
        """Somebody looks: readers go on."""
        with self._lock:
            self._attended = time.monotonic()
            self.attended.set()

    def is_attended(self) -> bool:
        """Whether anybody looks; where nobody does, readers wait for `attended`."""
        with self._lock:
            yes = bool(self._viewers) or time.monotonic() - self._attended < ATTENDED_SECONDS
            if not (yes or self.closed):
                self.attended.clear()
            return yes

    def close(self) -> None:
        """The end: every viewer and every reader goes."""
        with self._lock:
            self.closed = True
            self.attended.set()
            for viewer in self._viewers:
                viewer.wake()
