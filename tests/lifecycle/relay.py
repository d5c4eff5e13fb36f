"""A way to an API server that can be blocked: for those who come by it, the server stops answering."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import yaml

_CHUNK_BYTES = 65_536
_DIAL_SECONDS = 10.0


class Relay:
    """Passes bytes between its port on loopback and a server. While it is blocked, a connection is taken and nothing
    comes back, as with a server that was stopped.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = host, port
        self._open = threading.Event()
        self._open.set()
        self._over = False
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def block(self) -> None:
        self._open.clear()

    def unblock(self) -> None:
        self._open.set()

    def close(self) -> None:
        self._over = True
        for one in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._open.set()

    def _accept(self) -> None:
        while not self._over:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._sockets.append(client)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        self._open.wait()
        with client:
            try:
                server = socket.create_connection(self._target, _DIAL_SECONDS)
            except OSError:
                return
            server.settimeout(None)
            self._sockets.append(server)
            with server:
                back = threading.Thread(target=self._pump, args=(server, client), daemon=True)
                back.start()
                self._pump(client, server)
                back.join()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK_BYTES):
                self._open.wait()
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)


@contextmanager
def relayed(kubeconfig: Path) -> Iterator[Relay]:
    """A relay in front of the server of a kubeconfig, which leads through it from then on."""
    content = yaml.safe_load(kubeconfig.read_text())
    (entry,) = content["clusters"]
    server = urlsplit(entry["cluster"]["server"])
    assert server.hostname, server
    relay = Relay(server.hostname, server.port or 443)
    entry["cluster"] |= {"server": f"https://127.0.0.1:{relay.port}", "tls-server-name": server.hostname}
    kubeconfig.write_text(yaml.safe_dump(content))
    try:
        yield relay
    finally:
        relay.close()
