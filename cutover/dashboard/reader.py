"""The reader of one stack: looks at its cluster again and again while somebody watches, and puts what it finds.

Only one reads, however many watch. It looks each second while something is under way, else every few; with nobody
there it waits. What takes longer than a look (the history, a plan) comes from a thread of its own, the scout's.
"""

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from contract.text import one_line
from cutover.dashboard.board import Board
from cutover.errors import DriverError, unexpected
from cutover.observe import Api, ServiceStatus, access_of, look
from cutover.pages.cards import cards
from cutover.pages.render import iso
from cutover.pages.stack import Parts, StackPage, Trouble
from cutover.stackfile.find import stack_name
from cutover.stackfile.view import StackView, read_view
from kubeaccess import Access

QUICK_SECONDS, SLOW_SECONDS = 1.0, 4.0
LONGEST_SECONDS = 8.0  # between two tries where there is nothing to see: some ask the engine, which is work
RESTLESS_SECONDS = 20.0  # after a change, and as long as something is under way

Background = Callable[[StackPage, StackView, Mapping[str, ServiceStatus]], StackPage]
"""What else is known of a stack, added to its page. It must not take long."""


class Reader(threading.Thread):
    """The reader of one stack's file and cluster. It changes nothing there."""

    def __init__(self, board: Board, key: str, path: Path, add: Background) -> None:
        super().__init__(daemon=True, name=f"reader of {path.name}")
        self._board = board
        self._path = path
        self._add = add
        self._parts = Parts()
        self._page = StackPage(key, stack_name(path), "")
        self._read_at = ""
        self._file: tuple[object, StackView, Access] | None = None
        self._api: tuple[Access, Api] | None = None
        self._news = threading.Event()
        self._changed_at = time.monotonic()
        self._failures = 0

    def hurry(self) -> None:
        """Look now: there is something to add, or it is over."""
        self._news.set()

    def run(self) -> None:
        """Look again and again, until the board is closed."""
        while not self._board.closed:
            if not self._board.is_attended():
                self._board.attended.wait()
                continue
            self._news.clear()
            self._look()
            self._news.wait(self._pause())
        self._hang_up()

    def _pause(self) -> float:
        restless = any(card.state == "progressing" for card in self._page.cards)
        recent = time.monotonic() - self._changed_at < RESTLESS_SECONDS
        if self._failures:
            return LONGEST_SECONDS if self._failures > 3 else QUICK_SECONDS * 2 ** (self._failures - 1)
        return QUICK_SECONDS if restless or recent else SLOW_SECONDS

    def _look(self) -> None:
        try:
            page, self._failures = self._read(), 0
        except Exception as raised:
            self._failures += 1
            self._hang_up()  # the next look reads the kubeconfig anew: somebody may have logged in
            page = replace(self._page, trouble=_trouble(unexpected(raised), self._read_at))
        if page != self._page:
            self._changed_at = time.monotonic()
            self._page = page
        whole, parts = self._parts.of(page)
        self._board.put(page.key, whole, parts, iso(datetime.now(UTC)))

    def _read(self) -> StackPage:
        view, access = self._config()
        if self._api is None or self._api[0] != access:
            self._hang_up()
            self._api = (access, Api(access))
        services = look(self._api[1], view)
        self._read_at = iso(datetime.now(UTC))
        page = replace(self._page, name=view.name, namespace=view.namespace, cards=cards(services), trouble=None)
        return self._add(page, view, services)

    def _config(self) -> tuple[StackView, Access]:
        """What the file says now; read again where it, or the project's, is another."""
        stamp = _stamps(self._path, *self._path.parent.glob("Pulumi.y*ml"))
        if self._file is None or self._file[0] != stamp:
            view = read_view(self._path)
            self._file = (stamp, view, access_of(view))
        return self._file[1], self._file[2]

    def _hang_up(self) -> None:
        if self._api:
            self._api[1].__exit__()
        self._api = None


def _trouble(error: DriverError, read_at: str) -> Trouble:
    return Trouble(one_line(error.what, 500), one_line(error.fix), read_at)


def _stamps(*paths: Path) -> tuple[tuple[int, int, int] | None, ...]:
    return tuple(_stamp(path) for path in paths)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
