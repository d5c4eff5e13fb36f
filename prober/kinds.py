"""The kinds of client: what is asked, and what becomes of the connection afterwards.

A further kind is a further class here and a line in `_KINDS`. No kind ever sends a request twice.
"""

import asyncio
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Callable, Sequence
from functools import partial

from prober import calls, podinfo, web
from prober.connection import Connection, ExchangeError, StaleError
from prober.http2 import Channel
from prober.request import Reading, Request
from prober.result import FailureClass
from prober.target import Target

# Kept connections per keep-alive kind: several, so that they spread over the pods of a Service.
POOL_SIZE = 8


class Kind(ABC):
    """One kind of client of one target, with the connections it keeps."""

    def __init__(self, name: str, make: Callable[[str], Request], target: Target, timeout_seconds: float):
        self.name = name
        self.opened = 0
        self.stale = 0
        self._make = make
        self._target = target
        self._timeout_seconds = timeout_seconds

    @abstractmethod
    async def request(self, nonce: str) -> Reading:
        """Make one request; raises ExchangeError."""

    @abstractmethod
    def close(self) -> None:
        """Close what is kept between requests."""

    def _end(self) -> float:
        """When a question that begins now has had its time, in which its connection is opened too."""
        return asyncio.get_running_loop().time() + self._timeout_seconds

    async def _open(self, end: float) -> Connection:
        self.opened += 1
        try:
            async with asyncio.timeout_at(end):
                return await Connection.open(self._target)
        except TimeoutError as error:
            detail = f"no connection within {self._timeout_seconds} s"
            raise ExchangeError(FailureClass.CONNECT_TIMEOUT, detail) from error

    async def _exchange(self, connection: Connection, request: Request, end: float) -> Reading:
        try:
            async with asyncio.timeout_at(end):
                response = await connection.exchange(request.method, request.path, request.headers, request.body)
        except TimeoutError as error:
            detail = f"no answer within {self._timeout_seconds} s"
            raise ExchangeError(FailureClass.TIMEOUT, detail) from error
        return request.read(response)


class NewConnection(Kind):
    """A connection per request."""

    async def request(self, nonce: str) -> Reading:
        """Connect, ask, close."""
        end = self._end()
        connection = await self._open(end)
        try:
            return await self._exchange(connection, self._make(nonce), end)
        except StaleError as error:
            # Accepted and closed at once: for a connection that carried nothing before, this is a failure.
            raise ExchangeError(FailureClass.CLOSED, str(error)) from error
        finally:
            connection.close()

    def close(self) -> None:
        """The end of a kind that keeps no connection."""


class KeepAlive(Kind):
    """A pool of kept connections, used in turn; one more is opened when all are busy."""

    def __init__(self, name: str, make: Callable[[str], Request], target: Target, timeout_seconds: float):
        super().__init__(name, make, target, timeout_seconds)
        self._idle: deque[Connection] = deque()
        self._busy = 0
        self._size = POOL_SIZE

    async def request(self, nonce: str) -> Reading:
        """Ask on a kept connection; those that the server closed in the meantime are set aside unused."""
        end = self._end()
        self._busy += 1
        try:
            while True:
                fresh = not self._idle or len(self._idle) + self._busy <= self._size
                connection = await self._open(end) if fresh else self._idle.popleft()
                try:
                    reading = await self._exchange(connection, self._make(nonce), end)
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
        if connection.reusable and len(self._idle) < self._size:
            self._idle.append(connection)
        else:
            connection.close()


class LongLived(KeepAlive):
    """One connection for everything, requests in line behind each other; a new one only where the server closed it."""

    def __init__(self, name: str, make: Callable[[str], Request], target: Target, timeout_seconds: float):
        super().__init__(name, make, target, timeout_seconds)
        self._turn = asyncio.Lock()
        self._size = 1

    async def request(self, nonce: str) -> Reading:
        """Ask once those before have their answers."""
        async with self._turn:
            return await super().request(nonce)


class Held(Kind):
    """A connection per request, whose answer takes `seconds`: it is under way while pods stop.

    Who serves it is asked first, on the same connection.
    """

    def __init__(
        self,
        name: str,
        make: Callable[[str, int], Request],
        target: Target,
        timeout_seconds: float,
        *,
        seconds: int,
    ):
        super().__init__(name, podinfo.get, target, timeout_seconds + seconds)
        self._held = make
        self._seconds = seconds

    async def request(self, nonce: str) -> Reading:
        """Connect, ask who it is, ask what takes long; begin again where the server left before it was asked that."""
        end = self._end()
        while True:
            connection = await self._open(end)
            try:
                reading = await self._exchange(connection, podinfo.get(nonce), end)
                if connection.reusable:
                    await self._exchange(connection, self._held(nonce, self._seconds), self._end())
                    return reading
                self.stale += 1
            except StaleError:
                self.stale += 1
            finally:
                connection.close()

    def close(self) -> None:
        """The end of a kind that keeps no connection."""


class Calls(Kind):
    """Calls of gRPC, all on one connection for as long as the server wants them there; each takes `seconds`.

    Its method `/responder.Responder/Watch` (prober/calls.py) says who it is in every message.
    """

    def __init__(self, name: str, target: Target, timeout_seconds: float, *, seconds: int):
        super().__init__(name, podinfo.get, target, timeout_seconds + seconds)
        self._seconds = seconds
        self._channel: Channel | None = None
        self._opening = asyncio.Lock()

    async def request(self, nonce: str) -> Reading:
        """Call; anew where the server had left before it began this call."""
        end = self._end()
        while True:
            channel = await self._current(end)
            try:
                async with asyncio.timeout_at(end):
                    answer = await channel.call(calls.METHOD, calls.message(nonce, self._seconds))
                return calls.read(answer, nonce)
            except TimeoutError as error:
                detail = f"no end of the answer within {self._timeout_seconds} s"
                raise ExchangeError(FailureClass.TIMEOUT, detail) from error
            except StaleError:
                self.stale += 1

    def close(self) -> None:
        """Close the connection."""
        if self._channel:
            self._channel.close()

    async def _current(self, end: float) -> Channel:
        if self._channel and not self._channel.leaving:
            return self._channel
        try:
            async with asyncio.timeout_at(end), self._opening:
                if self._channel is None or self._channel.leaving:
                    self.opened += 1
                    self._channel = await Channel.open(self._target)
                return self._channel
        except TimeoutError as error:
            detail = f"no connection within {self._timeout_seconds} s"
            raise ExchangeError(FailureClass.CONNECT_TIMEOUT, detail) from error


_Maker = Callable[[str, Target, float], Kind]
SLOW_SECONDS = 2
VERY_SLOW_SECONDS = 20


def _quick(kind: type[NewConnection] | type[KeepAlive], make: Callable[[str], Request]) -> _Maker:
    return lambda name, target, timeout_seconds: kind(name, make, target, timeout_seconds)


def _any(kind: type[NewConnection] | type[KeepAlive]) -> _Maker:
    return lambda name, target, timeout_seconds: kind(name, partial(web.get, target.path), target, timeout_seconds)


def _held(make: Callable[[str, int], Request], seconds: int) -> _Maker:
    return lambda name, target, timeout_seconds: Held(name, make, target, timeout_seconds, seconds=seconds)


# What a kind is, and its share of the requests: those that are held for seconds are few, or they would be all the load.
_KINDS: dict[str, tuple[_Maker, int]] = {
    "get-new": (_quick(NewConnection, podinfo.get), 12),
    "get-keep-alive": (_quick(KeepAlive, podinfo.get), 12),
    "post-new": (_quick(NewConnection, podinfo.post), 12),
    "post-keep-alive": (_quick(KeepAlive, podinfo.post), 12),
    "long-lived": (_quick(LongLived, podinfo.post), 4),
    "slow": (_held(podinfo.delayed, SLOW_SECONDS), 1),
    "stream": (_held(podinfo.streamed, SLOW_SECONDS), 1),
    "events": (_held(podinfo.events, SLOW_SECONDS), 1),
    "very-slow": (_held(podinfo.delayed, VERY_SLOW_SECONDS), 1),
    "grpc": (partial(Calls, seconds=0), 4),
    "grpc-stream": (partial(Calls, seconds=SLOW_SECONDS), 1),
    "url-new": (_any(NewConnection), 12),
    "url-keep-alive": (_any(KeepAlive), 12),
}
KIND_NAMES = tuple(_KINDS)
# The kinds for any application, which ask for the path of the URL; the others ask podinfo for paths of their own.
URL_KINDS = ("url-new", "url-keep-alive")
QUICK_KINDS = ("get-new", "get-keep-alive", "post-new", "post-keep-alive")


def build(names: tuple[str, ...], target: Target, timeout_seconds: float) -> list[Kind]:
    """The named kinds for one target; KeyError for a name that is none of KIND_NAMES."""
    return [_KINDS[name][0](name, target, timeout_seconds) for name in names]


def rotation(kinds: Sequence[Kind]) -> list[Kind]:
    """The order in which kinds take their turns: each as often as its share says, spread evenly."""
    shares = [_KINDS[kind.name][1] for kind in kinds]
    credit = [0] * len(kinds)
    turns = []
    for _ in range(sum(shares)):
        credit = [have + share for have, share in zip(credit, shares, strict=True)]
        chosen = credit.index(max(credit))
        credit[chosen] -= sum(shares)
        turns.append(kinds[chosen])
    return turns


def counts(kinds: list[Kind], attribute: str) -> dict[str, int]:
    """`opened` or `stale` by kind, zeros left out."""
    return dict(+Counter({kind.name: getattr(kind, attribute) for kind in kinds}))
