"""Probes: a GET as users send it, or through the API server's service proxy, judged by status and body."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contract.proxy import not_reached
from contract.text import quoted
from cutover.measure.http import Answer, Fetch
from cutover.measure.records import Reading

SHOWN = 120  # characters of a wrong body in a message


@dataclass(frozen=True)
class Check:
    """The rule for a good answer: the service's own smoke check, where it has one."""

    path: str = "/"
    expect_status: int | None = None  # None: any below 400
    expect_body: str | None = None
    timeout_seconds: float = 2.0

    def why_wrong(self, answer: Answer) -> str | None:
        """Why an answer is not a good one; None when it is."""
        if answer.problem:
            return answer.problem
        shown = quoted(answer.text, SHOWN)
        good = answer.status < 400 if self.expect_status is None else answer.status == self.expect_status
        if not good:
            return f"HTTP {answer.status}: {shown}"
        if self.expect_body is not None and self.expect_body not in answer.text:
            return f"the body lacks {quoted(self.expect_body, SHOWN)}: {shown}"
        return None

    def __str__(self) -> str:
        status = "HTTP below 400" if self.expect_status is None else f"HTTP {self.expect_status}"
        body = f" with {self.expect_body!r} in it" if self.expect_body is not None else ""
        return f"{status}{body} within {self.timeout_seconds:g} s"


def check_of(settings: Mapping[str, Any], release: Mapping[str, Any]) -> Check | None:
    """The check that a service's configuration implies for a release: its smoke check, else its readiness path. None
    where its readiness is no plain HTTP GET, or nobody calls it: what it answers to is not known.
    """
    smoke = settings.get("smoke") or {}
    if settings.get("port", 0) is None:
        return None
    if not smoke:
        readiness = settings.get("readiness") or {}
        if not isinstance(readiness, Mapping) or readiness.get("kind", "http") != "http":
            return None
        if {"scheme", "host"} & readiness.keys():
            return None
        # On a port of its own readiness is out of the Service's reach.
        return Check(path="/" if readiness.get("port") else readiness.get("path", "/readyz"))
    body = smoke.get("expect_body")
    if body is not None:
        body = body.replace("{version}", str(release.get("version"))).replace("{build}", str(release.get("build")))
    return Check(smoke["path"], smoke.get("expect_status", 200), body, float(smoke.get("request_timeout_seconds", 5)))


@dataclass(frozen=True)
class ProbeMeasurement:
    """A check as a measurement; its value is the time of the whole answer, in milliseconds.

    Through the API server's proxy it is only a failure of the release where the API server let us and reached a pod;
    straight from a URL, whatever goes wrong would go wrong for users as well.
    """

    name: str
    check: Check
    fetch: Fetch
    proxied: bool
    unit: str = "ms"

    @property
    def expectation(self) -> str:
        """The good answer in words."""
        return str(self.check)

    @property
    def indirect(self) -> bool:
        """Through the API server, which may not reach pods."""
        return self.proxied

    def take(self) -> Reading:
        """Send one request."""
        answer = self.fetch(self.check.path)
        wrong = self.check.why_wrong(answer)
        if wrong is None:
            return Reading("passed", answer.seconds * 1000, f"HTTP {answer.status} in {answer.seconds * 1000:.0f} ms")
        if self.proxied and (said := _refused_by_api_server(answer)):
            return Reading("unknown", None, said, reached=False)
        return Reading("failed", answer.seconds * 1000 if answer.status else None, wrong, reached=bool(answer.status))


def _refused_by_api_server(answer: Answer) -> str | None:
    """What the API server says for itself, where it reached no pod, or did not even try; None where one answered."""
    if not answer.connected:
        return f"the API server is out of reach: {answer.problem}"
    if said := not_reached(answer.status, answer.text):
        return f"the API server reaches no pod: HTTP {answer.status}, {said}"
    if answer.status in (401, 403, 429):
        try:
            content = answer.json()
        except (ValueError, RecursionError):
            return None
        if isinstance(content, dict) and content.get("kind") == "Status":
            return f"the API server: HTTP {answer.status}, {content.get('message')}"
    return None
