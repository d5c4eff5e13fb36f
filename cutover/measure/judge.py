"""Judges samples as they come in: go on, or stop now and why. Pure; `bake` does the watching."""

import statistics
from collections.abc import Iterable

from cutover.measure.records import Measurement, Sample, Summary, Verdict


class Judge:
    """Keeps count of one bake. Measurements are told apart by name, so names must differ."""

    def __init__(self, measurements: Iterable[Measurement], *, failure_limit: int, unknown_limit: int) -> None:
        self._measurements = {measurement.name: measurement for measurement in measurements}
        self._samples: dict[str, list[Sample]] = {name: [] for name in self._measurements}
        self._failure_limit = failure_limit
        self._unknown_limit = unknown_limit
        self._first_failure: Sample | None = None

    def add(self, sample: Sample) -> Verdict | None:
        """Take a sample; the verdict once it is too much, else None."""
        seen = self._samples[sample.measurement]
        seen.append(sample)
        if sample.outcome == "failed":
            self._first_failure = self._first_failure or sample
            failed = [earlier for earlier in seen if earlier.outcome == "failed"]
            if _failures(failed) > self._failure_limit:
                return self._verdict(self._too_often(failed), sample.seconds, failed)
        if sample.outcome == "unknown" and not (sample.early and self._never_measured(seen)):
            streak = self._streak(seen)
            if len(streak) > self._unknown_limit and (not self._indirect(sample.measurement) or self._all_blind):
                blind = self._indirect(sample.measurement)
                return self._verdict(self._in_a_row(streak), sample.seconds, streak, blind=blind)
        return None

    def end(self, seconds: float) -> Verdict:
        """The verdict when the time is over: what was never measured at all proves nothing, so it fails."""
        for name, seen in sorted(self._samples.items(), key=lambda item: self._indirect(item[0])):
            if self._never_measured(seen):
                last = f": {seen[-1].said}" if seen else ""
                why = f"{name} was not measured once in {seconds:.1f} s{last}"
                return self._verdict(why, seconds, seen[-1:], blind=self._indirect(name))
            if len(streak := self._streak(seen)) > self._unknown_limit:
                return self._verdict(self._in_a_row(streak), seconds, streak, blind=True)
        return self._verdict("", seconds, ())

    @staticmethod
    def _never_measured(seen: Iterable[Sample]) -> bool:
        return all(sample.outcome == "unknown" for sample in seen)

    def _indirect(self, name: str) -> bool:
        return self._measurements[name].indirect

    @property
    def _all_blind(self) -> bool:
        """Whether nothing that could tell good from bad is measured any more."""
        return all(
            self._indirect(name) and len(self._streak(seen)) > self._unknown_limit
            for name, seen in self._samples.items()
        )

    @staticmethod
    def _in_a_row(streak: list[Sample]) -> str:
        last = streak[-1]
        return f"{last.measurement} could not be measured {len(streak)} times in a row: {last.said}"

    def summaries(self) -> tuple[Summary, ...]:
        """The readings so far, a line per measurement."""
        return tuple(self._summary(name) for name in self._measurements)

    def _too_often(self, failed: list[Sample]) -> str:
        last = failed[-1]
        expectation = self._measurements[last.measurement].expectation
        times = f" {_failures(failed)} times (limit {self._failure_limit})" if self._failure_limit else ""
        return f"{last.measurement} failed{times} after {last.seconds:.1f} s: {last.said}, wanted {expectation}"

    def _verdict(self, reason: str, seconds: float, failed: Iterable[Sample], *, blind: bool = False) -> Verdict:
        return Verdict(
            passed=not reason,
            reason=reason,
            seconds=seconds,
            failed=tuple(failed),
            first_failure=self._first_failure,
            blind=blind,
            summaries=self.summaries(),
        )

    def _summary(self, name: str) -> Summary:
        measurement, seen = self._measurements[name], self._samples[name]
        values = [sample.value for sample in seen if sample.value is not None]
        return Summary(
            measurement=name,
            expectation=measurement.expectation,
            unit=measurement.unit,
            count=len(seen),
            failed=sum(sample.outcome == "failed" for sample in seen),
            unknown=sum(sample.outcome == "unknown" for sample in seen),
            lowest=min(values, default=None),
            median=statistics.median(values) if values else None,
            highest=max(values, default=None),
        )

    @staticmethod
    def _streak(seen: list[Sample]) -> list[Sample]:
        """The unknown samples since the last one that was measured."""
        start = next((i for i in range(len(seen), 0, -1) if seen[i - 1].outcome != "unknown"), 0)
        return seen[start:]


def _failures(failed: Iterable[Sample]) -> int:
    return sum(sample.failures for sample in failed)
