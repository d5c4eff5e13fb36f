"""The HTTP clients for an identity, synchronous and asynchronous. The environment is read as Go's programs do."""

import os
from typing import Any

import httpx2

from kubeaccess.errors import KubeconfigError
from kubeaccess.identity import Identity
from kubeaccess.login import Login, impersonation_headers
from kubeaccess.proxies import proxy_of
from kubeaccess.tls import context_of

REQUEST_SECONDS = 10.0


def client(identity: Identity) -> httpx2.Client:
    """A client that waits. Raises KubeconfigError where a certificate or a proxy cannot be used."""
    return httpx2.Client(**_settings(identity))


def async_client(identity: Identity) -> httpx2.AsyncClient:
    """An asynchronous client; the same."""
    return httpx2.AsyncClient(**_settings(identity))


def _settings(identity: Identity) -> dict[str, Any]:
    tls = context_of(identity.cluster, identity.user)
    proxy = identity.cluster.proxy or proxy_of(identity.cluster.server, os.environ)
    if proxy and proxy.startswith("socks5"):
        _check_socks()
    return {
        "base_url": identity.cluster.server,
        "headers": list(impersonation_headers(identity)),
        "verify": tls,
        "auth": Login(identity, tls),
        "proxy": proxy or None,
        "trust_env": False,  # it would take ALL_PROXY and ~/.netrc, which kubectl does not know
        "timeout": REQUEST_SECONDS,
    }


def _check_socks() -> None:
    try:
        import socksio  # noqa: F401
    except ImportError:
        raise KubeconfigError(
            "a proxy with socks5:// needs the package socksio: `pip install socksio`, or use a proxy with http://"
        ) from None
