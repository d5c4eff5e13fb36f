"""The targets that requests may go to: loopback and the sandbox's network, any other host only where it is named.

The name is resolved once and the address kept, so that what was checked is what gets the requests.
"""

import ipaddress
import re
import socket
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

# 198.18.0.0/15 is set aside for benchmarking (RFC 2544); the sandbox takes its node, pod and Service addresses from it.
ALLOWED_NETWORKS = (
    ipaddress.ip_network("127.0.0.0/8"),
    ipaddress.ip_network("::1/128"),
    ipaddress.ip_network("198.18.0.0/15"),
)
_PORTS = {"http": 80, "https": 443}
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", re.IGNORECASE)
_AS_IT_IS = "/%:@!$&'()*+,;=-._~?"  # of a path and a query


class TargetRefusedError(ValueError):
    """The URL is not one that the prober sends requests to."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """One URL: `host` as given, `address` as resolved (where connections go), `path` and query.

    `named` is the host that is asked for there, where it is another one: as a client does whose DNS knows it.
    """

    host: str
    address: str
    port: int
    path: str = "/"
    secure: bool = False
    named: str = ""

    @property
    def url(self) -> str:
        """The target as a URL, without a path where there is none."""
        return f"{self._scheme}://{self._with_port(self.host)}{'' if self.path == '/' else self.path}"

    @property
    def shown(self) -> str:
        """The URL as it may be shown: without its query, which may hold a secret."""
        return self.url.partition("?")[0]

    @property
    def host_header(self) -> str:
        """Host and port as clients send them: without the scheme's own port, by which some proxies find no route."""
        return self._with_port(self.asked)

    @property
    def asked(self) -> str:
        """The host that is asked for: in the Host header, and in the handshake of TLS."""
        return self.named or self.host

    def _with_port(self, host: str) -> str:
        host = f"[{host}]" if ":" in host else host
        return host if self.port == _PORTS[self._scheme] else f"{host}:{self.port}"

    @property
    def _scheme(self) -> str:
        return "https" if self.secure else "http"

    @classmethod
    def parse(cls, url: str, *, allowed_hosts: Collection[str] = (), named: str = "") -> "Target":
        """The target that `url` names; raises TargetRefusedError where traffic to it was not asked for by name."""
        if named and not _NAME.fullmatch(named):
            raise TargetRefusedError(f"{named!r} is no name of a host, as shop.example.com is.")
        parts = urlsplit(url)
        if "@" in parts.netloc:
            raise TargetRefusedError(f"the URL of {parts.hostname} has a user in it; the prober logs in nowhere.")
        if parts.scheme not in _PORTS or not parts.hostname or not parts.hostname.isascii():
            shown = url.partition("?")[0]
            raise TargetRefusedError(f"{shown!r} is not of the form http[s]://host[:port][/path].")
        host, port = parts.hostname, _port(url)
        try:
            address = str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])
        except socket.gaierror as error:
            raise TargetRefusedError(f"{host!r} does not resolve ({error.strerror}); give its IP address.") from error
        if host not in allowed_hosts and not _is_ours(address):
            networks = ", ".join(str(network) for network in ALLOWED_NETWORKS)
            raise TargetRefusedError(
                f"{host} ({address}) is outside {networks}: steady load on a machine that did not ask for it is an "
                f"attack. If it is yours, name it: allowed_hosts=[{host!r}], or --allow-host {host}."
            )
        path = quote(parts.path or "/", safe=_AS_IT_IS) + (
            f"?{quote(parts.query, safe=_AS_IT_IS)}" if parts.query else ""
        )
        return cls(host=host, address=address, port=port, path=path, secure=parts.scheme == "https", named=named)


def _port(url: str) -> int:
    parts = urlsplit(url)
    try:
        return parts.port or _PORTS[parts.scheme]
    except ValueError as error:
        raise TargetRefusedError(f"{parts.scheme}://{parts.netloc}: {error}") from error


def _is_ours(address: str) -> bool:
    ip = ipaddress.ip_address(address)
    return any(ip in network for network in ALLOWED_NETWORKS if network.version == ip.version)
