"""A request as the kinds of client send it, and what its answer tells of who gave it."""

from dataclasses import dataclass
from typing import Protocol

from prober.connection import Response

# Carries the nonce of each request. Not X-Request-Id: proxies on the way, as Envoy, put one of their own in its place.
NONCE = "X-Prober-Request"


@dataclass(frozen=True, slots=True)
class Reading:
    """The name of who answered; empty where the answer does not say."""

    version: str
    pod: str


class Request(Protocol):
    """One request, and how its answer is judged."""

    @property
    def method(self) -> str:
        """`GET` or `POST`."""

    @property
    def path(self) -> str:
        """Path and query."""

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Besides Host, User-Agent and Content-Length."""

    @property
    def body(self) -> bytes:
        """May be empty."""

    def read(self, response: Response) -> Reading:
        """The name of who answered. Raises ExchangeError on an answer that is not a good one."""
