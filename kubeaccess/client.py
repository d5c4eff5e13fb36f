"""The HTTP clients for an identity, synchronous and asynchronous. The environment is read as Go's programs do."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from typing import Any

import httpx2

from kubeaccess.errors import KubeconfigError
from kubeaccess.identity import Identity
from kubeaccess.login import Login, impersonation_headers
from kubeaccess.plain import REQUEST_SECONDS
from kubeaccess.plugin import Credential
from kubeaccess.proxies import proxy_for
from kubeaccess.tls import context_of


def client(identity: Identity) -> httpx2.Client:
    """A client that waits. Raises KubeconfigError where a certificate or a proxy cannot be used."""
    return httpx2.Client(**_settings(identity))


def async_client(identity: Identity) -> httpx2.AsyncClient:
    """An asynchronous client; the same."""
    return httpx2.AsyncClient(**_settings(identity))


class _Auth(httpx2.Auth):
    """Signs each request, and once more after a 401 where a plugin gives another credential."""

    def __init__(self, identity: Identity, login: Login) -> None:
        self._server_name, self._login = identity.cluster.server_name, login

    def sync_auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """The flow of a client that waits."""
        used = self._login.current()
        response = yield self._signed(request, used)
        if response.status_code == 401 and self._login.can_renew:
            yield self._signed(request, self._login.renewed(used))

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """The flow of an asynchronous client; a plugin runs in a thread."""
        login = self._login
        used = await asyncio.to_thread(login.current) if login.can_renew else login.current()
        response = yield self._signed(request, used)
        if response.status_code == 401 and login.can_renew:
            yield self._signed(request, await asyncio.to_thread(login.renewed, used))

    def _signed(self, request: httpx2.Request, credential: Credential) -> httpx2.Request:
        request.headers.update(self._login.headers(credential))
        if self._server_name:
            request.extensions = {**request.extensions, "sni_hostname": self._server_name}
        return request


def _settings(identity: Identity) -> dict[str, Any]:
    tls = context_of(identity.cluster, identity.user)
    proxy = proxy_for(identity.cluster)
    if proxy and proxy.startswith("socks5"):
        _check_socks()
    return {
        "base_url": identity.cluster.server,
        "headers": list(impersonation_headers(identity)),
        "verify": tls,
        "auth": _Auth(identity, Login(identity, tls)),
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
