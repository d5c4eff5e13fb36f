"""Who answers under a public address: asked for the route's name, with what is to decide."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event, Thread

import httpx2
import pytest

from components.cluster import watch as limits
from components.traffic import answers as asked
from components.traffic.answers import NOBODY, NOT_IN_TIME, Answers
from contract.matches import Match
from tests.patience import PATIENCE_SECONDS
from tests.unit.cutover.servers import Reply, Request, serve


def by_condition(request: Request) -> Reply:
    if request.headers["host"] != "shop.example.com":
        return Reply(404)
    fits = (
        request.headers.get("x-canary") == "always"
        or request.headers.get("cookie") == "group=beta"
        or request.path.endswith("&beta=1")
    )
    return Reply(body="version 2" if fits and request.method == "GET" else "version 1")


@pytest.mark.parametrize(
    ("condition", "answered"),
    [
        (Match(), "blue"),
        (Match(header="X-Canary", value="always"), "green"),
        (Match(header="x-canary", value="never"), "blue"),
        (Match(cookie="group", value="beta"), "green"),
        (Match(query="beta", value="1"), "green"),
        (Match(query="beta", value="2"), "blue"),
        (Match(header="x-canary", value="always", method="HEAD"), "an answer that names no release: "),
    ],
    ids=str,
)
def test_each_request_fits_the_condition(condition: Match, answered: str) -> None:
    with serve(answers=by_condition) as server:
        answers = Answers(f"{server.url}/version?x=%20y", {"blue": "version 1", "green": "version 2"})
        assert asyncio.run(answers.count(5, ["shop.example.com"], condition)) == {answered: 5}
        assert {request.method for request in server.requests} == {condition.method or "GET"}
        assert all("x=" in request.path for request in server.requests)


def test_users_addresses_are_only_read_from() -> None:
    by_body, by_header = Answers("http://a/", {}), Answers("http://a/", {}, "x-version")
    methods = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")
    assert [one for one in methods if by_body.may_ask(Match(method=one))] == ["GET"]
    assert [one for one in methods if by_header.may_ask(Match(method=one))] == ["GET", "HEAD"]
    assert by_body.may_ask(Match(cookie="a", value="b"))


TOLD = {"blue": "version 1", "green": "version 2"}
HELLO = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


@contextmanager
def streaming(first: bytes, again: bytes = b"", pause_seconds: float = 0.005) -> Iterator[str]:
    """The URL of a server whose answers begin with `first` and have no end: `again` comes time after time."""
    over = Event()

    def answer(peer: socket.socket) -> None:
        with peer:
            try:
                peer.sendall(first)
                while not over.wait(pause_seconds):
                    peer.sendall(again)
            except OSError:
                return  # the client has hung up

    def accept(listening: socket.socket) -> None:
        while not over.is_set():
            try:
                peer, _ = listening.accept()
            except OSError:
                return
            Thread(target=answer, args=(peer,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        Thread(target=accept, args=(listening,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        finally:
            over.set()
            listening.shutdown(socket.SHUT_RDWR)


def count(url: str, number: int, header: str | None = None) -> dict[str, int]:
    return dict(asyncio.run(Answers(url, TOLD, header).count(number, [])))


def test_an_address_that_never_answers_is_given_up_after_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "REQUEST_SECONDS", 0.05)
    with streaming(b"") as url:
        assert count(url, 1600) == {"no answer (no whole one within 0.05 s)": 8, NOBODY: 1592}


def test_a_body_that_trickles_is_as_slow_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte came within the time for one, so that it was read for ever."""
    monkeypatch.setattr(asked, "REQUEST_SECONDS", 0.1)
    with streaming(HELLO, b"x") as url:
        assert count(url, 9) == {"no answer (no whole one within 0.1 s)": 8, NOBODY: 1}


@pytest.mark.parametrize(
    ("status", "first", "told"),
    [
        (200, b"data: version 2", "green"),
        (200, b"data: ", "no answer (no whole one within 5 s)"),
        (200, b"version 1, version 2", "no answer (no whole one within 5 s)"),
        (503, b"", "HTTP 503"),
    ],
)
def test_a_stream_without_an_end_is_told_by_what_came_in_time(
    monkeypatch: pytest.MonkeyPatch, status: int, first: bytes, told: str
) -> None:
    async def stream() -> AsyncIterator[bytes]:
        yield first
        raise httpx2.ReadTimeout("nothing more")

    transport = httpx2.MockTransport(lambda _: httpx2.Response(status, content=stream()))
    monkeypatch.setattr(httpx2, "AsyncClient", partial(httpx2.AsyncClient, transport=transport))
    assert count("http://shop.example.com/", 9) == {told: 9} if "no " not in told else {told: 8, NOBODY: 1}


def test_no_more_of_a_body_is_read_than_a_mebibyte_and_none_where_a_header_tells(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asked, "REQUEST_SECONDS", PATIENCE_SECONDS)
    with streaming(HELLO + b"version 1", b"x" * 1024 * 1024, 0) as url:
        assert count(url, 2) == {"blue": 2}
    with streaming(HELLO.replace(b"Content-Type", b"X-Version: version 2\r\nContent-Type"), b"x") as url:
        assert count(url, 20, "x-version") == {"green": 20}


def test_a_body_in_a_wrong_encoding_is_no_answer() -> None:
    """It left the gate as an exception that no run was prepared for."""
    with serve(Reply(body="version 1, and no gzip", headers={"Content-Encoding": "gzip"})) as server:
        assert count(server.url, 2) == {"no answer (DecodingError)": 2}


def test_a_look_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "VERIFY_SECONDS", 1e-9)
    with serve(Reply(body="version 1")) as server:
        assert count(server.url, 100) == {"blue": 8, NOT_IN_TIME: 92}
        assert len(server.requests) == 8


@pytest.mark.parametrize(("each_seconds", "at_once"), [(0.001, 8), (0.1, 11), (0.5, 32), (5.0, 32)])
def test_a_distant_address_is_asked_by_more_at_a_time(each_seconds: float, at_once: int) -> None:
    """From another continent 8 at a time would take longer for 1,600 answers than a look may last."""
    assert asked.side_by_side(1600, each_seconds) == at_once


def test_an_answer_s_cookie_does_not_lead_the_next_requests() -> None:
    """A gateway that keeps clients on their color would show the share of one client."""
    with serve(Reply(body="version 1", headers={"Set-Cookie": "color=blue"})) as server:
        assert count(server.url, 20) == {"blue": 20}
        assert not any("cookie" in one.headers for one in server.requests)
