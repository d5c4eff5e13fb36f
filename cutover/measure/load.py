"""Steady traffic at a URL while a command runs, sent by the prober from a process of its own.

Half of the requests go over new connections, half over kept ones. Naming the URL on the command line is what allows
its host. A request that raced with the end of its kept connection is told of but is no failure: every client sends
such a GET again, and no server can help it (docs/limits.md).
"""

import time
from types import TracebackType
from urllib.parse import urlsplit

from cutover.measure.account import AFTER, BAKE, Account, account_of
from cutover.measure.records import Reading
from prober import MAX_RATE_PER_SECOND, MAX_SECONDS, START, URL_KINDS, Phase, Prober, ProberError

LONGEST_SECONDS = MAX_SECONDS
HIGHEST_RATE = MAX_RATE_PER_SECOND
TIMEOUT_SECONDS = 5.0  # of one request; then it counts as failed
KINDS = len(URL_KINDS)  # of connections, which share the requests evenly
NEWS_SECONDS = 0.5  # between two reports of the prober


class Load:
    """One load, and as a context manager its process. The phase until the first `begin` is `before`."""

    def __init__(self, url: str, rate_per_second: float) -> None:
        """Raises ValueError for a URL or a rate that the prober would not send. Starts nothing yet."""
        self.rate_per_second = rate_per_second
        self._prober = Prober(
            url,
            rate_per_second=rate_per_second,
            max_seconds=LONGEST_SECONDS,
            timeout_seconds=TIMEOUT_SECONDS,
            kinds=URL_KINDS,
            allowed_hosts=[urlsplit(url).hostname or ""],
        )
        self.shown = self._prober.target.shown
        self.name = f"load {self.shown}"

    def __enter__(self) -> "Load":
        """It sends. Raises ProberError."""
        self._prober.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the process, in any case."""
        self._prober.__exit__(kind, error, at)

    @property
    def running(self) -> bool:
        """Whether it sends."""
        return self._prober.running

    @property
    def last_failure(self) -> str:
        """The latest failed request, in words."""
        return self._prober.progress.last_failure

    @property
    def median_ms(self) -> float | None:
        """The median latency of the answers of about the last half second."""
        return self._prober.progress.median_ms

    def begin(self, phase: str) -> None:
        """The begin of a phase: requests from now on belong to it."""
        self._prober.mark(phase)

    def so_far(self, phase: str = START) -> Phase:
        """The sums of a phase, as of half a second ago."""
        return self._prober.progress.phases.get(phase, Phase())

    def settle(self, phase: str) -> Phase:
        """Begin the phase `after`; the sums of `phase` once each of its requests has come to its end."""
        self.begin(AFTER)
        end = time.monotonic() + TIMEOUT_SECONDS + 2 * NEWS_SECONDS
        while self.running and time.monotonic() < end:
            if AFTER in self._prober.progress.phases and not self.so_far(phase).open:
                break
            time.sleep(NEWS_SECONDS / 5)
        return self.so_far(phase)

    def latencies_ms(self, phase: str) -> dict[str, dict[str, list[float]]] | None:
        """Version -> kind of connection -> the latencies so far of a phase's answers; None where the load has ended."""
        try:
            return self._prober.latencies_ms(phase)
        except ProberError:
            return None

    def stop(self) -> Account:
        """Send nothing more, and give the account. Raises ProberError."""
        return account_of(self._prober.stop())


class LoadMeasurement:
    """The load of a bake as one of its measurements: each look is at the requests since the one before."""

    unit = "ms"
    expectation = f"HTTP below 400 within {TIMEOUT_SECONDS:g} s"
    indirect = False

    def __init__(self, load: Load, phase: str = BAKE) -> None:
        self.name = load.name
        self._load, self._phase = load, phase
        self._seen = Phase()

    def take(self) -> Reading:
        """The fate of the requests since the last look; its value is the median latency."""
        if not self._load.running:
            return Reading("unknown", None, "the load has ended: its process, or the longest time that it may take")
        now, before = self._first_news(), self._seen
        self._seen = Phase(now.started, now.answered, now.failed, now.raced)
        failed, ended = now.failed - before.failed, now.answered + now.failed - before.answered - before.failed
        if failed:
            said = f"{failed} of {ended} requests failed, the last one {self._load.last_failure}"
            return Reading("failed", None, said, failures=failed)
        return Reading("passed", self._load.median_ms if ended else None, f"{ended} requests answered")

    def _first_news(self) -> Phase:
        """The sums; waited for as long as there are none, which is at the beginning."""
        end = time.monotonic() + 2 * NEWS_SECONDS
        while True:
            seen = self._load.so_far(self._phase)
            if seen.answered or seen.failed or time.monotonic() > end:
                return seen
            time.sleep(NEWS_SECONDS / 5)
