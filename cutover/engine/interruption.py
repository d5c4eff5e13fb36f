"""The words of a Python that is stopped before the program runs: a traceback that ends in KeyboardInterrupt.

The engine hands it on line by line. It tells nothing but what the driver says better, and looks like a defect. Every
other traceback is passed on.
"""

from collections.abc import Callable

from cutover.engine.records import Step

_BEGINS, _ENDS = "Traceback (most recent call last):", "KeyboardInterrupt"


class Interruption:
    """Stands between the engine's steps and who hears them; `end` passes on what has no end."""

    def __init__(self, hear: Callable[[Step], None]) -> None:
        self._hear = hear
        self._held: list[Step] = []

    def take(self, step: Step) -> None:
        """One step; lines of a traceback are held until its last one tells what it is of."""
        if step.moment != "says" or not (self._held or step.text.startswith(_BEGINS)):
            self._hear(step)
            return
        self._held.append(step)
        last = step.text.splitlines()[-1]
        if last.startswith(_ENDS):
            self._held.clear()
        elif not last.startswith((" ", _BEGINS)):
            self.end()

    def end(self) -> None:
        """Pass on what is held."""
        held, self._held = self._held, []
        for step in held:
            self._hear(step)
