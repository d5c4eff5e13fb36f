"""The gRPC side of the responder: HTTP/2 in clear text (RFC 9113), with the one method that the prober calls.

`/responder.Responder/Watch` takes `{"seconds": 2, "nonce": "…"}` and sends a message every quarter of a second for so
long, the last one marked so. Told to leave, it does as gRPC's servers do: first it asks for no more calls and still
takes those that are on their way, then it names the last one that it took, ends what it has, and closes.
"""

import asyncio
import json
from collections.abc import Mapping

EVENT_SECONDS = 0.25
_REST_OF_PREFACE = len(b"SM\r\n\r\n")
_DATA, _HEADERS, _SETTINGS, _PING, _GOAWAY = 0, 1, 4, 6, 7
_END_STREAM, _ACK, _END_HEADERS = 1, 1, 4
_ALL = 2**31 - 1


class Channel:
    """One connection. `who` are the version and the host name that every message carries."""

    def __init__(self, who: Mapping[str, str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._who, self._reader, self._writer = who, reader, writer
        self._asked: dict[int, bytes] = {}
        self._calls: set[asyncio.Task[None]] = set()
        self._last = 0
        self._left = False

    async def serve(self) -> None:
        """Until the client closes, or the last call has ended after `leave`."""
        await self._reader.readexactly(_REST_OF_PREFACE)
        self._send(_SETTINGS, 0, 0)
        while True:
            head = await self._reader.readexactly(9)
            payload = await self._reader.readexactly(int.from_bytes(head[:3], "big"))
            self._take(head[3], head[4], int.from_bytes(head[5:], "big"), payload)

    def ask_for_no_more(self) -> None:
        """What is on its way is taken still."""
        self._send(_GOAWAY, 0, 0, _ALL.to_bytes(4, "big") + bytes(4))

    def leave(self) -> None:
        """Name the last call that is answered; close once all are."""
        self._left = True
        self._send(_GOAWAY, 0, 0, self._last.to_bytes(4, "big") + bytes(4))
        self._close_if_done()

    def _take(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if kind == _SETTINGS and not flags & _ACK:
            self._send(_SETTINGS, _ACK, 0)
        elif kind == _PING and not flags & _ACK:
            self._send(_PING, _ACK, 0, payload)
        elif kind == _HEADERS:
            self._asked[stream] = b""
        elif kind == _DATA:
            self._asked[stream] += payload
            if flags & _END_STREAM and not self._left:
                self._last = max(self._last, stream)
                call = asyncio.create_task(self._watch(stream, json.loads(self._asked.pop(stream)[5:])))
                self._calls.add(call)
                call.add_done_callback(self._ended)

    async def _watch(self, stream: int, asked: Mapping[str, object]) -> None:
        count = int(float(str(asked["seconds"])) / EVENT_SECONDS)
        self._send(_HEADERS, _END_HEADERS, stream, _fields({":status": "200", "content-type": "application/grpc"}))
        for number in range(count + 1):
            message = {**self._who, "nonce": asked["nonce"], "number": number, "last": number == count}
            body = json.dumps(message).encode()
            self._send(_DATA, 0, stream, bytes(1) + len(body).to_bytes(4, "big") + body)
            if number < count:
                await asyncio.sleep(EVENT_SECONDS)
        self._send(_HEADERS, _END_HEADERS | _END_STREAM, stream, _fields({"grpc-status": "0"}))

    def _ended(self, call: "asyncio.Task[None]") -> None:
        self._calls.discard(call)
        self._close_if_done()

    def _close_if_done(self) -> None:
        if self._left and not self._calls:
            self._writer.close()

    def _send(self, kind: int, flags: int, stream: int, payload: bytes = b"") -> None:
        head = len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big")
        if not self._writer.is_closing():
            self._writer.write(head + payload)


def _fields(fields: Mapping[str, str]) -> bytes:
    """Literals that enter no table, as the prober reads them."""
    words = [word.encode() for pair in fields.items() for word in pair]
    sized = [bytes([len(word)]) + word for word in words]
    return b"".join(b"\x00" + name + value for name, value in zip(sized[::2], sized[1::2], strict=True))
