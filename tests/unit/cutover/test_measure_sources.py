"""Probes and queries against a real HTTP server."""

import json
import socket
from collections.abc import Generator
from dataclasses import replace

import httpx2
import pytest

from cutover.measure import Check, check_of, parse_query, probe_service, probe_url, query_prometheus
from cutover.measure.sources import TOKEN_VARIABLE, shown_url
from kubeaccess.errors import LoginError
from tests.patience import PATIENCE_SECONDS
from tests.unit.cutover.servers import Reply, serve

CHECK = Check("/version", expect_status=200, expect_body="1.2.0", timeout_seconds=PATIENCE_SECONDS)
HASTY = replace(CHECK, timeout_seconds=0.5)


def closed_port() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def refusal(status: int, message: str = "no") -> Reply:
    return Reply(status, json.dumps({"kind": "Status", "message": message}))


class LoggedOut(httpx2.Auth):
    """A login plugin that fails."""

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        raise LoginError("the login plugin aws ended with 255: token expired")
        yield request


def test_a_login_that_runs_out_in_a_bake_is_no_failure_of_the_release() -> None:
    with httpx2.Client(base_url=closed_port(), auth=LoggedOut()) as api:
        reading = probe_service(api, "shop", "storefront", CHECK).take()
    assert reading.outcome == "unknown"
    assert (
        reading.said == "the API server is out of reach: no login: the login plugin aws ended with 255: token expired"
    )


UNREACHED = "error trying to reach service: dial tcp 10.0.0.7:9898: i/o timeout"
NO_ENDPOINT = 'no endpoints available for service "http:storefront:http"'


@pytest.mark.parametrize(
    ("reply", "outcome", "said"),
    [
        (Reply(body="1.2.0"), "passed", "HTTP 200 in"),
        (Reply(500, "broken"), "failed", "HTTP 500: 'broken'"),
        (Reply(body="1.1.0"), "failed", "the body lacks '1.2.0': '1.1.0'"),
        (Reply(seconds=PATIENCE_SECONDS), "failed", "no answer within 0.5 s"),
        (refusal(503), "failed", "HTTP 503"),
        (refusal(502, UNREACHED), "unknown", f"the API server reaches no pod: HTTP 502, {UNREACHED}"),
        (refusal(503, UNREACHED), "unknown", f"the API server reaches no pod: HTTP 503, {UNREACHED}"),
        (refusal(503, NO_ENDPOINT), "unknown", f"the API server reaches no pod: HTTP 503, {NO_ENDPOINT}"),
        (
            Reply(502, "Error: 'dial tcp 10.0.0.7:9898: i/o timeout'\nTrying to reach: 'http://10.0.0.7:9898/version'"),
            "unknown",
            "the API server reaches no pod: HTTP 502, dial tcp 10.0.0.7:9898: i/o timeout",
        ),
        (Reply(503, "no endpoints available for service, says the application's own proxy"), "failed", "HTTP 503"),
        (refusal(403), "unknown", "the API server: HTTP 403, no"),
        (Reply(403, "the application's own"), "failed", "HTTP 403"),
    ],
)
def test_a_probe_through_the_api_server(reply: Reply, outcome: str, said: str) -> None:
    with serve(reply) as server, httpx2.Client(base_url=server.url) as api:
        measurement = probe_service(api, "shop", "storefront", HASTY if reply.seconds else CHECK)
        reading = measurement.take()
    assert reading.outcome == outcome
    assert said in reading.said
    assert server.requests[0].path == "/api/v1/namespaces/shop/services/http:storefront:http/proxy/version"


def test_an_api_server_out_of_reach_says_nothing_about_the_release() -> None:
    with httpx2.Client(base_url=closed_port()) as api:
        assert probe_service(api, "shop", "storefront", CHECK).take().outcome == "unknown"
    assert probe_url(closed_port(), CHECK).take().outcome == "failed"


def test_a_url_is_asked_over_a_new_connection_each_time() -> None:
    with serve(Reply(body="1.2.0")) as server:
        measurement = probe_url(f"{server.url}/version?key=hidden", CHECK)
        assert [measurement.take().outcome for _ in range(3)] == ["passed"] * 3
    assert len({request.client_port for request in server.requests}) == 3
    assert measurement.name == f"probe {server.url}/version"


def test_a_server_that_dribbles_is_given_up() -> None:
    body = "x" * 100
    with serve(Reply(body=body, headers={"Content-Length": "200"})) as server:
        reading = probe_url(server.url, HASTY).take()
    assert reading.outcome == "failed"


def test_prometheus_is_asked_with_the_token_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, "s3cret")
    answer = {"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "value": [0, "0.5"]}]}}
    with serve(Reply(body=json.dumps(answer))) as server:
        measurement = query_prometheus(f"{server.url}/prom/", parse_query("errors=sum(rate(e[1m]))<0.01"))
        reading = measurement.take()
    assert (reading.outcome, reading.value, measurement.expectation) == ("failed", 0.5, "< 0.01")
    assert server.requests[0].path == "/prom/api/v1/query?query=sum%28rate%28e%5B1m%5D%29%29"
    assert server.requests[0].headers["authorization"] == "Bearer s3cret"
    assert "s3cret" not in repr(measurement)


@pytest.mark.parametrize("reply", [Reply(502, "<html>"), Reply(400, '{"status":"error","error":"parse error"}')])
def test_a_prometheus_that_does_not_answer_is_unknown(reply: Reply) -> None:
    with serve(reply) as server:
        assert query_prometheus(server.url, parse_query("e<1")).take().outcome == "unknown"
    assert query_prometheus(closed_port(), parse_query("e<1")).take().outcome == "unknown"


def test_what_is_shown_of_a_url_holds_no_secret() -> None:
    assert shown_url("https://user:pass@shop.example:8443/health?token=x#y") == "https://shop.example:8443/health"


def test_the_check_comes_from_the_services_own_smoke_check() -> None:
    smoke = {"path": "/version", "expect_body": '"{version}" {other}', "request_timeout_seconds": 3}
    made = check_of({"smoke": smoke}, {"version": "1.2.0", "build": 4})
    assert made == Check("/version", 200, '"1.2.0" {other}', 3.0)
    assert check_of({"readiness": {"path": "/ready"}}, {}) == Check("/ready")
    for blind in ("none", {"kind": "tcp"}, {"kind": "grpc", "port": 9}, {"scheme": "HTTPS"}, {"host": "127.0.0.1"}):
        assert check_of({"readiness": blind}, {}) is None
        assert check_of({"readiness": blind, "smoke": smoke}, {}) is not None
    assert str(made) == "HTTP 200 with '\"1.2.0\" {other}' in it within 3 s"
