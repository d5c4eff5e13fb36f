"""The account of a load: how many requests, what failed and when, how quick, which version answered. Pure.

Seconds are counted from the load's first request. A request belongs to the phase, and to the bin of the series, in
which it was due.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from prober import START, Failure, Result

BEFORE, UP, BAKE, BACK, AFTER = "before", "up", "bake", "going back", "after"
NOTICED_LATENESS_MS = 250.0
MOST_BINS = 240  # of a series: as many as a picture can show
BIN_SECONDS = (1, 2, 5, 10, 15, 30, 60)  # the longest load, an hour, fits in 240 of 15 s
_AT = "at "


def at_share(percent: int) -> str:
    """The phase in which a canary of so many percent is watched."""
    return f"{_AT}{percent} %"


def to_share(percent: int) -> str:
    """The phase in which a canary is given so many percent."""
    return f"to {percent} %"


@dataclass(frozen=True)
class Moment:
    """The worst moment: the second in which most requests failed, else the slowest answer."""

    at: datetime
    seconds: float
    failed: int
    latency_ms: float

    def __str__(self) -> str:
        when = f"{self.at:%H:%M:%SZ}"
        return f"{self.failed} failed in the second of {when}" if self.failed else f"{self.latency_ms:.0f} ms at {when}"


@dataclass(frozen=True)
class Stretch:
    """The sums of one phase, which began at `begin_seconds`."""

    phase: str
    begin_seconds: float
    requests: int
    failed: int
    versions: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        """The phase as plain data."""
        return {
            "phase": self.phase,
            "beginSeconds": round(self.begin_seconds, 2),
            "requests": self.requests,
            "failed": self.failed,
            "versions": self.versions,
        }


@dataclass(frozen=True)
class Series:
    """Requests over time: how many of each bin of `bin_seconds` each version answered, and how many failed."""

    bin_seconds: int
    versions: dict[str, tuple[int, ...]]
    failed: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        """The series as plain data."""
        versions = {version: list(counts) for version, counts in self.versions.items()}
        return {"binSeconds": self.bin_seconds, "versions": versions, "failed": list(self.failed)}


@dataclass(frozen=True)
class Account:
    """The account of a load: what came of its requests. `failed` and `classes` leave out what raced with the end
    of its kept connection.
    """

    url: str
    rate_per_second: float
    started: datetime
    seconds: float
    requests: int
    failed: int
    raced: int
    classes: dict[str, tuple[int, str]]  # class -> how many, and one in words
    versions: dict[str, int]
    p50_ms: float | None
    p99_ms: float | None
    worst: Moment | None
    phases: tuple[Stretch, ...]
    lateness_ms: float
    spans: dict[str, tuple[float, float]]  # version -> seconds of its first answer and of its last one
    series: Series

    @property
    def verdict(self) -> str:
        """`3 of 812 requests failed (status 2, reset 1)`."""
        kinds = ", ".join(f"{name} {count}" for name, (count, _) in self.classes.items())
        return f"{self.failed:,} of {self.requests:,} requests failed" + (f" ({kinds})" if self.failed else "")

    def lines(self) -> list[str]:
        """The account for people; the first line holds the sums."""
        lines = [f"load {self.url}: {self.verdict}, {self.rate_per_second:g}/s for {self.seconds:.0f} s"]
        answers = ", ".join(f"{version or 'of no named version'} {count:,}" for version, count in self.versions.items())
        lines.append(f"  answers: {answers or 'none'}")
        for one in (phase for phase in self.phases if phase.phase.startswith(_AT) and phase.requests):
            shares = ", ".join(f"{name or '?'} {count / one.requests:.1%}" for name, count in one.versions.items())
            lines.append(f"  {one.phase}: {one.requests:,} requests, {shares or 'none answered'}")
        if self.failed:
            lines += [f"  {name}: {count:,}, such as: {said}" for name, (count, said) in self.classes.items()]
            lines.append("  failed " + ", ".join(f"{p.phase}: {p.failed:,} of {p.requests:,}" for p in self.phases))
        if self.raced:
            lines.append(f"  raced with the end of their kept connection: {self.raced:,}; not counted as failed")
        if self.p50_ms is not None and self.p99_ms is not None:
            lines.append(f"  latency: p50 {self.p50_ms:.1f}, p99 {self.p99_ms:.1f} ms; worst moment: {self.worst}")
        if self.lateness_ms > NOTICED_LATENESS_MS:
            lines.append(f"  this machine was busy: requests started up to {self.lateness_ms:.0f} ms late")
        return lines

    def to_json(self) -> dict[str, Any]:
        """The account as plain data."""
        worst = self.worst
        return {
            "url": self.url,
            "ratePerSecond": self.rate_per_second,
            "startedAt": self.started.isoformat(timespec="milliseconds"),
            "seconds": round(self.seconds, 2),
            "requests": self.requests,
            "failed": self.failed,
            "raced": self.raced,
            "failures": [
                {"class": name, "count": count, "example": said} for name, (count, said) in self.classes.items()
            ],
            "versions": self.versions,
            "latencyMs": {"p50": self.p50_ms, "p99": self.p99_ms},
            "worst": worst
            and {
                "at": worst.at.isoformat(timespec="milliseconds"),
                "seconds": worst.seconds,
                "failed": worst.failed,
                "latencyMs": worst.latency_ms,
            },
            "phases": [stretch.to_json() for stretch in self.phases],
            "startedLateMs": self.lateness_ms,
            "answered": {
                version: {"first": self._moment(first), "last": self._moment(last)}
                for version, (first, last) in self.spans.items()
            },
            "series": self.series.to_json(),
        }

    def _moment(self, seconds: float) -> str:
        return (self.started + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


def account_of(result: Result) -> Account:
    """The account of a whole run."""
    lost = _lost(result.failures)
    examples = {failure.failure.value: failure.detail for failure in lost}
    counts = Counter(failure.failure.value for failure in lost)
    return Account(
        url=result.target,
        rate_per_second=result.rate_per_second,
        started=datetime.fromisoformat(result.started_at).astimezone(UTC),
        seconds=result.seconds,
        requests=result.requests,
        failed=len(lost),
        raced=result.failed - len(lost),
        classes={name: (count, examples[name]) for name, count in counts.most_common()},
        versions=result.versions,
        p50_ms=result.latency_ms(0.5),
        p99_ms=result.latency_ms(0.99),
        worst=_worst(result, lost),
        phases=tuple(_stretches(result)),
        lateness_ms=result.worst_lateness_ms,
        spans=_spans(result),
        series=_series(result, lost),
    )


def _lost(failures: Iterable[Failure]) -> list[Failure]:
    return [failure for failure in failures if not failure.raced]


def _worst(result: Result, lost: list[Failure]) -> Moment | None:
    begun = datetime.fromisoformat(result.started_at).astimezone(UTC)
    if lost:
        second, failed = Counter(int(failure.at_seconds) for failure in lost).most_common(1)[0]
        slowest = max(failure.latency_ms for failure in lost if int(failure.at_seconds) == second)
        return Moment(begun + timedelta(seconds=second), float(second), failed, slowest)
    if not result.answers:
        return None
    answer = max(result.answers, key=lambda answer: answer.latency_ms)
    return Moment(begun + timedelta(seconds=answer.at_seconds), answer.at_seconds, 0, answer.latency_ms)


def _stretches(result: Result) -> Iterable[Stretch]:
    marks = [(BEFORE, 0.0), *sorted(result.marks.items(), key=lambda mark: mark[1]), (START, float("inf"))]
    for (phase, begin), (_, end) in pairwise(marks):
        part = result.window(begin, end)
        yield Stretch(phase, begin, part.requests, len(_lost(part.failures)), part.versions)


def _spans(result: Result) -> dict[str, tuple[float, float]]:
    found: dict[str, tuple[float, float]] = {}
    for answer in result.answers:
        first, last = found.get(answer.version, (answer.at_seconds, answer.at_seconds))
        found[answer.version] = min(first, answer.at_seconds), max(last, answer.at_seconds)
    return dict(sorted(found.items()))


def _series(result: Result, lost: list[Failure]) -> Series:
    ends = [answer.at_seconds for answer in result.answers] + [failure.at_seconds for failure in lost]
    seconds = max([result.seconds, *ends], default=0.0)
    width = next((width for width in BIN_SECONDS if seconds <= width * MOST_BINS), BIN_SECONDS[-1])
    bins = int(seconds // width) + 1

    def counted(times: Iterable[float]) -> tuple[int, ...]:
        found = Counter(int(at // width) for at in times)
        return tuple(found[place] for place in range(bins))

    versions = {
        version: counted(answer.at_seconds for answer in result.answers if answer.version == version)
        for version in result.versions
    }
    return Series(width, versions, counted(failure.at_seconds for failure in lost))
