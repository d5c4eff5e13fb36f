"""The proxy that Go's programs, so kubectl and the provider, would take from the environment.

HTTP_PROXY, HTTPS_PROXY and NO_PROXY count, in capitals or not; ALL_PROXY does not. This machine itself is never asked
through one.
"""

import ipaddress
import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from kubeaccess.entries import Cluster
from kubeaccess.identity import check_proxy


def proxy_for(cluster: Cluster) -> str | None:
    """The proxy that the kubeconfig names for a cluster, else that of the environment; None where there is none. Raises
    KubeconfigError for one that cannot be used.
    """
    return cluster.proxy or proxy_of(cluster.server, os.environ)


def proxy_of(server: str, environ: Mapping[str, str]) -> str | None:
    """The proxy for an API server; None where there is none. Raises KubeconfigError for one that cannot be used."""
    parts = urlsplit(server)
    name = f"{parts.scheme.upper()}_PROXY"
    url = environ.get(name) or environ.get(name.lower()) or ""
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    if not url or _is_local(host) or _is_excepted(host, port, environ.get("NO_PROXY") or environ.get("no_proxy") or ""):
        return None
    url = url if "://" in url else f"http://{url}"
    check_proxy(url, f"{name} of the environment")
    return url


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_local(host: str) -> bool:
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _is_excepted(host: str, port: int, excepted: str) -> bool:
    return any(_matches(host, port, rule.strip().lower()) for rule in excepted.split(","))


def _matches(host: str, port: int, rule: str) -> bool:
    """One entry of NO_PROXY: `*`, a network, or a host (with all below it) or an address, with a port or without."""
    address = _address(host)
    if "/" in rule:
        try:
            return address is not None and address in ipaddress.ip_network(rule, strict=False)
        except ValueError:
            return False
    name, colon, number = rule.rpartition(":")
    if colon and number.isdigit() and (":" not in name or name.endswith("]")):
        if int(number) != port:
            return False
        rule = name
    if rule == "*":
        return True
    if address:
        return _address(rule.strip("[]")) == address
    domain = rule.removeprefix("*")
    below = f".{domain.removeprefix('.')}"
    return len(below) > 1 and (host == domain or host.endswith(below))
