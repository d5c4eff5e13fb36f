"""One HTTP/2 connection for calls of gRPC, in clear text: as much of RFC 9113 as a client needs that counts exactly.

A client of gRPC keeps one connection for all its calls, and several are under way on it at a time. A server that stops
says so (GOAWAY) and names the last call that it will answer: a later one was not begun, so to ask elsewhere is no
second try (`StaleError`). A connection that ends without that word takes its calls with it, and each is a failure.

Headers are sent as they are, and taken as they are: no table is kept (SETTINGS_HEADER_TABLE_SIZE is 0), and a server
that compresses them otherwise is a failure of its own class.
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from prober.connection import ExchangeError, StaleError, failed
from prober.result import FailureClass
from prober.target import Target

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _RESET, _SETTINGS, _PING, _GOAWAY, _WINDOW = 0, 1, 3, 4, 6, 7, 8
_END_STREAM, _ACK, _END_HEADERS = 1, 1, 4
_NO_TABLE = (1).to_bytes(2, "big") + bytes(4)
_REFUSED_STREAM = 7
_MESSAGE_HEAD = 5  # whether it is compressed, and its length in 4 bytes


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """One frame."""
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def headers(fields: Mapping[str, str]) -> bytes:
    """Fields as literals that enter no table (RFC 7541, 6.2.2); names and values of less than 127 bytes."""
    words = [word.encode() for pair in fields.items() for word in pair]
    sized = [bytes([len(word)]) + word for word in words]
    return b"".join(b"\x00" + name + value for name, value in zip(sized[::2], sized[1::2], strict=True))


def read_headers(block: bytes) -> dict[str, str]:
    """The fields of such a block. Raises ExchangeError for one that is compressed otherwise."""
    found, place = {}, 0
    while place < len(block):
        words = []
        if block[place] not in (0x00, 0x10):
            raise ExchangeError(
                FailureClass.PROTOCOL, "the server compresses its headers, which this client cannot read"
            )
        place += 1
        for _ in range(2):
            size = block[place]
            words.append(block[place + 1 : place + 1 + size].decode("latin-1"))
            place += 1 + size
        found[words[0]] = words[1]
    return found


@dataclass
class _Call:
    done: "asyncio.Future[list[bytes]]"
    data: bytearray = field(default_factory=bytearray)


class Channel:
    """One open connection; any number of calls at a time."""

    def __init__(self, target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._target, self._reader, self._writer = target, reader, writer
        self._calls: dict[int, _Call] = {}
        self._next = 1
        self._answered = False
        self.leaving = False
        """Whether the server wants no more calls here."""
        writer.write(_PREFACE + frame(_SETTINGS, 0, 0, _NO_TABLE))
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, target: Target) -> "Channel":
        """Connect; raises ExchangeError. The caller bounds the time."""
        try:
            reader, writer = await asyncio.open_connection(target.address, target.port)
        except OSError as error:
            raise failed(error) from error
        return cls(target, reader, writer)

    async def call(self, path: str, message: bytes) -> list[bytes]:
        """The messages of the answer, once it has ended well. Raises StaleError (not begun) or ExchangeError (lost)."""
        if self.leaving:
            raise StaleError("the server wants no more calls on this connection")
        stream, self._next = self._next, self._next + 2
        call = self._calls[stream] = _Call(asyncio.get_running_loop().create_future())
        asked = {":method": "POST", ":scheme": "http", ":path": path, ":authority": self._target.host_header}
        asked |= {"te": "trailers", "content-type": "application/grpc"}
        body = bytes(1) + len(message).to_bytes(4, "big") + message
        self._writer.write(
            frame(_HEADERS, _END_HEADERS, stream, headers(asked)) + frame(_DATA, _END_STREAM, stream, body)
        )
        try:
            return await call.done
        finally:
            self._calls.pop(stream, None)
            if self.leaving and not self._calls:
                self.close()

    def close(self) -> None:
        """Close it."""
        self._reading.cancel()
        self._writer.close()

    async def _read(self) -> None:
        error: Exception
        try:
            while True:
                head = await self._reader.readexactly(9)
                payload = await self._reader.readexactly(int.from_bytes(head[:3], "big"))
                self._take(head[3], head[4], int.from_bytes(head[5:], "big") & 0x7FFFFFFF, payload)
        except OSError as problem:
            error = failed(problem)
        except asyncio.IncompleteReadError:
            said = "the server closed the connection without an answer"
            error = ExchangeError(FailureClass.CLOSED, said, kept=self._answered)
        except (ExchangeError, IndexError) as problem:
            error = problem if isinstance(problem, ExchangeError) else ExchangeError(FailureClass.PROTOCOL, "cut short")
        self._leave()
        for call in self._calls.values():
            _end(call, error)

    def _leave(self) -> None:
        """Take no more calls, and close it once it has none: the last of them does, where there are some."""
        self.leaving = True
        if not self._calls:
            self._writer.close()

    def _take(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        call = self._calls.get(stream)
        if kind == _SETTINGS and not flags & _ACK:
            self._writer.write(frame(_SETTINGS, _ACK, 0))
        elif kind == _PING and not flags & _ACK:
            self._writer.write(frame(_PING, _ACK, 0, payload))
        elif kind == _GOAWAY:
            self._leave()
            last = int.from_bytes(payload[:4], "big") & 0x7FFFFFFF
            for number, one in self._calls.items():
                if number > last:
                    _end(one, StaleError("the server left before it began this call"))
        elif kind == _DATA and payload:
            room = len(payload).to_bytes(4, "big")
            self._writer.write(frame(_WINDOW, 0, 0, room) + frame(_WINDOW, 0, stream, room))
            if call:
                call.data += payload
        if call and kind == _RESET:
            code = int.from_bytes(payload, "big")
            begun = ExchangeError(FailureClass.PROTOCOL, f"the server broke the call off: {code}")
            _end(call, StaleError("the server refused to begin this call") if code == _REFUSED_STREAM else begun)
        elif call and kind == _HEADERS:
            self._status(call, read_headers(payload), ended=bool(flags & _END_STREAM))

    def _status(self, call: _Call, fields: Mapping[str, str], *, ended: bool) -> None:
        status = fields.get(":status", "200")
        if status != "200":
            _end(call, ExchangeError(FailureClass.STATUS, status))
        elif ended and fields.get("grpc-status") != "0":
            _end(call, ExchangeError(FailureClass.STATUS, f"grpc-status {fields.get('grpc-status')}"))
        elif ended and not call.done.done():
            self._answered = True
            call.done.set_result(list(_messages(bytes(call.data))))


def _end(call: _Call, error: Exception) -> None:
    if not call.done.done():
        call.done.set_exception(error)


def _messages(data: bytes) -> Iterator[bytes]:
    while len(data) >= _MESSAGE_HEAD:
        size = int.from_bytes(data[1:_MESSAGE_HEAD], "big")
        yield data[_MESSAGE_HEAD : _MESSAGE_HEAD + size]
        data = data[_MESSAGE_HEAD + size :]
