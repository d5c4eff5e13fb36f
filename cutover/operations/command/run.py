"""One verb on one stack: its file, its engine, its voice, and what Ctrl-C does to it."""

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from contract.text import printable
from cutover.errors import DriverError, Interrupted, UsageError
from cutover.options import Options
from cutover.output.details import DETAILS, Details
from cutover.output.report import Report
from cutover.stackfile import StackView
from cutover.stackfile.file import StackFile

if TYPE_CHECKING:
    from concurrent.futures import Future

    from cutover.engine.command import Command
    from cutover.engine.records import Step, Update
    from cutover.engine.stack import Stack
    from cutover.observe import ServiceStatus


# What ends a process from outside and can be heard: a closed terminal or connection is a SIGHUP.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class Run:
    """One verb on one stack. `details` are what it adds to its JSON document."""

    def __init__(self, verb: str, path: Path, options: Options, report: Report) -> None:
        """Raises UsageError where the stack's file cannot be read."""
        self.verb = verb
        self.options = options
        self.report = report
        self.file = StackFile(path)
        self.details: Details = DETAILS.get(verb, Details)()
        self.before: dict[str, str | None] = {}  # service -> what took its traffic at the command's first look
        self.moved: dict[str, str] = {}  # service -> where this command itself sent its traffic, past the engine
        self.settled: DriverError | None = None  # the error whose words are held to the cluster already
        self.changed = False  # whether anything was changed so far, also by a run that failed
        self.steps: list[Step] = []
        self._command: Future[Command] | None = None
        self._stops = 0
        self._sheltered = 0
        self._asking = False
        self.stopping = threading.Event()

    @property
    def view(self) -> StackView:
        """The stack's config as the file has it now."""
        return self.file.view

    @property
    def stack(self) -> str:
        """The stack's name."""
        return self.view.name

    @cached_property
    def engine(self) -> "Stack":
        """The engine on this stack; loads the Automation API. One that was to stop meanwhile begins nothing."""
        from cutover.engine.stack import Stack

        try:
            command = self._command.result() if self._command else None
            made = Stack(self.view.project, self.stack, self._hear, command)
        except UsageError:
            self.check_stopping()  # a terminal's Ctrl-C ends the child that is asked for its version as well
            raise
        self.__dict__["engine"] = made  # a signal from now on stops it; one before is seen next
        if self.stopping.is_set():
            made.stop()
        return made

    def expect_engine(self) -> None:
        """Find the engine's executable, and ask it for its version (a tenth of a second), while something else is done.
        What is wrong with it is said when it is needed.
        """
        from concurrent.futures import ThreadPoolExecutor

        from cutover.engine.command import Command

        self._command = ThreadPoolExecutor(1, "engine").submit(Command)

    @cached_property
    def history(self) -> "list[Update]":
        """The stack's updates before this command, the newest first."""
        return self.engine.history()

    def live(self) -> "dict[str, ServiceStatus]":
        """The state of the services in the cluster. Raises ClusterUnreachable."""
        from cutover.observe import live

        return self.remember(live(self.view))

    def remember(self, status: "dict[str, ServiceStatus]") -> "dict[str, ServiceStatus]":
        """Keep what took the traffic at the first look: whether it moved since is told by it."""
        for name, seen in status.items():
            self.before.setdefault(name, seen.live_color)
        return status

    def note(self, **said: Any) -> None:
        """Add to the verb's document: fields of its record in `output.details`."""
        self.details = replace(self.details, **said)

    def account(self) -> Details:
        """The details, with the seconds of the engine where it ran."""
        if "engine" in self.__dict__ and (spent := self.engine.spent.seconds):
            self.note(spent=spent)
        return self.details

    def check_asking(self) -> None:
        """At the beginning: raises UsageError where a verb changes things, and nobody can be asked nor has agreed."""
        if self.options.changes and not self.options.yes and not (self._somebody_there() and not self.options.json):
            raise UsageError(f"`{self.verb}` changes things, and there is nobody to ask", "add --yes")

    def confirm(self, what: str) -> None:
        """Ask before a change, unless `--yes` is given. Raises Interrupted, also for a signal before or meanwhile."""
        if self.options.yes:
            self.check_stopping()
        elif not self._agreed(what):
            raise Interrupted("not confirmed; nothing was changed")

    def _agreed(self, what: str) -> bool:
        try:
            self._asking = True
            self.check_stopping()
            self.report.done_waiting()
            sys.stderr.write(f"{printable(what)}\nGo on? [y/N] ")
            sys.stderr.flush()
            return sys.stdin.readline().strip().lower() in ("y", "yes")
        except KeyboardInterrupt:
            with contextlib.suppress(OSError, ValueError):  # a terminal that was closed
                sys.stderr.write("\n")  # `^C` stands on the line of the question
            return False
        finally:
            self._asking = False

    @staticmethod
    def _somebody_there() -> bool:
        return sys.stdin.isatty() and sys.stderr.isatty()

    def check_stopping(self) -> None:
        """Between two steps: raises Interrupted if Ctrl-C was pressed."""
        if self.stopping.is_set():
            raise Interrupted("stopped by the user")

    def listen(self) -> None:
        """Take the signals that end a process from now on: the first stops the engine, the second this command. While
        it asks, the first ends it: a read is resumed after a handler that returns.

        A SIGHUP that is ignored (`nohup`) stays so.
        """

        def on_signal(number: int, _: FrameType | None) -> None:
            self._stops += 1
            self.stopping.set()
            if self._asking:
                raise KeyboardInterrupt
            name = signal.Signals(number).name
            if self._stops == 1:
                self.report.say(
                    f"{name}: stopping: the engine cancels the step under way; once more kills it", "warning"
                )
            else:
                self.report.say(f"{name}: stopping now", "warning")
            if "engine" in self.__dict__:
                self.engine.stop()
            if self._stops > 1 and not self._sheltered:
                raise KeyboardInterrupt

        for number in SIGNALS:
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, on_signal)

    @contextlib.contextmanager
    def sheltered(self) -> Iterator[None]:
        """The shelter of work that is done whole: a second signal does not break it off. For short work on the file
        only.
        """
        self._sheltered += 1
        try:
            yield
        finally:
            self._sheltered -= 1

    def _hear(self, step: "Step") -> None:
        from cutover.output.steps import limit_seconds, line_of

        self.steps.append(step)
        if step.planned:
            return
        if step.changes and step.moment == "done":
            self.changed = True
        line = line_of(step)
        if line is None:
            return
        limit = limit_seconds(step, self.view)
        if step.moment == "begins" and (limit or self.report.on_terminal):
            self.report.wait(line, limit, step.urn)
        else:
            if step.moment in ("done", "failed"):
                self.report.done(step.urn)
            self.report.say(line, "warning" if step.moment == "warns" else "")
