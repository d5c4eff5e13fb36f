"""Who answers under a public address: asked for the route's name, with the headers that are to decide."""

import asyncio

import pytest

from components.traffic.answers import Answers
from tests.unit.cutover.servers import Reply, Request, serve


def by_header(request: Request) -> Reply:
    if request.headers["host"] != "shop.example.com":
        return Reply(404)
    return Reply(body="version 2" if request.headers.get("x-canary") == "always" else "version 1")


@pytest.mark.parametrize(
    ("headers", "answered"), [(None, "blue"), ({"X-Canary": "always"}, "green"), ({"x-canary": "never"}, "blue")]
)
def test_a_header_is_sent_with_each_request(headers: dict[str, str] | None, answered: str) -> None:
    with serve(answers=by_header) as server:
        answers = Answers(server.url, {"blue": "version 1", "green": "version 2"})
        assert asyncio.run(answers.count(5, ["shop.example.com"], headers)) == {answered: 5}
