"""Notifications against a real HTTP server."""

import hashlib
import hmac
import json
import time

import pytest

from cutover.errors import UsageError
from cutover.notify import check_urls, notify, slack
from cutover.notify.delivery import TRIES, Delivery
from cutover.notify.signed import SECRET_VARIABLE
from tests.unit.cutover.servers import Reply, serve

RESULT = {"verb": "promote", "services": ["shop"], "exitCode": 0}


@pytest.fixture(autouse=True)
def _no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SECRET_VARIABLE, raising=False)


def test_a_result_is_posted_as_json() -> None:
    with serve(Reply(204, "")) as server:
        assert notify(f"{server.url}/hook?x=1", RESULT) == Delivery(True, 1, "HTTP 204")
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/hook?x=1")
    assert json.loads(request.body) == RESULT
    assert request.headers["content-type"] == "application/json"
    assert "x-cutover-signature" not in request.headers


def test_an_infinite_number_is_text_in_what_is_posted() -> None:
    with serve(Reply(204, "")) as server:
        notify(server.url, {"highest": float("inf")})
    assert server.requests[0].body == b'{"highest":"+Inf"}'


def test_the_signature_proves_who_sent_it_and_when(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECRET_VARIABLE, "s3cret")
    with serve() as server:
        notify(server.url, RESULT)
    (request,) = server.requests
    stamp = request.headers["x-cutover-timestamp"]
    expected = hmac.new(b"s3cret", f"{stamp}.".encode() + request.body, hashlib.sha256).hexdigest()
    assert request.headers["x-cutover-signature"] == f"sha256={expected}"
    assert abs(int(stamp) - time.time()) < 60
    assert not any("s3cret" in text for text in (*request.headers.values(), request.body.decode()))


def test_what_may_have_been_lost_is_sent_again_under_the_same_id() -> None:
    pauses: list[float] = []
    with serve(Reply(500), Reply(429, headers={"Retry-After": "7"}), Reply(200)) as server:
        assert notify(server.url, RESULT, sleep=pauses.append) == Delivery(True, 3, "HTTP 200")
    assert len({request.headers["idempotency-key"] for request in server.requests}) == 1
    assert len({request.body for request in server.requests}) == 1
    assert 0.25 <= pauses[0] <= 0.75
    assert pauses[1] == 7.0


def test_two_results_have_two_ids() -> None:
    with serve() as server:
        notify(server.url, RESULT)
        notify(server.url, RESULT)
    assert len({request.headers["idempotency-key"] for request in server.requests}) == 2


def test_a_refusal_is_final() -> None:
    with serve(Reply(404)) as server:
        assert notify(server.url, RESULT) == Delivery(False, 1, "HTTP 404")
    assert len(server.requests) == 1


def test_a_receiver_that_stays_away_is_given_up_and_the_pauses_grow() -> None:
    pauses: list[float] = []
    delivery = notify("http://user:s3cret@127.0.0.1:9/hook", RESULT, sleep=pauses.append)
    assert (delivery.delivered, delivery.tries) == (False, TRIES)
    assert "ConnectError" in delivery.said
    assert "s3cret" not in delivery.said
    assert pauses[0] < 0.75 < 1.0 <= pauses[2] <= 3.0


def test_a_silent_receiver_is_a_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cutover.notify.delivery.TIMEOUT_SECONDS", 0.1)
    with serve(Reply(seconds=0.5)) as server:
        delivery = notify(server.url, RESULT, sleep=lambda _: None)
    assert (delivery.delivered, delivery.tries) == (False, TRIES)
    assert "Timeout" in delivery.said


@pytest.mark.parametrize(
    "url", ["hook", "ftp://x/y", "https://", "", "http://[", "https://x:port/", "pager+https://x/"]
)
def test_what_is_no_url_is_said_before_anything_begins(url: str) -> None:
    with pytest.raises(UsageError, match="not an http or https URL"):
        check_urls(["https://good.example/", url])


def test_a_url_is_accepted() -> None:
    check_urls(["https://hooks.example/x", "slack+https://hooks.example/services/T/B/x"])


def test_a_chat_gets_a_headline_and_what_people_read() -> None:
    said = "shop: no\n<!here> & `x`"
    failed = {
        "verb": "promote",
        "stack": "prod",
        "result": "refused",
        "seconds": 4.25,
        "message": said,
        "fix": "mend it",
    }
    with serve(Reply(200, "ok")) as server:
        assert notify(f"slack+{server.url}/services/T/B/x", failed).delivered
    (request,) = server.requests
    assert request.path == "/services/T/B/x"
    text = json.loads(request.body)["text"]
    assert text.splitlines() == [
        ":x: *cutover promote* on *prod*: refused (4.25 s)",
        "```",
        "shop: no",
        "&lt;!here&gt; &amp; 'x'",
        "fix: mend it",
        "```",
    ]


def test_a_chat_s_message_stays_below_its_limit() -> None:
    text = slack.document({"verb": "up", "stack": "dev", "result": "failed", "message": "x" * 10_000})["text"]
    assert len(text) < 3000
    assert text.endswith("…\n```")


def test_a_step_of_a_walk_is_told_as_what_goes_on() -> None:
    told = slack.document({"verb": "promote", "stack": "dev", "result": "under-way", "message": "shop: 5 % passed"})
    assert told["text"].startswith(":arrow_forward: *cutover promote* on *dev*: under-way")
