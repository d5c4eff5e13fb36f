"""Requests by the standard library alone: what is sent, what is kept open, what counts as no answer."""

import contextlib
import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import yaml

from kubeaccess import Access, read
from kubeaccess.plain import Answer, RequestError, Requests, requests
from tests.unit.cutover.servers import Reply, serve
from tests.unit.kubeaccess.tls_server import config

JSON = "application/json"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


@contextlib.contextmanager
def asking(url: str, **user: object) -> Iterator[Requests]:
    http = requests(read(Access(yaml.safe_dump(config(url, {}, user or {"token": "t"})))))
    with contextlib.closing(http):
        yield http


def test_path_query_and_body_are_sent_as_they_are_meant() -> None:
    with serve(Reply(201, '{"a": 1}')) as server, asking(f"{server.url}/k8s/c-1") as http:
        answer = http.ask("PATCH", "/x/ä b", {"fieldManager": "a b&c"}, [{"op": "test"}], "application/json-patch+json")
    assert answer == Answer(201, b'{"a": 1}')
    (sent,) = server.requests
    assert (sent.method, sent.path) == ("PATCH", "/k8s/c-1/x/%C3%A4%20b?fieldManager=a+b%26c")
    assert sent.headers["content-type"] == "application/json-patch+json"
    assert json.loads(sent.body) == [{"op": "test"}]


def test_an_impersonated_name_of_any_letters_is_sent() -> None:
    with serve(Reply()) as server, asking(server.url, token="t", **{"as": "jürgen", "as-groups": ["a", "b"]}) as http:
        http.ask("GET", "/x", {}, None, JSON)
    assert server.requests[0].headers["impersonate-user"].encode("latin-1").decode() == "jürgen"


def test_a_connection_is_kept_and_serves_one_thread_at_a_time() -> None:
    with serve(Reply(seconds=0.3)) as server, asking(server.url) as http:
        for _ in range(3):
            http.ask("GET", "/x", {}, None, JSON)
        assert len({one.client_port for one in server.requests}) == 1
        with ThreadPoolExecutor(3) as pool:
            found = list(pool.map(lambda _: http.ask("GET", "/x", {}, None, JSON).status, range(3)))
        assert found == [200] * 3
        assert len({one.client_port for one in server.requests[3:]}) == 3


@pytest.fixture
def hasty() -> Iterator[tuple[str, list[int]]]:
    """A server that answers once per connection and closes it without having said so."""
    listening, ports = socket.create_server(("127.0.0.1", 0)), list[int]()

    def answer() -> None:
        while True:
            try:
                connection, (_, port) = listening.accept()
            except OSError:
                return
            with connection:
                ports.append(port)
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    thread = threading.Thread(target=answer)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}", ports
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join()


def test_a_connection_that_the_server_closed_meanwhile_is_not_used(hasty: tuple[str, list[int]]) -> None:
    url, ports = hasty
    with asking(url) as http:
        for count in range(1, 4):
            assert http.ask("GET", "/x", {}, None, JSON) == Answer(200, b"{}")
            assert len(ports) == count
            time.sleep(0.1)  # for the end of the connection to come through
    assert len(set(ports)) == 3


def test_a_packed_answer_is_unpacked_and_a_broken_one_is_none() -> None:
    said, headers = json.dumps({"items": ["x" * 1000]}).encode(), {"Content-Encoding": "gzip"}
    packed = gzip.compress(said)
    replies = (Reply(body=packed, headers=headers), Reply(body=packed[:-9], headers=headers))
    with serve(*replies) as server, asking(server.url) as http:
        assert http.ask("GET", "/x", {}, None, JSON).body == said
        with pytest.raises(RequestError, match="a broken answer"):
            http.ask("GET", "/x", {}, None, JSON)


def test_no_server_is_no_answer() -> None:
    with asking("http://127.0.0.1:9") as http, pytest.raises(RequestError, match="refused"):
        http.ask("GET", "/x", {}, None, JSON)
