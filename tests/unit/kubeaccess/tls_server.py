"""An API server with TLS for tests, and kubeconfigs that name it."""

import base64
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.cluster.pki import Pair, issue, new_authority
from tests.relay import carry, listening
from tests.unit.cutover.servers import Reply, Request, Server, serve

TOKEN = "t0ken-that-must-not-show"


@dataclass(frozen=True)
class Secured:
    """A server, its authority, and a folder with `ca.crt`, `client.crt`, `client.key` and `token`."""

    server: Server
    authority: Pair
    client: Pair
    folder: Path

    @property
    def sent(self) -> dict[str, str]:
        """The headers of the last request."""
        return self.server.requests[-1].headers


@contextmanager
def secured(
    folder: Path,
    *replies: Reply,
    host: str = "127.0.0.1",
    asks_certificate: bool = False,
    answers: Callable[[Request], Reply] | None = None,
) -> Iterator[Secured]:
    """Run a server whose certificate is for `host`. `answers` gives the reply to a request instead of the list."""
    authority = new_authority("test-ca")
    served, client = issue(authority, "server", hosts=(host,)), issue(authority, "somebody")
    for name, content in (
        ("ca.crt", authority.certificate_pem), ("client.crt", client.certificate_pem), ("client.key", client.key_pem),
        ("server.pem", served.key_pem + served.certificate_pem), ("token", f"{TOKEN}\n".encode()),
    ):  # fmt: skip
        (folder / name).write_bytes(content)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    if asks_certificate:
        context.load_verify_locations(folder / "ca.crt")
        context.verify_mode = ssl.CERT_REQUIRED
    with serve(*replies, answers=answers, tls=context) as server:
        yield Secured(server, authority, client, folder)


@contextmanager
def tunnel(port: int) -> Iterator[tuple[str, list[str]]]:
    """A proxy that answers each CONNECT with a tunnel to a port here; its address, and what it was asked for."""
    asked: list[str] = []

    def serve(near: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += near.recv(4096)
        asked.append(head.split(b"\r\n")[0].decode())
        with near, socket.create_connection(("127.0.0.1", port)) as far:
            near.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            carry(near, far)

    with listening(serve) as own:
        yield f"http://127.0.0.1:{own}", asked


def encoded(content: bytes) -> str:
    """Base64, as the `-data` fields have it."""
    return base64.b64encode(content).decode()


def config(server: str, cluster: dict[str, Any], user: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    """A kubeconfig of one context, `c`."""
    named = {"cluster": "c"} | ({"user": "u"} if user is not None else {})
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": server} | cluster}],
        "users": [{"name": "u", "user": user or {}}],
        "contexts": [{"name": "c", "context": named}],
        "current-context": "c",
    } | more
