"""Where requests may go: loopback and the sandbox's network, anything else only where the caller names the host.

The name is resolved once and the address kept, so that what was checked is what gets the requests.
"""

import ipaddress
import socket
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

# 198.18.0.0/15 is set aside for benchmarking (RFC 2544); the sandbox takes its node, pod and Service addresses from it.
ALLOWED_NETWORKS = (
    ipaddress.ip_network("127.0.0.0/8"),
    ipaddress.ip_network("::1/128"),
    ipaddress.ip_network("198.18.0.0/15"),
)


class TargetRefusedError(ValueError):
    """The URL is not one that the prober sends requests to."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """One `http://host:port`: `host` as given (the Host header), `address` as resolved (where connections go)."""

    host: str
    address: str
    port: int

    @property
    def url(self) -> str:
        """The target as a URL without a path."""
        return f"http://{self.authority}"

    @property
    def authority(self) -> str:
        """`host:port`, an IPv6 host in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @classmethod
    def parse(cls, url: str, *, allowed_hosts: Collection[str] = ()) -> "Target":
        """The target that `url` names; raises TargetRefusedError where traffic to it was not asked for by name."""
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise TargetRefusedError(f"{url!r} is not of the form http://host:port, the only one the prober speaks.")
        if parts.path not in ("", "/") or parts.query:
            raise TargetRefusedError(
                f"{url!r} has a path; each kind of client brings its own. Give http://host:port only."
            )
        host, port = parts.hostname, parts.port or 80
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
        return cls(host=host, address=address, port=port)


def _is_ours(address: str) -> bool:
    ip = ipaddress.ip_address(address)
    return any(ip in network for network in ALLOWED_NETWORKS if network.version == ip.version)
