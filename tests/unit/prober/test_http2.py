"""One connection for calls of gRPC: what becomes of it when the server leaves."""

import asyncio

from prober.http2 import Channel, frame
from prober.target import Target

GOAWAY = 7


def test_a_server_that_leaves_while_no_call_is_under_way_is_left_too() -> None:
    """Nobody would close the connection afterwards: who calls takes another one."""

    async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(frame(GOAWAY, 0, 0, bytes(8)))
        await reader.read()  # until the client has left
        writer.close()
        await writer.wait_closed()

    async def main() -> tuple[bool, bool]:
        async with await asyncio.start_server(leave, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            channel = await Channel.open(Target.parse(f"http://127.0.0.1:{port}/"))
            await channel._reading
            return channel.leaving, channel._writer.is_closing()

    assert asyncio.run(main()) == (True, True)
