"""Plain records of a bake: what is to be measured, one reading, one sample, the verdict. No I/O and no judging here.

Times are seconds since the bake began, unless a name says otherwise.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

Outcome = Literal["passed", "failed", "unknown"]
"""`unknown` means that nothing was measured (no answer of Prometheus, no data), which is not yet a bad release."""


@dataclass(frozen=True)
class Reading:
    """The result of one look. `value` is in the measurement's unit; `said` is one line for people.

    `failures` is how many failures a failed look stands for: a look at a load is at many requests. `reached` tells that
    what was to be asked did answer, whatever it said; `early` that there may be nothing to measure yet, as of a release
    that has just come.
    """

    outcome: Outcome
    value: float | None
    said: str
    failures: int = 1
    reached: bool = True
    early: bool = False


class Measurement(Protocol):
    """Something that can be looked at again and again, from any thread."""

    @property
    def name(self) -> str:
        """The name for people: `probe storefront`, `errors`."""

    @property
    def unit(self) -> str:
        """Unit of its values, `ms`; empty where it has none."""

    @property
    def expectation(self) -> str:
        """The form of a passing reading: `HTTP 200`, `< 0.01`."""

    @property
    def indirect(self) -> bool:
        """Whether somebody in between may keep it from measuring, through no fault of the release."""

    def take(self) -> Reading:
        """Look once. Never raises for what the network or the other side does, and ends within a time limit."""


@dataclass(frozen=True)
class BakePlan:
    """The plan of a bake: how long to watch, what, and how much may go wrong.

    A measurement that fails more than `failure_limit` times, or is unknown more than `unknown_limit` times in a row,
    ends the bake at once; an indirect one that is unknown only where there is nothing else to go by. Each measurement
    is taken every `interval_seconds`, the first time immediately. What is `early` is waited for until the time is over.
    """

    seconds: float
    measurements: tuple[Measurement, ...]
    interval_seconds: float = 1.0
    failure_limit: int = 0
    unknown_limit: int = 4


@dataclass(frozen=True)
class Sample:
    """One reading of one measurement, and when it was known."""

    measurement: str
    outcome: Outcome
    value: float | None
    unit: str
    said: str
    seconds: float
    at: datetime
    failures: int = 1
    early: bool = False

    def to_json(self) -> dict[str, Any]:
        """The sample as plain data."""
        return {
            "measurement": self.measurement,
            "outcome": self.outcome,
            "value": self.value,
            "unit": self.unit,
            "said": self.said,
            "seconds": round(self.seconds, 3),
            "at": self.at.isoformat(timespec="milliseconds"),
        }


@dataclass(frozen=True)
class Summary:
    """The summary of one measurement; `lowest`, `median` and `highest` are None where no value was seen."""

    measurement: str
    expectation: str
    unit: str
    count: int
    failed: int
    unknown: int
    lowest: float | None
    median: float | None
    highest: float | None

    def __str__(self) -> str:
        if self.lowest is None or self.median is None or self.highest is None:
            values = "no value"
        else:
            unit = f" {self.unit}" if self.unit else ""
            values = f"min {self.lowest:.4g}, median {self.median:.4g}, max {self.highest:.4g}{unit}"
        wrong = "".join(
            f", {count} {word}" for count, word in ((self.failed, "failed"), (self.unknown, "unknown")) if count
        )
        times = "1 time" if self.count == 1 else f"{self.count} times"
        return f"{self.measurement} ({self.expectation}): {times}{wrong}; {values}"

    def to_json(self) -> dict[str, Any]:
        """The summary as plain data."""
        return {
            "measurement": self.measurement,
            "expectation": self.expectation,
            "unit": self.unit,
            "count": self.count,
            "failed": self.failed,
            "unknown": self.unknown,
            "min": self.lowest,
            "median": self.median,
            "max": self.highest,
        }


@dataclass(frozen=True)
class Verdict:
    """The end of a bake. `reason` is empty where it passed; `failed` holds the samples that decided, oldest first.

    `blind` tells that nothing failed, but what is measured indirectly was out of reach: no verdict on the release.
    `first_failure` is the first sample that was not as expected, also where the bake passed in spite of it.
    """

    passed: bool
    reason: str
    seconds: float
    failed: tuple[Sample, ...] = ()
    first_failure: Sample | None = None
    summaries: tuple[Summary, ...] = field(default=())
    blind: bool = False

    def to_json(self) -> dict[str, Any]:
        """The verdict as plain data."""
        return {
            "passed": self.passed,
            "blind": self.blind,
            "reason": self.reason,
            "seconds": round(self.seconds, 3),
            "failed": [sample.to_json() for sample in self.failed],
            "firstFailure": self.first_failure.to_json() if self.first_failure else None,
            "measurements": [summary.to_json() for summary in self.summaries],
        }
