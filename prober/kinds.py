"""The kinds of client: what is asked, and what becomes of the connection afterwards.

A further kind is a further class here and a line in `_KINDS`. No kind ever sends a request twice.
"""

import asyncio
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Callable

from prober import podinfo
from prober.connection import Connection, ExchangeError, StaleError
from prober.result import FailureClass
from prober.target import Target

# Kept connections per keep-alive kind: several, so that they spread over the pods of a Service.
POOL_SIZE = 8


class Kind(ABC):
    """One kind of client of one target, with the connections it keeps."""

    def __init__(self, name: str, make: Callable[[str], podinfo.Request], target: Target, timeout_seconds: float):
        self.name = name
        self.opened = 0
        self.stale = 0
        self._make = make
        self._target = target
        self._timeout_seconds = timeout_seconds

    @abstractmethod
    async def request(self, nonce: str) -> podinfo.Reading:
        """Make one request; raises ExchangeError."""

    @abstractmethod
    def close(self) -> None:
        """Close what is kept between requests."""

    async def _open(self) -> Connection:
        self.opened += 1
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await Connection.open(self._target)
        except TimeoutError as error:
            detail = f"no connection within {self._timeout_seconds} s"
            raise ExchangeError(FailureClass.CONNECT_TIMEOUT, detail) from error

    async def _exchange(self, connection: Connection, nonce: str) -> podinfo.Reading:
        request = self._make(nonce)
        try:
            async with asyncio.timeout(self._timeout_seconds):
                response = await connection.exchange(request.method, request.path, request.headers, request.body)
        except TimeoutError as error:
            detail = f"no answer within {self._timeout_seconds} s"
            raise ExchangeError(FailureClass.TIMEOUT, detail) from error
        return request.read(response)


class NewConnection(Kind):
    """A connection per request."""

    async def request(self, nonce: str) -> podinfo.Reading:
        """Connect, ask, close."""
        connection = await self._open()
        try:
            return await self._exchange(connection, nonce)
        except StaleError as error:
            # Accepted and closed at once: for a connection that carried nothing before, this is a failure.
            raise ExchangeError(FailureClass.CLOSED, str(error)) from error
        finally:
            connection.close()

    def close(self) -> None:
        """Nothing is kept."""


class KeepAlive(Kind):
    """A pool of kept connections, used in turn; one more is opened when all are busy."""

    def __init__(self, name: str, make: Callable[[str], podinfo.Request], target: Target, timeout_seconds: float):
        super().__init__(name, make, target, timeout_seconds)
        self._idle: deque[Connection] = deque()
        self._busy = 0

    async def request(self, nonce: str) -> podinfo.Reading:
        """Ask on a kept connection; those that the server closed in the meantime are set aside unused."""
        self._busy += 1
        try:
            while True:
                fresh = not self._idle or len(self._idle) + self._busy <= POOL_SIZE
                connection = await self._open() if fresh else self._idle.popleft()
                try:
                    reading = await self._exchange(connection, nonce)
                except StaleError as error:
                    connection.close()
                    if fresh:
                        raise ExchangeError(FailureClass.CLOSED, str(error)) from error
                    self.stale += 1
                except BaseException:
                    connection.close()
                    raise
                else:
                    self._keep(connection)
                    return reading
        finally:
            self._busy -= 1

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop().close()

    def _keep(self, connection: Connection) -> None:
        if connection.reusable and len(self._idle) < POOL_SIZE:
            self._idle.append(connection)
        else:
            connection.close()


_KINDS: dict[str, tuple[type[Kind], Callable[[str], podinfo.Request]]] = {
    "get-new": (NewConnection, podinfo.get),
    "get-keep-alive": (KeepAlive, podinfo.get),
    "post-new": (NewConnection, podinfo.post),
    "post-keep-alive": (KeepAlive, podinfo.post),
}
KIND_NAMES = tuple(_KINDS)


def build(names: tuple[str, ...], target: Target, timeout_seconds: float) -> list[Kind]:
    """The named kinds for one target; KeyError for a name that is none of KIND_NAMES."""
    return [kind(name, make, target, timeout_seconds) for name in names for kind, make in [_KINDS[name]]]


def counts(kinds: list[Kind], attribute: str) -> dict[str, int]:
    """`opened` or `stale` by kind, zeros left out."""
    return dict(+Counter({kind.name: getattr(kind, attribute) for kind in kinds}))
