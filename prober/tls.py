"""TLS between a connection's socket and its HTTP: bytes in, bytes out; the socket stays with its owner.

Over memory, because a TLS socket would hide what the connection wants to see: a FIN or a RST that waits in the kernel.
Certificates are checked against the system's store, or the file that SSL_CERT_FILE names.
"""

import asyncio
import socket
import ssl
from contextlib import suppress
from functools import cache

_READ_BYTES = 64 * 1024


@cache
def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


class Tls:
    """One session, as the client. Its methods raise ssl.SSLError."""

    def __init__(self, host: str) -> None:
        self._received, self._to_send = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._session = _context().wrap_bio(self._received, self._to_send, server_hostname=host)
        self.ended = False  # the server said that nothing more will come

    async def handshake(self, sock: socket.socket) -> None:
        """Agree on keys and check the server's certificate; also raises OSError. The caller bounds the time."""
        loop = asyncio.get_running_loop()
        while True:
            done = self._shake()
            if data := self._to_send.read():
                await loop.sock_sendall(sock, data)
            if done:
                return
            if not (data := await loop.sock_recv(sock, _READ_BYTES)):
                raise ssl.SSLEOFError("the server closed the connection during the handshake")
            self._received.write(data)

    def encrypt(self, data: bytes) -> bytes:
        """The bytes that go over the wire for `data`."""
        self._session.write(data)
        return self._to_send.read()

    def decrypt(self, data: bytes) -> bytes:
        """The bytes that came over the wire, in clear; may be empty without meaning the end."""
        self._received.write(data)
        clear = bytearray()
        with suppress(ssl.SSLWantReadError):  # there is no more for now
            while piece := self._session.read(_READ_BYTES):
                clear += piece
            self.ended = True
        return bytes(clear)

    def _shake(self) -> bool:
        try:
            self._session.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True
