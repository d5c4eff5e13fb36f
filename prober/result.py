"""The result of a run: every answer and every failure with its moment, and their sums.

Times are seconds since the run started, latencies run from the *scheduled* start of a request, so that a late start
counts as latency.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import astuple, dataclass, field
from enum import StrEnum
from typing import Any

START = "start"  # the phase before the first mark


class FailureClass(StrEnum):
    """The reason why a request has no good answer."""

    REFUSED = "refused"
    RESET = "reset"
    UNREACHABLE = "unreachable"
    CONNECT_TIMEOUT = "connect-timeout"
    TIMEOUT = "timeout"
    CLOSED = "closed"  # the connection ended after the request was sent and before an answer began
    TURNED_AWAY = "turned-away"  # on a kept connection, which the server closed before it read the request
    STATUS = "status"  # answered, but not 2xx (kinds of any URL: 400 or above)
    WRONG_BODY = "wrong-body"
    TLS = "tls"  # no session: an untrusted certificate, another protocol
    PROTOCOL = "protocol"  # not HTTP, or an answer that broke off
    OVERLOAD = "overload"  # due while the bound on open requests was reached: the server holds that many
    OS_ERROR = "os-error"


@dataclass(frozen=True, slots=True)
class Answer:
    """One good answer. `pod` is empty where the application's answer does not name it."""

    at_seconds: float
    latency_ms: float
    kind: str
    version: str
    pod: str


@dataclass(frozen=True, slots=True)
class Failure:
    """One request without a good answer."""

    at_seconds: float
    latency_ms: float
    kind: str
    failure: FailureClass
    detail: str
    kept: bool = False  # closed or turned away on a connection that had carried an answer before

    @property
    def raced(self) -> bool:
        """Whether it may have met the end of its kept connection on the way: a GET that every client sends again. The
        first request of a connection meets no such end.
        """
        pooled = self.kind.endswith("keep-alive") or self.kind == "long-lived"
        return self.failure is FailureClass.TURNED_AWAY or (
            pooled and self.kept and self.failure is FailureClass.CLOSED
        )


@dataclass(slots=True)
class Phase:
    """The sums of the requests that were started between two marks."""

    started: int = 0
    answered: int = 0
    failed: int = 0  # those that raced with the end of their connection are not in here
    raced: int = 0

    @property
    def open(self) -> int:
        """Requests whose end is not known yet."""
        return self.started - self.answered - self.failed - self.raced


@dataclass(frozen=True, slots=True)
class Progress:
    """The sums so far of a run that is under way; `phases` by the mark that began each, the first one is START."""

    requests: int
    failed: int
    versions: dict[str, int]
    phases: dict[str, Phase] = field(default_factory=dict)
    median_ms: float | None = None  # of the latest answers, about half a second's worth
    last_failure: str = ""

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Progress":
        """The reverse of `dataclasses.asdict`."""
        return cls(**document | {"phases": {name: Phase(**sums) for name, sums in document["phases"].items()}})


@dataclass(kw_only=True)
class Result:
    """A run, or with `window` a stretch of one."""

    target: str
    rate_per_second: float
    seconds: float = 0.0
    started_at: str = ""
    answers: list[Answer] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    marks: dict[str, float] = field(default_factory=dict)
    connections: dict[str, int] = field(default_factory=dict)  # opened, by kind
    stale: dict[str, int] = field(default_factory=dict)  # kept connections found closed before a send, by kind
    worst_lateness_ms: float = 0.0  # of the prober itself: how far behind its schedule a request started

    @property
    def requests(self) -> int:
        """Requests that were due, answered or not."""
        return len(self.answers) + len(self.failures)

    @property
    def failed(self) -> int:
        """Requests without a good answer."""
        return len(self.failures)

    @property
    def versions(self) -> dict[str, int]:
        """Answers per version."""
        return dict(sorted(Counter(answer.version for answer in self.answers).items()))

    def window(self, start_seconds: float = 0.0, end_seconds: float = float("inf")) -> "Result":
        """The requests that were due from `start_seconds` until before `end_seconds`."""
        return Result(
            target=self.target,
            rate_per_second=self.rate_per_second,
            seconds=max(0.0, min(self.seconds, end_seconds) - start_seconds),
            started_at=self.started_at,
            answers=[a for a in self.answers if start_seconds <= a.at_seconds < end_seconds],
            failures=[f for f in self.failures if start_seconds <= f.at_seconds < end_seconds],
            marks={name: at for name, at in self.marks.items() if start_seconds <= at < end_seconds},
        )

    def between(self, start_mark: str, end_mark: str) -> "Result":
        """The requests due between two marks; KeyError for a mark that was never set."""
        return self.window(self.marks[start_mark], self.marks[end_mark])

    def since(self, mark: str) -> "Result":
        """The requests due from a mark until the next one, if any; KeyError for a mark that was never set."""
        begin = self.marks[mark]
        return self.window(begin, min((at for at in self.marks.values() if at > begin), default=float("inf")))

    def latency_ms(self, quantile: float) -> float | None:
        """The latency that the share `quantile` (0 to 1) of the answers did not exceed; None without answers."""
        ordered = sorted(answer.latency_ms for answer in self.answers)
        return ordered[min(len(ordered) - 1, int(quantile * len(ordered)))] if ordered else None

    def latencies_ms(self) -> dict[str, dict[str, list[float]]]:
        """Version -> kind -> the latencies of its answers."""
        found: dict[str, dict[str, list[float]]] = {}
        for answer in self.answers:
            found.setdefault(answer.version, {}).setdefault(answer.kind, []).append(answer.latency_ms)
        return found

    def summary(self) -> dict[str, Any]:
        """The sums, ready for JSON."""
        return {
            "target": self.target,
            "rate_per_second": self.rate_per_second,
            "seconds": round(self.seconds, 3),
            "started_at": self.started_at,
            "requests": self.requests,
            "failed": self.failed,
            "versions": {version: self._version(version) for version in self.versions},
            "kinds": {kind: self._kind(kind) for kind in sorted(self._kinds())},
            "failures": [
                {"class": failure, "kind": kind, "count": count, "example": example}
                for (failure, kind), (count, example) in sorted(self._failure_groups().items())
            ],
            "latency_ms": {"p50": self.latency_ms(0.5), "p99": self.latency_ms(0.99), "max": self.latency_ms(1.0)},
            "worst_lateness_ms": self.worst_lateness_ms,
            "marks": self.marks,
        }

    def to_json(self) -> dict[str, Any]:
        """The sums and every record: `answers` and `failures` as rows in the order of the fields of their class."""
        return self.summary() | {
            "answers": [astuple(answer) for answer in self.answers],
            "failed_requests": [astuple(failure) for failure in self.failures],
            "connections": self.connections,
            "stale": self.stale,
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Result":
        """The reverse of `to_json`."""
        plain = ("target", "rate_per_second", "seconds", "started_at", "marks", "connections", "stale")
        return cls(
            **{name: document[name] for name in plain},
            worst_lateness_ms=document["worst_lateness_ms"],
            answers=[Answer(*row) for row in document["answers"]],
            # Older documents have no `kept`.
            failures=[
                Failure(at, ms, kind, FailureClass(f), *r) for at, ms, kind, f, *r in document["failed_requests"]
            ],
        )

    def _records(self) -> Iterable[Answer | Failure]:
        yield from self.answers
        yield from self.failures

    def _kinds(self) -> set[str]:
        return {record.kind for record in self._records()}

    def _version(self, version: str) -> dict[str, Any]:
        mine = [answer for answer in self.answers if answer.version == version]
        return {
            "answers": len(mine),
            "first_seconds": min(answer.at_seconds for answer in mine),
            "last_seconds": max(answer.at_seconds for answer in mine),
            "pods": sorted({answer.pod for answer in mine if answer.pod}),
        }

    def _kind(self, kind: str) -> dict[str, Any]:
        versions = Counter(answer.version for answer in self.answers if answer.kind == kind)
        failed = sum(failure.kind == kind for failure in self.failures)
        return {
            "requests": versions.total() + failed,
            "failed": failed,
            "versions": dict(sorted(versions.items())),
            "connections": self.connections.get(kind, 0),
            "stale": self.stale.get(kind, 0),
        }

    def _failure_groups(self) -> dict[tuple[str, str], tuple[int, str]]:
        groups: dict[tuple[str, str], tuple[int, str]] = {}
        for record in self.failures:
            count, example = groups.get((record.failure, record.kind), (0, record.detail))
            groups[record.failure, record.kind] = (count + 1, example)
        return groups
