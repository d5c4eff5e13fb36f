"""A kept connection that the server ends ends at once, not at its next use: the pod is still there to hear of it."""

import asyncio
from contextlib import suppress

import pytest

from prober.connection import Connection, StaleError
from prober.target import Target
from tests.patience import PATIENCE_SECONDS

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


async def served(*, then: bytes = b"", resets: bool = False) -> None:
    """One answer; then the server ends the idle connection, after `then`, and hears whether the client ends it too."""
    ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWER)
        await writer.drain()
        await resting.wait()
        if resets:
            writer.transport.abort()
        else:
            writer.write(then)
            writer.write_eof()
            with suppress(ConnectionResetError):  # what the client has not read it answers with a RST
                assert await reader.read() == b""
            writer.close()
        ended.set()

    resting = asyncio.Event()
    async with asyncio.timeout(PATIENCE_SECONDS), await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        connection = await Connection.open(Target.parse(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
        assert (await connection.exchange("GET", "/", [], b"")).body == b"ok"
        assert connection.reusable
        resting.set()
        await ended.wait()
        with pytest.raises(StaleError):
            await connection.exchange("GET", "/", [], b"")
        connection.close()


@pytest.mark.parametrize("then", [b"", b"HTTP/1.1 408 Request Timeout\r\n\r\n"])
def test_an_idle_connection_ends_with_the_server(then: bytes) -> None:
    asyncio.run(served(then=then))


def test_one_that_was_reset_is_stale() -> None:
    asyncio.run(served(resets=True))


def test_one_that_nobody_ends_is_used_again() -> None:
    async def twice() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for _ in range(2):
                await reader.readuntil(b"\r\n\r\n")
                writer.write(ANSWER)
            writer.close()

        async with asyncio.timeout(PATIENCE_SECONDS), await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            connection = await Connection.open(Target.parse(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
            for _ in range(2):
                assert (await connection.exchange("GET", "/", [], b"")).body == b"ok"
                assert connection.reusable
            connection.close()

    asyncio.run(twice())
