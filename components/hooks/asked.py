"""The count of registrations that the engine has not answered yet.

The engine asks for the gates of such a resource until it answers, and between two gates it may create an object for a
minute. The SDK tells nobody, so its client's one call is counted.
"""

import threading
from collections.abc import Callable
from typing import Any

import pulumi.runtime.settings

_CALL = "RegisterResource"


class Registrations:
    """The number of calls of the engine's monitor that are under way. The SDK makes them from threads of its own."""

    def __init__(self) -> None:
        self._count = 0
        self._lock = threading.Lock()

    def watch(self) -> None:
        """Count from now on. A second call changes nothing. Without an engine nothing is counted."""
        monitor = pulumi.runtime.settings.get_monitor()
        call = getattr(monitor, _CALL, None)
        if call is None or getattr(call, "counted_by", None) is self:
            return
        setattr(monitor, _CALL, self._counted(call))

    @property
    def under_way(self) -> bool:
        """Whether the engine still owes an answer."""
        return self._count > 0

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **options: Any) -> Any:
            with self._lock:
                self._count += 1
            try:
                return call(*args, **options)
            finally:
                with self._lock:
                    self._count -= 1

        counted.counted_by = self  # type: ignore[attr-defined]
        return counted
