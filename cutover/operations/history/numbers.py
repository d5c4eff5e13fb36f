"""The numbers of the updates that releases came with, asked of the stack's history when there is one to find."""

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from cutover.errors import DriverError
from cutover.observe.records import ServiceStatus
from cutover.operations.history.updates import with_updates
from cutover.stackfile.view import StackView

if TYPE_CHECKING:
    from cutover.engine.records import Update

ASK_SECONDS = 10.0  # the engine takes about a second to answer, and a watch looks every second


class Numbers:
    """The history of one stack, for one look or for many. `warn` hears once why there are no numbers."""

    def __init__(self, warn: Callable[[str], None]) -> None:
        self._warn = warn
        self._updates: list[Update] = []
        self._asked: float | None = None
        self._warned = False

    def added(self, view: StackView, services: Mapping[str, ServiceStatus]) -> dict[str, ServiceStatus]:
        """The services with the numbers. An update is in the history once it has ended, so a watch asks again."""
        found = with_updates(services, self._updates, view.name)
        colors = [color for service in found.values() for color in service.colors.values()]
        unknown = any("deployedAt" in color.origin and color.update is None for color in colors)
        now = time.monotonic()
        if not unknown or (self._asked is not None and now - self._asked < ASK_SECONDS):
            return found
        self._asked = now
        self._ask(view)
        return with_updates(services, self._updates, view.name)

    def _ask(self, view: StackView) -> None:
        try:
            from cutover.engine.stack import Stack

            self._updates = Stack(view.project, view.name).history()
        except DriverError as error:
            if not self._warned:
                self._warn(f"{view.name}: no numbers of updates, the history gives no answer: {error.what}")
            self._warned = True
