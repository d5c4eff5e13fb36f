"""The server: on loopback, on one port, until it is stopped."""

import signal
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

import uvicorn

from cutover.dashboard.board import Board
from cutover.errors import UsageError

if TYPE_CHECKING:
    from cutover.dashboard.guard import Guard

LOOPBACK = "127.0.0.1"
MOST_CONNECTIONS = 200
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def listen(port: int) -> socket.socket:
    """A socket on loopback; port 0 takes a free one. Raises UsageError where the port cannot be had."""
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((LOOPBACK, port))
    except OSError as error:
        found.close()
        raise UsageError(f"port {port} of {LOOPBACK} cannot be had: {error.strerror}", "another one: --port") from None
    return found


def serve(guarded: "Guard", board: Board, sock: socket.socket, begun: Callable[[], None]) -> None:
    """Serve until Ctrl-C, a SIGTERM, or a closed terminal; `begun` hears that it accepts. That is no failure."""
    config = uvicorn.Config(
        guarded, http="h11", ws="none", loop="asyncio", lifespan="off", log_level="critical", access_log=False,
        server_header=False, proxy_headers=False, limit_concurrency=MOST_CONNECTIONS, timeout_graceful_shutdown=2,
    )  # fmt: skip
    server = _Server(config, board, begun)
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    for number in _SIGNALS:
        if before[number] is not signal.SIG_IGN:  # `nohup`
            signal.signal(number, server.handle_exit)
    try:
        server.run(sockets=[sock])
    finally:
        board.close()
        for number, handler in before.items():
            signal.signal(number, handler)


class _Server(uvicorn.Server):
    """Tells its viewers that it ends, as each has a connection that would stay open for ever.

    Not in the signal's handler: that runs between two steps of this very thread, which may hold a lock that is needed.
    """

    def __init__(self, config: uvicorn.Config, board: Board, begun: Callable[[], None]) -> None:
        super().__init__(config)
        self._board = board
        self._begun = begun

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._begun()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._board.close()
        await super().shutdown(sockets)
