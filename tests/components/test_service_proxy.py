"""Requests through the API server's service proxy: what comes back, the limit of time and of size."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kubeaccess import Access as ClusterAccess
from tests.components.api_server import Api, ask, kubeconfig


def test_an_answer_through_a_service_is_what_it_is(api: Api) -> None:
    api.answers = [(418, "teapot")]
    access = ClusterAccess(kubeconfig(api))
    assert ask(access, "get_through_service", "shop-green", "/version", 5.0) == (418, '"teapot"')
    assert api.asked[0][1] == "/api/v1/namespaces/ns/services/http:shop-green:http/proxy/version"


@pytest.mark.parametrize("path", ["/../../../secrets/x", "/%2e%2e/x", "//host/x"])
def test_a_path_that_leaves_the_service_is_not_asked(api: Api, path: str) -> None:
    access = ClusterAccess(kubeconfig(api))
    assert ask(access, "get_through_service", "shop-green", path, 5.0) == (0, "the path leaves the Service")
    assert api.asked == []


class Dripping(BaseHTTPRequestHandler):
    """Sends a byte now and then, for ever."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(OSError):
            while not self.server.over.wait(0.05):  # type: ignore[attr-defined]
                self.wfile.write(b"x")

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class Flooding(Dripping):
    """Sends as much as is taken, for ever."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(OSError):
            while not self.server.over.is_set():  # type: ignore[attr-defined]
                self.wfile.write(b"y" * 65536)


@contextlib.contextmanager
def endless(handler: type[BaseHTTPRequestHandler]) -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.over = threading.Event()  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.over.set()  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()


def test_an_answer_that_drips_is_given_up() -> None:
    """Each byte comes in time, the answer never ends: without a limit for all of it this test would hang."""
    with endless(Dripping) as server:
        found = ask(ClusterAccess(kubeconfig(server)), "get_through_service", "shop", "/", 0.5)
    assert found == (0, "no whole answer within 0.5 s")


def test_of_an_answer_without_end_the_first_mib_counts() -> None:
    with endless(Flooding) as server:
        status, body = ask(ClusterAccess(kubeconfig(server)), "get_through_service", "shop", "/", 30.0)
    assert (status, len(body), set(body)) == (200, 1024 * 1024, {"y"})
