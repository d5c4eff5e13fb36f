"""The open loop: request n of a run is due at n/rate seconds and starts then, with earlier ones answered or not."""

import asyncio
import statistics
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from prober import kinds
from prober.connection import ExchangeError
from prober.kinds import KIND_NAMES, QUICK_KINDS, URL_KINDS, Kind
from prober.result import START, Answer, Failure, FailureClass, Phase, Progress, Result
from prober.target import Target, TargetRefusedError

# Bounds, so that a slip in a number cannot turn the prober into a flood.
MAX_RATE_PER_SECOND = 2_000.0
MAX_SECONDS = 3_600.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The load to send: `rate_per_second` in turn over `kinds` by their shares, for at most `seconds`."""

    target: Target
    rate_per_second: float = 200.0
    seconds: float = 60.0
    kinds: tuple[str, ...] = QUICK_KINDS
    max_in_flight: int = 1_000
    timeout_seconds: float = 5.0

    def __post_init__(self) -> None:
        if not 0 < self.rate_per_second <= MAX_RATE_PER_SECOND:
            raise ValueError(
                f"rate is {self.rate_per_second:g} requests/s; use more than 0, up to {MAX_RATE_PER_SECOND:g}."
            )
        if not 0 < self.seconds <= MAX_SECONDS:
            raise ValueError(f"duration is {self.seconds:g} s; use more than 0, up to {MAX_SECONDS:g} s.")
        if not self.kinds or set(self.kinds) - set(KIND_NAMES):
            raise ValueError(f"kinds of client are {list(self.kinds)}; use one or more of {', '.join(KIND_NAMES)}.")
        if self.target.path != "/" and (others := [kind for kind in self.kinds if kind not in URL_KINDS]):
            raise TargetRefusedError(
                f"{self.target.shown} has a path; {', '.join(others)} bring their own. Give http://host:port only, or "
                f"use the kinds {' and '.join(URL_KINDS)}, which ask for the URL's path."
            )
        if self.max_in_flight < 1 or self.timeout_seconds <= 0:
            raise ValueError(
                f"max_in_flight is {self.max_in_flight} and timeout is {self.timeout_seconds:g} s; both must exceed 0."
            )


@dataclass(kw_only=True)
class Run:
    """One run of a plan. Moments given to it are of `time.monotonic()`, which on one machine all processes share."""

    plan: Plan
    _result: Result = field(init=False)
    _stop: asyncio.Event = field(init=False, default_factory=asyncio.Event)
    _start: float = field(init=False, default=0.0)
    _versions: dict[str, int] = field(init=False, default_factory=dict)
    _phases: dict[str, Phase] = field(init=False, default_factory=lambda: {START: Phase()})
    _phase: Phase = field(init=False)

    def __post_init__(self) -> None:
        self._result = Result(target=self.plan.target.shown, rate_per_second=self.plan.rate_per_second)
        self._phase = self._phases[START]

    @property
    def progress(self) -> Progress:
        """The sums so far."""
        latest = self._result.answers[-max(1, int(self.plan.rate_per_second / 2)) :]
        last = next((failure for failure in reversed(self._result.failures) if not failure.raced), None)
        return Progress(
            self._result.requests,
            self._result.failed,
            dict(self._versions),
            dict(self._phases),
            statistics.median(answer.latency_ms for answer in latest) if latest else None,
            f"{last.failure}: {last.detail}" if last else "",
        )

    def mark(self, name: str, at: float) -> None:
        """Name the moment `at`."""
        self._result.marks[name] = round(at - self._start, 4)
        self._phase = self._phases.setdefault(name, Phase())

    def latencies_ms(self, mark: str) -> dict[str, dict[str, list[float]]]:
        """Version -> kind -> the latencies so far of the requests due from a mark until the next one."""
        return self._result.since(mark).latencies_ms()

    def stop(self) -> None:
        """Start no further request."""
        self._stop.set()

    async def go(self) -> Result:
        """Send until the plan's time is over or `stop` is called, then wait for what is still open."""
        clients = kinds.build(self.plan.kinds, self.plan.target, self.plan.timeout_seconds)
        turns = kinds.rotation(clients)
        open_requests: set[asyncio.Task[None]] = set()
        self._start = time.monotonic()
        self._result.started_at = datetime.now(UTC).isoformat()
        for number in range(int(self.plan.seconds * self.plan.rate_per_second)):
            due = self._start + number / self.plan.rate_per_second
            if not await self._sleep_until(due):
                break
            kind = turns[number % len(turns)]
            self._phase.started += 1
            if len(open_requests) >= self.plan.max_in_flight:
                overload = ExchangeError(FailureClass.OVERLOAD, f"{len(open_requests)} requests were open")
                self._fail(due, kind, self._phase, overload)
                continue
            task = asyncio.create_task(self._request(kind, due, f"r{number}", self._phase))
            open_requests.add(task)
            task.add_done_callback(open_requests.discard)
        await self._sleep_until(self._start + self.plan.seconds)
        self._result.seconds = round(time.monotonic() - self._start, 4)
        if open_requests:
            await asyncio.gather(*open_requests)
        for kind in clients:
            kind.close()
        self._result.connections = kinds.counts(clients, "opened")
        self._result.stale = kinds.counts(clients, "stale")
        return self._result

    async def _sleep_until(self, moment: float) -> bool:
        """False once `stop` was called. Behind schedule it only yields, so that open requests move on."""
        wait_seconds = moment - time.monotonic()
        if wait_seconds > 0 and not self._stop.is_set():
            # Polling in short sleeps is cheaper than a timeout around Event.wait for each of 200 arrivals a second.
            while wait_seconds > 0 and not self._stop.is_set():
                await asyncio.sleep(min(wait_seconds, 0.1))
                wait_seconds = moment - time.monotonic()
        else:
            await asyncio.sleep(0)
        return not self._stop.is_set()

    async def _request(self, kind: Kind, due: float, nonce: str, phase: Phase) -> None:
        lateness_ms = round((time.monotonic() - due) * 1000, 3)
        self._result.worst_lateness_ms = max(self._result.worst_lateness_ms, lateness_ms)
        try:
            reading = await kind.request(nonce)
        except ExchangeError as error:
            self._fail(due, kind, phase, error)
            return
        answer = Answer(*self._times(due), kind.name, reading.version, reading.pod)
        self._result.answers.append(answer)
        phase.answered += 1
        self._versions[answer.version] = self._versions.get(answer.version, 0) + 1

    def _fail(self, due: float, kind: Kind, phase: Phase, error: ExchangeError) -> None:
        lost = Failure(*self._times(due), kind.name, error.failure, error.detail, error.kept)
        self._result.failures.append(lost)
        if lost.raced:
            phase.raced += 1
        else:
            phase.failed += 1

    def _times(self, due: float) -> tuple[float, float]:
        return round(due - self._start, 4), round((time.monotonic() - due) * 1000, 3)
