"""The connection to the API server: JSON in and out, retries, errors. kubeaccess reads the kubeconfig and logs in.

The HTTP client is imported and made in a thread beside the program, which has other things to wait for: a tenth of a
second that an `up` would otherwise take longer.
"""

import asyncio
import contextlib
import time
from collections.abc import Mapping
from concurrent.futures import Future
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING, Any

from components.cluster.beside import beside
from components.rules.errors import ClusterRefused, ClusterUnreachable
from kubeaccess import Access, KubeconfigError, LoginError, read

if TYPE_CHECKING:
    import httpx2

_KUBEACCESS = Access.__module__.rpartition(".")[0]  # as it is called here: an installed one is below pulumi_cutover
_MODULES = (  # httpx2 imports those of its second line with its first client and first request
    *("yaml", f"{_KUBEACCESS}.loader", f"{_KUBEACCESS}.client"),
    *("httpcore2", "httpcore2._backends.anyio", "anyio._backends._asyncio", "encodings.idna"),
)
_IMPORT_TRIES = 5
SIDE_BY_SIDE = 20  # requests: as many connections as the client keeps open, each more would be a login of its own
RETRY_SECONDS = 30.0  # an API server that restarts is back well within this; a release must not fail for it


class Connection:
    """Requests to one API server. Gets ready in the background once asked to `prepare`, or when first used."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._http: Future[httpx2.AsyncClient] | None = None
        self._turns = asyncio.Semaphore(SIDE_BY_SIDE)

    def prepare(self) -> "Future[httpx2.AsyncClient]":
        """Begin to get ready, without waiting. What goes wrong is raised by the first request."""
        if self._http is None:
            self._http = Future()
            Thread(target=_connect_into, args=(self._http, self._access), daemon=True).start()
        return self._http

    async def json(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
        missing_ok: bool = False,
    ) -> Any:
        """The answer as JSON; {} where `missing_ok` and the object is gone or another one. Raises ClusterUnreachable.

        What a restart or a short overload of the API server explains is tried again for 30 s.
        """
        return await beside(self._json(method, path, params, body, content_type, missing_ok))

    async def once(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str],
        body: Any,
        content_type: str = "application/json",
    ) -> tuple[int, Any]:
        """HTTP status and JSON of the one answer, whatever it is; 0 and {} without one. For what may be left out."""
        return await beside(self._once(method, path, params, body, content_type))

    async def _once(
        self, method: str, path: str, params: Mapping[str, str], body: Any, content_type: str
    ) -> tuple[int, Any]:
        try:
            http = await asyncio.wrap_future(self.prepare())
        except ClusterUnreachable:
            return 0, {}
        import httpx2

        try:
            answer = await http.request(method, path, params=params, json=body, headers={"Content-Type": content_type})
            return answer.status_code, answer.json()
        except (LoginError, httpx2.TransportError, ValueError):  # no JSON: a proxy's page, not the API server
            return 0, {}

    async def _json(
        self, method: str, path: str, params: Mapping[str, str] | None, body: Any, content_type: str, missing_ok: bool
    ) -> Any:
        http, give_up = await asyncio.wrap_future(self.prepare()), time.monotonic() + RETRY_SECONDS
        import httpx2

        while True:
            try:
                async with self._turns:
                    answer = await http.request(
                        method, path, params=params, json=body, headers={"Content-Type": content_type}
                    )
            except LoginError as error:
                raise no_login(str(error)) from None
            except httpx2.TransportError as error:
                problem = f"{type(error).__name__}: {error}"
            else:
                if missing_ok and answer.status_code in (404, 409):
                    return {}
                problem = f"{answer.status_code}, {_message(answer)}"
                if answer.status_code < 400:
                    with contextlib.suppress(ValueError):  # a proxy's page, not the API server
                        return answer.json()
                elif answer.status_code != 429 and answer.status_code < 500:
                    raise _refused(method, path, problem)
            if time.monotonic() > give_up:
                raise _out_of_reach(str(http.base_url), method, path, problem)
            await asyncio.sleep(0.5)

    async def close(self) -> None:
        """Close what is open."""
        if self._http and self._http.done() and not self._http.exception():
            await beside(self._http.result().aclose())


def _connect_into(result: "Future[httpx2.AsyncClient]", access: Access) -> None:
    try:
        result.set_result(_connect(access))
    except BaseException as error:
        result.set_exception(error)


def _connect(access: Access) -> "httpx2.AsyncClient":
    load_modules()
    from kubeaccess.client import async_client

    try:
        return async_client(read(access))
    except KubeconfigError as error:
        raise _no_kubeconfig(str(error)) from None


def load_modules() -> None:
    """Import what a request needs, its late imports too. Raises ModuleNotFoundError where one is really missing.

    When the program's last line has run, the engine's script takes its folder off `sys.path` (runpy). An import in
    another thread that walks the path at that moment skips a folder and finds nothing: so it is tried again. What is
    not named here would be imported by the first request, and tried once.
    """
    for left in reversed(range(_IMPORT_TRIES)):
        try:
            for name in _MODULES:
                import_module(name)
        except ModuleNotFoundError:
            if not left:
                raise
            time.sleep(0.01)
        else:
            return


def _no_kubeconfig(problem: str) -> ClusterUnreachable:
    return ClusterUnreachable(
        f"no usable kubeconfig: {problem}",
        "the gates ask the cluster itself what runs; without an answer no traffic is moved",
        "set KUBECONFIG, or `pulumi config set kubernetes:kubeconfig` and `kubernetes:context`; docs/cluster-access.md "
        "has what is supported",
    )


def no_login(problem: str) -> ClusterUnreachable:
    """The error of a login that could not be had."""
    return ClusterUnreachable(
        f"no login to the cluster: {problem}",
        "the gates ask the cluster itself what runs; without an answer no traffic is moved",
        "log in again, or install what `users[].user.exec` of the kubeconfig names",
    )


def _refused(method: str, path: str, problem: str) -> ClusterRefused:
    return ClusterRefused(
        f"{method} {path} was refused: {problem}",
        "the gates ask the cluster itself what runs; without an answer no traffic is moved",
        "give the deployer the Role in docs/rbac.yaml: `kubectl apply -n <namespace> -f docs/rbac.yaml`",
    )


def _out_of_reach(server: str, method: str, path: str, problem: str) -> ClusterUnreachable:
    return ClusterUnreachable(
        f"the API server {server} gave no good answer for {RETRY_SECONDS:g} s ({method} {path}: {problem})",
        "the gates ask the cluster itself what runs; without an answer no traffic is moved",
        "check `kubectl get --raw /readyz` with the same kubeconfig and context, then `pulumi up`",
    )


def _message(answer: "httpx2.Response") -> str:
    try:
        found = answer.json()
    except ValueError:  # a proxy's page, not the API server
        found = None
    said = found.get("message") if isinstance(found, dict) else None
    return str(said or answer.text[:500])
