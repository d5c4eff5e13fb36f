"""Who answers under a public address: asked for the route's name, with what is to decide."""

import asyncio

import pytest

from components.traffic.answers import Answers
from contract.matches import Match
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
