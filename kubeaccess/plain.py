"""Requests to an API server by the standard library alone: for who waits, and has to begin at once.

httpx2 takes a third of the processor time of a short command to import. Where a proxy is in between, it is used all the
same. One try per request; what came of it is an `Answer`, or RequestError.
"""

import http.client
import json
import select
import socket
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, urlencode, urlsplit

from kubeaccess.identity import Identity
from kubeaccess.login import Login, impersonation_headers
from kubeaccess.proxies import proxy_for
from kubeaccess.tls import context_of

REQUEST_SECONDS = 10.0  # of each wait for the other side
_PATH_SAFE = "/%:@!$&'()*+,;=~"


class RequestError(Exception):
    """The request got no answer: no connection, a broken one, or none in time."""


@dataclass(frozen=True)
class Answer:
    """The answer of the server; `body` is as it was sent."""

    status: int
    body: bytes


class Requests(Protocol):
    """One API server as one identity. From any thread."""

    def ask(self, method: str, path: str, params: Mapping[str, str], body: Any, content_type: str) -> Answer:
        """The answer to a request; `body` is sent as JSON unless it is None. Raises RequestError, LoginError."""

    def close(self) -> None:
        """End the connections."""


def requests(identity: Identity) -> Requests:
    """The requests of an identity. Raises KubeconfigError where a certificate or a proxy cannot be used."""
    return _Proxied(identity) if proxy_for(identity.cluster) else _Direct(identity)


class _Direct:
    """Keeps the connections that are free. A connection serves one thread at a time."""

    def __init__(self, identity: Identity) -> None:
        server = urlsplit(identity.cluster.server)
        self._is_secure, self._host, self._port = server.scheme == "https", server.hostname or "", server.port
        self._base, self._server_name = server.path, identity.cluster.server_name
        self._tls = context_of(identity.cluster, identity.user)
        self._login = Login(identity, self._tls)
        self._whom = [(name, value.encode()) for name, value in impersonation_headers(identity)]
        self._free: deque[http.client.HTTPConnection] = deque()

    def ask(self, method: str, path: str, params: Mapping[str, str], body: Any, content_type: str) -> Answer:
        """See `Requests`."""
        target = self._base + quote(path, safe=_PATH_SAFE) + (f"?{urlencode(params)}" if params else "")
        data = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
        used = self._login.current()
        try:
            answer = self._sent(method, target, data, content_type, self._login.headers(used))
            if answer.status == 401 and self._login.can_renew:
                renewed = self._login.headers(self._login.renewed(used))
                answer = self._sent(method, target, data, content_type, renewed)
        except (OSError, http.client.HTTPException) as error:
            raise RequestError(f"{type(error).__name__}: {error}") from None
        return answer

    def close(self) -> None:
        """See `Requests`."""
        while self._free:
            self._free.pop().close()

    def _sent(self, method: str, target: str, data: bytes, content_type: str, signed: Mapping[str, str]) -> Answer:
        connection = self._connected()
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            headers = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "cutover", **signed}
            if data:
                headers |= {"Content-Type": content_type, "Content-Length": str(len(data))}
            for name, value in headers.items():
                connection.putheader(name, value)
            for name, whom in self._whom:
                connection.putheader(name, whom)
            connection.endheaders(data or None)
            response = connection.getresponse()
            content = response.read()
        except BaseException:
            connection.close()
            raise
        if response.will_close:
            connection.close()
        else:
            self._free.append(connection)
        return Answer(response.status, _unpacked(content, response.getheader("Content-Encoding") or ""))

    def _connected(self) -> http.client.HTTPConnection:
        """A free connection that the server has not closed meanwhile, or a new one."""
        while self._free:
            kept = self._free.pop()
            if kept.sock and not select.select([kept.sock], [], [], 0)[0]:
                return kept
            kept.close()
        if not self._is_secure:
            return http.client.HTTPConnection(self._host, self._port, timeout=REQUEST_SECONDS)
        made = http.client.HTTPSConnection(self._host, self._port, timeout=REQUEST_SECONDS, context=self._tls)
        if self._server_name:  # what the certificate has to name, in place of the host
            plain = socket.create_connection((self._host, made.port), REQUEST_SECONDS)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            made.sock = self._tls.wrap_socket(plain, server_hostname=self._server_name)
        return made


class _Proxied:
    """The same through httpx2, which knows the ways of proxies."""

    def __init__(self, identity: Identity) -> None:
        from kubeaccess.client import client

        self._http = client(identity)

    def ask(self, method: str, path: str, params: Mapping[str, str], body: Any, content_type: str) -> Answer:
        """See `Requests`."""
        import httpx2

        headers = {"Content-Type": content_type}
        try:
            answer = self._http.request(method, path, params=params, json=body, headers=headers)
        except httpx2.HTTPError as error:
            raise RequestError(f"{type(error).__name__}: {error}") from None
        return Answer(answer.status_code, answer.content)

    def close(self) -> None:
        """See `Requests`."""
        self._http.close()


def _unpacked(content: bytes, encoding: str) -> bytes:
    if encoding != "gzip":
        return content
    import gzip
    import zlib

    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise http.client.HTTPException(f"a broken answer: {error}") from None
