"""One HTTP/1.1 connection with exact control over its reuse: plain non-blocking sockets, and h11 over them.

No HTTP client library does that: each of those at hand decides about reuse and retries by itself, which hides the very
failures that are to be counted. urllib3, Go's client and aiohttp since 3.10 send idempotent requests again when a kept
connection turns out dead; httpcore opens a new connection on its own. h11 is the protocol and nothing else, and
owning the socket lets us look for the server's FIN right before the write.

A request is *sent* as soon as the kernel took its first byte. Before that a kept connection may be found closed
(`StaleError`): nothing was sent, so a fresh connection is not a retry. After it, no answer is a failure, and final.
One such failure is told from the others: a server that closes an idle connection in the moment in which a request is on
its way there. Its kernel answers with a RST, as nobody read the request: it was turned away, not begun and lost.
"""

import asyncio
import errno
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

import h11

from prober.result import FailureClass
from prober.target import Target
from prober.tls import Tls

MAX_BODY_BYTES = 1024 * 1024  # a URL that is a download must not fill the memory, nor the line
_READ_BYTES = 64 * 1024
_TCP_CLOSE = 7  # the state of a socket after a RST, in the first byte of Linux' struct tcp_info
_RST_SECONDS = 0.1  # in which a RST follows a FIN that crossed the request


class ExchangeError(Exception):
    """The request got no good answer: `failure` is its class, `detail` says more. `kept` is the mark of a connection
    that ended in place of this answer and had carried one before.
    """

    def __init__(self, failure: FailureClass, detail: str, *, kept: bool = False) -> None:
        super().__init__(f"{failure}: {detail}")
        self.failure = failure
        self.detail = detail
        self.kept = kept


class StaleError(Exception):
    """A kept connection was closed by the server before anything of the request was sent on it."""


@dataclass(frozen=True, kw_only=True)
class Response:
    """An answer: complete, or with a body that was cut at MAX_BODY_BYTES. Names of headers are in lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Connection:
    """One open connection. Not safe for two requests at a time."""

    def __init__(self, target: Target, sock: socket.socket, tls: Tls | None) -> None:
        self._target = target
        self._sock = sock
        self._tls = tls
        self._http = h11.Connection(h11.CLIENT)
        self._reused = False
        self._idle = False

    @classmethod
    async def open(cls, target: Target) -> "Connection":
        """Connect; raises ExchangeError. The caller bounds the time."""
        family = socket.AF_INET6 if ":" in target.address else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        tls = Tls(target.asked) if target.secure else None
        try:
            await asyncio.get_running_loop().sock_connect(sock, (target.address, target.port))
            if tls:
                await tls.handshake(sock)
        except OSError as error:
            sock.close()
            raise failed(error) from error
        except BaseException:
            sock.close()
            raise
        return cls(target, sock, tls)

    async def exchange(self, method: str, path: str, headers: list[tuple[str, str]], body: bytes) -> Response:
        """Send one request and read its whole answer; raises StaleError (nothing sent) or ExchangeError (lost)."""
        request = h11.Request(
            method=method,
            target=path,
            headers=[("Host", self._target.host_header), ("User-Agent", "cutover-prober"), *headers]
            + ([("Content-Length", str(len(body)))] if body else []),
        )
        parts = [self._http.send(request), self._http.send(h11.Data(data=body)), self._http.send(h11.EndOfMessage())]
        self._no_more_idle()
        await self._send(b"".join(part for part in parts if part))
        return await self._read()

    @property
    def reusable(self) -> bool:
        """Whether the last exchange left the connection fit for another one; readies it for that. Until then it ends as
        soon as the server ends it.
        """
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            return False
        self._http.start_next_cycle()
        self._reused = self._idle = True
        asyncio.get_running_loop().add_reader(self._sock, self._end_with_server)
        return True

    def close(self) -> None:
        """Close it from this side first: the port then rests in TIME_WAIT and meets no stale conntrack entry."""
        self._no_more_idle()
        self._sock.close()

    def _no_more_idle(self) -> None:
        if self._idle:
            self._idle = False
            asyncio.get_running_loop().remove_reader(self._sock)

    def _end_with_server(self) -> None:
        """Close an idle connection in the moment in which the server does. The end of one that is closed later meets
        nobody where the pod has gone, its entry in the node's connection table stays for two minutes, and a new
        connection from the same port is sent to that pod.
        """
        try:
            ended = self._closed_by_server()
        except OSError:
            ended = True
        if ended:
            self.close()

    async def _send(self, data: bytes) -> None:
        try:
            if self._sock.fileno() < 0 or self._closed_by_server():
                raise StaleError("the server had closed the connection")
            data = self._tls.encrypt(data) if self._tls else data
            sent = self._sock.send(data)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            raise StaleError(f"nothing could be written: {error}") from error
        if sent < len(data):
            try:
                await asyncio.get_running_loop().sock_sendall(self._sock, data[sent:])
            except OSError as error:
                raise failed(error) from error

    def _closed_by_server(self) -> bool:
        """True if a FIN (or bytes nobody asked for) waits in the socket; raises OSError on a waiting RST."""
        try:
            if self._tls is None:
                self._sock.recv(1, socket.MSG_PEEK)
                return True
            # TLS sends of itself between two answers (keys for a later session), so what waits is no end yet.
            while not self._tls.ended and (data := self._sock.recv(_READ_BYTES)):
                if self._tls.decrypt(data):
                    return True
        except BlockingIOError:
            return False
        return True

    async def _read(self) -> Response:
        status, body = 0, bytearray()
        headers: dict[str, str] = {}
        try:
            while True:
                event = self._http.next_event()
                if event is h11.NEED_DATA:
                    data = await self._receive()
                    if not data and not status:
                        raise await self._ended()
                    self._http.receive_data(data)
                elif isinstance(event, h11.Response):
                    status = event.status_code
                    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in event.headers}
                elif isinstance(event, h11.Data):
                    body += event.data
                if isinstance(event, h11.EndOfMessage) or len(body) >= MAX_BODY_BYTES:
                    return Response(status=status, body=bytes(body), headers=headers)
        except OSError as error:
            unread = self._reused and not status and isinstance(error, ConnectionResetError)
            raise _turned_away() if unread else failed(error) from error
        except h11.RemoteProtocolError as error:
            raise ExchangeError(FailureClass.PROTOCOL, str(error)) from error

    async def _receive(self) -> bytes:
        """Some bytes in clear; none when the server sends nothing more."""
        while True:
            data = await asyncio.get_running_loop().sock_recv(self._sock, _READ_BYTES)
            if self._tls is None or not data:
                return data
            if (clear := self._tls.decrypt(data)) or self._tls.ended:
                return clear

    async def _ended(self) -> ExchangeError:
        """What a FIN in place of an answer means."""
        if self._reused and await self._reset_follows():
            return _turned_away()
        said = "the server closed the connection without an answer"
        return ExchangeError(FailureClass.CLOSED, said, kept=self._reused)

    async def _reset_follows(self) -> bool:
        """Whether a FIN in place of an answer is followed by a RST; a server that had read the request sends none."""
        end = asyncio.get_running_loop().time() + _RST_SECONDS
        while asyncio.get_running_loop().time() < end:
            if self._sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == _TCP_CLOSE:
                return True
            await asyncio.sleep(_RST_SECONDS / 20)
        return False


def _turned_away() -> ExchangeError:
    said = "the server closed the kept connection before it read the request"
    return ExchangeError(FailureClass.TURNED_AWAY, said, kept=True)


def failed(error: OSError) -> ExchangeError:
    """The class of failure that an error of the operating system means."""
    if isinstance(error, ssl.SSLError):
        return ExchangeError(FailureClass.TLS, getattr(error, "verify_message", "") or str(error))
    if isinstance(error, ConnectionRefusedError):
        return ExchangeError(FailureClass.REFUSED, str(error))
    if isinstance(error, ConnectionResetError | BrokenPipeError | ConnectionAbortedError):
        return ExchangeError(FailureClass.RESET, str(error))
    if error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT):
        return ExchangeError(FailureClass.UNREACHABLE, str(error))
    return ExchangeError(FailureClass.OS_ERROR, str(error))
