"""The watch of a release between its first users and the end of the `up` that made it.

The traffic is on the new release while the old pods are drained and recycled, which may take a minute. A release that
turns bad in that time has to go back then, not after it. The live Service is moved as `rollback --now` does; the
program looks at it before each of its steps, so it stops no more pods and takes no more notes.

Load is no measurement here: what the drain itself costs is no fault of the new release.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from contract.releases import other
from cutover.engine.records import SERVICE
from cutover.errors import DriverError
from cutover.measure import BakePlan, Measurement, Sample, Verdict, bake
from cutover.observe import Api, access_of
from cutover.operations.bake.bake import judged, measurements_of, no_way_back, switch_back
from cutover.operations.bake.bake_options import BakeOptions
from cutover.operations.command.run import Run

POLL_SECONDS = 0.1
SETTLE_SECONDS = 1.0  # until the API server's own proxy has heard of the new endpoints, too
LONGEST_SECONDS = 3600.0


class EarlyWatch(ABC):
    """A context around the `up`. `verdict` is that of a release that turned bad before its end, else None."""

    settle_seconds: float
    """From its first users to the first look."""

    def __init__(self, run: Run, asked: BakeOptions) -> None:
        self.verdict: Verdict | None = None
        self._run, self._asked = run, asked
        self._over = threading.Event()
        self._deciding = threading.Lock()
        self._thread = threading.Thread(target=self._watch, daemon=True, name="early watch")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> bool:
        """No way back begins from now on; one that has begun is waited for. The `up` of a release that turned bad ends
        as it may: the verdict says why.
        """
        with self._deciding:
            self._over.set()
        return self.verdict is not None and isinstance(error, DriverError)

    @abstractmethod
    def _has_begun(self) -> bool:
        """Whether the release may have users."""

    @abstractmethod
    def _measurements(self, api: Api) -> Sequence[Measurement]:
        """The looks at it."""

    @abstractmethod
    def _judged(self, verdict: Verdict) -> Verdict:
        """Another verdict, where more is known; else the same."""

    @abstractmethod
    def _go_back(self, verdict: Verdict) -> None:
        """Take its users away, as far as that can be done while the `up` runs."""

    def _watch(self) -> None:
        while not self._has_begun():
            if self._over.wait(POLL_SECONDS):
                return
        if self._over.wait(self.settle_seconds):
            return
        try:
            with Api(access_of(self._run.view)) as api:
                if not (measurements := tuple(self._measurements(api))):
                    return
                plan = BakePlan(
                    seconds=LONGEST_SECONDS,
                    measurements=measurements,
                    interval_seconds=self._asked.interval_seconds,
                    failure_limit=self._asked.failure_limit,
                )
                while not self._decides(bake(plan, self._hear)):
                    pass  # what cannot be measured, the watch after the `up` tells
        except (_OverError, DriverError):
            return

    def _decides(self, verdict: Verdict) -> bool:
        """Whether the release is bad: something failed, or nothing could be measured as it has no ready pod."""
        told = self._judged(verdict)
        if told is verdict and not (verdict.failed and verdict.failed[-1].outcome == "failed"):
            return False
        with self._deciding:
            if not self._over.is_set():
                self.verdict = told
                self._go_back(told)
        return True

    def _hear(self, _: Sample) -> None:
        if self._over.is_set():
            raise _OverError


class EarlySwitchWatch(EarlyWatch):
    """The watch of services that are switched to these colors. `is_back` tells that their traffic was sent back."""

    def __init__(self, run: Run, switched: Mapping[str, str], asked: BakeOptions) -> None:
        super().__init__(run, asked)
        self.is_back = False
        self._switched = switched
        self.settle_seconds = SETTLE_SECONDS

    def _has_begun(self) -> bool:
        done = (one for one in self._run.steps if one.moment == "done" and one.type == SERVICE)
        return {*self._switched} <= {one.name for one in done if one.changes and not one.planned}

    def _measurements(self, api: Api) -> Sequence[Measurement]:
        return measurements_of(self._run, api, self._switched, self._asked)

    def _judged(self, verdict: Verdict) -> Verdict:
        return judged(self._run, self._switched, verdict)

    def _go_back(self, verdict: Verdict) -> None:
        run, back = self._run, {name: other(color) for name, color in self._switched.items()}
        if self._forbids() or no_way_back(run, back):
            return  # said at the end of the `up`, which goes on
        run.report.say(f"{verdict.reason}; going back before the `up` ends", "error")
        try:
            switch_back(run, back)
            self.is_back = True
        except DriverError as error:
            run.report.say(f"not at once: {error}", "warning")

    def _forbids(self) -> bool:
        """Whether the file has a release that nobody may roll back past: the `up` may not have noted it yet."""
        services = self._run.view.services
        there = (services[name].colors.get(color) or {} for name, color in self._switched.items())
        return any(release.get("rollback") == "forbidden" for release in there)


class _OverError(Exception):
    """The `up` has ended."""
