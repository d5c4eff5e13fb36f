"""When the run may go on: steps at work, the first failure, an interrupt."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class StoppedError(Exception):
    """The run is ending: no new step may begin."""


class StepError(Exception):
    """A step failed and has been reported."""


class Control:
    """Lets steps in until something fails; those at work then finish, and nothing new begins."""

    def __init__(self, parallel: int):
        self.errors: list[str] = []
        self.interrupted = False
        self.cancel = threading.Event()  # ends waits inside steps; only an interrupt sets it
        self.closed = threading.Event()  # nothing answers the program any more
        self.wake = threading.Event()  # something changed that the supervisor should look at
        self._stopping = False
        self._active = 0
        self._lock = threading.Lock()
        self._slots = threading.Semaphore(max(parallel, 1))

    @property
    def stopping(self) -> bool:
        """Whether new steps are refused."""
        return self._stopping

    @property
    def idle(self) -> bool:
        """Whether no step is at work."""
        with self._lock:
            return self._active == 0

    @contextmanager
    def visit(self) -> Iterator[None]:
        """Keep the run open while the block plans or does a step.

        Raises:
            StoppedError: the run is ending.
        """
        with self._lock:
            if self._stopping:
                raise StoppedError
            self._active += 1
        try:
            yield
        finally:
            with self._lock:
                self._active -= 1
            self.wake.set()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold one of the places for parallel steps.

        Raises:
            StoppedError: the run ended while the step waited for its place.
        """
        with self._slots:
            if self._stopping:
                raise StoppedError
            yield

    def fail(self, message: str, *, stop: bool = True) -> None:
        """Record an error; nothing new begins unless `stop` is false."""
        with self._lock:
            self.errors.append(message)
            self._stopping = self._stopping or stop
        self.wake.set()

    def stop(self) -> None:
        """Let nothing new begin."""
        self._stopping = True
        self.wake.set()

    def interrupt(self) -> None:
        """End the run at the user's wish, and the waits of steps under way with it."""
        self.interrupted = True
        self._stopping = True
        self.cancel.set()
        self.wake.set()
