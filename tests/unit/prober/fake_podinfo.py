"""A tiny server that answers like podinfo where the prober asks, and misbehaves on demand."""

import asyncio
import json
import select
import socket
import ssl
import struct
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

import h11

from prober.request import NONCE
from tests.patience import PATIENCE_SECONDS

SPEED = 10  # a second of its delays takes a tenth of one


class FakePodinfo:
    """Serves on a free port of loopback from a thread of its own. `mode` may be changed while it runs.

    Modes: `ok`; `hang-up` (answers, then closes without having announced it); `swallow` (takes the request, closes);
    `reset` (the same with a RST); `unread` (answers once, and closes as soon as a second request has come, unread);
    `lost` (answers once, takes the second request and closes); `stall` (never answers, and closes at `end_stall`); a
    status, `503`; `nonsense` (2xx with a body of another make); `mixed-up` (answers with someone else's nonce); `cut-
    off` (ends its events early); `chunked` (a body of no length said before); `named` (the version in a header);
    `huge` (a body of 8 MiB).
    """

    def __init__(self, mode: str = "ok", version: str = "1.0.0", tls: ssl.SSLContext | None = None) -> None:
        self.mode = mode
        self.version = version
        self.tls = tls
        self.targets: list[str] = []  # path and query of every request that arrived whole
        self.hosts: set[str] = set()  # what they gave as the Host
        self.connections = 0
        self.nonces: list[str] = []  # of every request that arrived whole
        self.port = 0
        self._ready = threading.Event()
        self._stall_is_over = asyncio.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(PATIENCE_SECONDS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(PATIENCE_SECONDS)

    def end_stall(self) -> None:
        """Whoever waits in mode `stall` finds the connection closed."""
        self._loop.call_soon_threadsafe(self._stall_is_over.set)

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        writers: set[asyncio.StreamWriter] = set()

        async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writers.add(writer)
            self.connections += 1
            # A client that went away, or speaks something else, is no concern of the server's.
            try:
                with suppress(ConnectionError, h11.RemoteProtocolError):
                    await self._converse(reader, writer)
            finally:  # also where the server ends just as it accepts somebody
                writers.discard(writer)
                writer.close()

        server = await asyncio.start_server(serve_one, "127.0.0.1", 0, ssl=self.tls)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._end.wait()
        self._stall_is_over.set()
        for _ in range(3):  # whoever was just accepted gets its transport: a closed server would leave its socket open
            await asyncio.sleep(0)
        server.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0.05)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        http = h11.Connection(h11.SERVER)
        request: h11.Request | None = None
        while True:
            event = http.next_event()
            if event is h11.NEED_DATA:
                data = await reader.read(65536)
                http.receive_data(data)
                if not data:
                    return
            elif isinstance(event, h11.Request):
                request = event
            elif isinstance(event, h11.EndOfMessage) and request is not None:
                if not await self._answer(http, request, writer):
                    return
                http.start_next_cycle()
            elif isinstance(event, h11.ConnectionClosed):
                return

    async def _answer(self, http: h11.Connection, request: h11.Request, writer: asyncio.StreamWriter) -> bool:
        headers = {name.decode().title(): [value.decode()] for name, value in request.headers}
        self.nonces.append(headers[NONCE][0])
        self.targets.append(request.target.decode())
        self.hosts.update(headers["Host"])
        if self.mode == "stall":
            await self._stall_is_over.wait()
        if self.mode == "reset":  # no lingering: the kernel sends a RST instead of a FIN
            sock = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if self.mode == "lost" and len(self.nonces) > 1:
            return False
        if self.mode in ("stall", "swallow", "reset"):
            return False
        document = await self._document(request, headers)
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        if self.mode == "huge":
            body = b"x" * (8 << 20)
        said = [] if self.mode == "chunked" else [("Content-Length", str(len(body)))]
        said += [("X-Api-Version", f"{self.version}-named")] if self.mode == "named" else []
        answer = h11.Response(status_code=int(self.mode) if self.mode.isdigit() else 200, headers=said)
        for part in (answer, h11.Data(data=body), h11.EndOfMessage()):
            writer.write(http.send(part) or b"")
        await writer.drain()
        if self.mode == "unread":
            transport = writer.transport
            assert isinstance(transport, asyncio.ReadTransport)
            transport.pause_reading()
            await asyncio.to_thread(select.select, [writer.get_extra_info("socket")], [], [], PATIENCE_SECONDS)
            return False
        return self.mode != "hang-up"

    async def _document(self, request: h11.Request, headers: dict[str, list[str]]) -> object:
        document: object = {"version": self.version, "hostname": f"pod-of-{self.version}"}
        if request.target.startswith((b"/delay/", b"/chunked/")):
            seconds = int(request.target.rpartition(b"/")[2])
            await asyncio.sleep(seconds / SPEED)
            document = {"delay": seconds}
        if request.method == b"POST":
            document = headers | {"X-Api-Version": [self.version]}
        if request.target.startswith(b"/events/"):
            await asyncio.sleep(int(request.target.rpartition(b"/")[2]) / SPEED)
            document = b"id: 0\ndata: x\n\nid: 1\nevent: end\ndata: x\n\n"
            if self.mode == "cut-off":
                document = document[:16]
        if self.mode == "nonsense":
            document = "hello"
        if self.mode == "mixed-up":
            document = headers | {"X-Api-Version": [self.version], NONCE: ["other"]}
        return document
