"""The server that runs in the pods: `python server.py VERSION`, with the standard library only.

On SIGTERM, by RESPONDER_ON_TERM: `drain` (answers with `Connection: close` from then on, listens for another second,
and ends when nothing is under way), `exit` (at once), `ignore` (goes on until it is killed). POST /panic ends it with
255. After POST /sick/enable it answers what names its version with 500, and is as ready as before.

RESPONDER_ANNOUNCE_SECONDS is that second, for tests on machines that are slower than it.

With RESPONDER_BACKEND, the URL of another responder, it asks that one before it names its version: what it then says is
one version where both are of the same, `1.0.0+1.1.0` where they are not, and 502 where there was no answer.

It also answers calls of gRPC (calls.py beside this file), and at RESPONDER_MORE_PORT, a second port, all the same. With
RESPONDER_FORWARD, `host:port`, it is a proxy instead, as a mesh puts one beside an application: each connection goes on
there. Told to stop, it ends when no connection is left.
"""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # its interpreter knows no folder but its own library's
from traffic.responder.calls import Channel

PORT = int(os.environ.get("RESPONDER_PORT", "9898"))
MORE_PORT = int(os.environ.get("RESPONDER_MORE_PORT", "0"))
FORWARD = os.environ.get("RESPONDER_FORWARD", "")
ANNOUNCE_SECONDS = float(os.environ.get("RESPONDER_ANNOUNCE_SECONDS", "1"))
FLUSH_SECONDS = 0.1
EVENT_SECONDS = 0.25

Headers = list[tuple[str, str]]
Converse = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

BACKEND = os.environ.get("RESPONDER_BACKEND", "").removeprefix("http://")
BACKEND_SECONDS = 1.5  # less than its own clients wait


class Responder:
    """One server; `active` counts the requests that are under way."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.pod = socket.gethostname()
        self.ready = True
        self.sick = False
        self.leaving = False
        self.active = 0
        self._channels: set[Channel] = set()
        self._idle = asyncio.Event()

    async def serve(self) -> None:
        """Until SIGTERM and what follows from it."""
        servers = [await _listen(port, self._converse) for port in (PORT, MORE_PORT) if port]
        told = asyncio.Event()
        on_term = os.environ.get("RESPONDER_ON_TERM", "drain")
        if on_term == "drain":
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
        else:
            signal.signal(signal.SIGTERM, lambda *_: os._exit(1) if on_term == "exit" else None)
        await told.wait()
        self.leaving = True
        for channel in self._channels:
            channel.ask_for_no_more()
        await asyncio.sleep(ANNOUNCE_SECONDS)
        for server in servers:
            server.close()
        for channel in list(self._channels):
            channel.leave()
        while self.active:
            self._idle.clear()
            await self._idle.wait()
        await asyncio.sleep(FLUSH_SECONDS)
        os._exit(0)  # in peace: the end of the loop would cancel, loudly, what waits on connections that nobody uses

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                self.active += 1
                try:
                    keep = await self._answer(head, reader, writer)
                    await writer.drain()
                finally:
                    self.active -= 1
                    self._idle.set()
                if not keep:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return  # the client has left
        finally:
            writer.close()

    async def _calls(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        channel = Channel({"version": await self._versions(), "hostname": self.pod}, reader, writer)
        self._channels.add(channel)
        try:
            if self.leaving:
                channel.ask_for_no_more()
            await channel.serve()
        finally:
            self._channels.discard(channel)
        return False

    async def _answer(self, head: list[str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        method, path, protocol = head[0].split(" ", 2)
        if protocol == "HTTP/2.0":
            return await self._calls(reader, writer)
        headers = [
            (name.strip().title(), value.strip()) for name, _, value in (line.partition(":") for line in head[1:-2])
        ]
        size = int(dict(headers).get("Content-Length", 0))
        if size:
            await reader.readexactly(size)
        word, _, number = path.strip("/").partition("/")
        if word == "events":
            return await self._events(int(number), writer)
        if word in ("delay", "chunked"):
            await asyncio.sleep(int(number))
            return self._send(writer, 200, {"delay": int(number)})
        try:
            status, document = await self._document(method, path, headers)
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            status, document = 502, {"backend": repr(error)}
        return self._send(writer, status, document)

    async def _document(self, method: str, path: str, headers: Headers) -> tuple[int, object]:
        if path in ("/sick/enable", "/sick/disable"):
            self.sick = path.endswith("enable")
            return 202, {}
        if self.sick and path in ("/headers", "/version", "/api/info"):
            return 500, {"sick": True}
        if path == "/headers" and method == "POST":
            return 200, {name: [value] for name, value in headers} | {"X-Api-Version": [await self._versions()]}
        if path in ("/readyz/enable", "/readyz/disable"):
            self.ready = path.endswith("enable")
            return 202, {}
        if path in ("/readyz", "/healthz"):
            well = path == "/healthz" or (self.ready and not self.leaving)
            return (200 if well else 503), {}
        if path == "/panic":
            os._exit(255)
        if path in ("/version", "/api/info"):
            return 200, {"version": await self._versions(), "hostname": self.pod}
        return 404, {"path": path}

    async def _versions(self) -> str:
        if not BACKEND:
            return self.version
        async with asyncio.timeout(BACKEND_SECONDS):
            host, _, port = BACKEND.partition(":")
            reader, writer = await asyncio.open_connection(host, int(port or 80))
            try:
                writer.write(f"GET /version HTTP/1.1\r\nHost: {BACKEND}\r\n\r\n".encode())
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                size = int(head.partition("Content-Length: ")[2].partition("\r\n")[0])
                behind = json.loads(await reader.readexactly(size))["version"]
            finally:
                writer.close()
        return self.version if behind == self.version else f"{self.version}+{behind}"

    def _send(self, writer: asyncio.StreamWriter, status: int, document: object) -> bool:
        body = json.dumps(document).encode()
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{self._farewell}\r\n".encode() + body)
        return not self.leaving

    async def _events(self, seconds: int, writer: asyncio.StreamWriter) -> bool:
        """Server-sent events, one every quarter of a second; the last one is called `end`."""
        head = (
            f"HTTP/1.1 200 X\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n{self._farewell}\r\n"
        )
        writer.write(head.encode())
        left = self.leaving
        count = int(seconds / EVENT_SECONDS)
        for number in range(count):
            await asyncio.sleep(EVENT_SECONDS)
            _chunk(writer, f"id: {number}\ndata: {self.version} {self.pod}\n\n")
            await writer.drain()
        _chunk(writer, f"id: {count}\nevent: end\ndata: {self.version} {self.pod}\n\n")
        writer.write(b"0\r\n\r\n")
        return not left

    @property
    def _farewell(self) -> str:
        return "Connection: close\r\n" if self.leaving else ""


class Proxy:
    """A proxy in front of another port; `open` counts its connections."""

    def __init__(self, target: str) -> None:
        self.host, _, self.port = target.partition(":")
        self.open = 0
        self._idle = asyncio.Event()

    async def serve(self) -> None:
        """Until SIGTERM, and then until the last connection has ended."""
        await _listen(PORT, self._relay)
        told = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
        await told.wait()
        await asyncio.sleep(ANNOUNCE_SECONDS)
        while self.open:
            self._idle.clear()
            await self._idle.wait()
        os._exit(0)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            behind, ahead = await asyncio.open_connection(self.host, int(self.port))
            await asyncio.gather(_copy(reader, ahead), _copy(behind, writer))
        except OSError:
            pass  # nobody is there yet, or any more: the client sees its connection end
        finally:
            writer.close()
            self.open -= 1
            self._idle.set()


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    except ConnectionError:
        pass
    finally:
        sink.close()


async def _listen(port: int, converse: Converse) -> asyncio.Server:
    listener = socket.create_server(("", port), backlog=1024)
    return await asyncio.start_server(converse, sock=listener, backlog=1024)


def _chunk(writer: asyncio.StreamWriter, text: str) -> None:
    writer.write(f"{len(text):x}\r\n{text}\r\n".encode())


if __name__ == "__main__":
    asyncio.run((Proxy(FORWARD) if FORWARD else Responder(sys.argv[1])).serve())
