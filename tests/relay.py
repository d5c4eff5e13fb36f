"""Connections that are passed on, byte for byte, to a server elsewhere."""

import contextlib
import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_CHUNK_BYTES = 65_536


@contextmanager
def listening(serve: Callable[[socket.socket], object]) -> Iterator[int]:
    """A port on loopback; each connection to it is handed to `serve` in a thread of its own."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(near,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def carry(near: socket.socket, far: socket.socket, answering: threading.Event | None = None) -> None:
    """Pass bytes both ways until one side ends; while `answering` is not set, nothing gets through."""
    other = {near: far, far: near}
    with contextlib.suppress(OSError):  # a client that was killed resets its connection
        while True:
            for ready in select.select(list(other), [], [])[0]:
                piece = ready.recv(_CHUNK_BYTES)
                if not piece:
                    return
                if answering:
                    answering.wait()
                other[ready].sendall(piece)
