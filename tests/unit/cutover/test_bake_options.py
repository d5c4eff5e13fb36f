"""What a bake is told to measure: judged before anything is touched, and asked once before anything moves."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from contract.urls import url_problem
from cutover.command_line import app
from cutover.errors import GateRefused, UsageError
from cutover.measure.sources import TOKEN_VARIABLE
from cutover.operations.bake import bake
from cutover.operations.bake.bake_options import BakeOptions, token_problem
from tests.unit.cutover.servers import Reply, serve
from tests.unit.cutover.test_bake_blind import STACK, FakeApi

PROM = "http://prometheus:9090"
GOOD = "errors=up<1"


def options(**fields: Any) -> BakeOptions:
    """Options of which nothing is wrong but what is given."""
    made: dict[str, Any] = {
        "seconds": 60.0,
        "interval_seconds": 1.0,
        "probe": True,
        "urls": (),
        "prometheus": None,
        "queries": (),
        "failure_limit": 0,
    }
    return BakeOptions(**made | fields)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://x:99999/", "its port is no number up to 65535"),
        ("http://x:8a/", "its port is no number up to 65535"),
        ("http://[bad/x", "its brackets do not match"),
        ("http://x:0/", "its port is 0"),
        ("ftp://x/", "it begins with neither http:// nor https://"),
        ("shop.example/", "it begins with neither http:// nor https://"),
        ("http:///path", "it names no host"),
        ("http://a b/", "it holds a space"),
        ("http://x/\n", "it holds a space"),
        ("http://..", "its host can be no host's name"),
        (f"http://{'a' * 64}.example/", "its host can be no host's name"),
    ],
)
def test_a_url_that_no_request_can_go_to(url: str, says: str) -> None:
    assert says in (url_problem(url) or "")
    with pytest.raises(UsageError, match="--probe-url is no address that can be asked") as refused:
        options(urls=(url,)).check()
    assert says in refused.value.what
    with pytest.raises(UsageError, match="--prometheus is no address that can be asked"):
        options(prometheus=url, queries=(GOOD,)).check()


@pytest.mark.parametrize(
    "url",
    [
        "http://x",
        "https://u:p@shop.example:8443/a?b=c",
        "http://[::1]:80/",
        "http://127.0.0.1/",
        "http://bücher.example/",
    ],
)
def test_a_url_that_can_be_asked(url: str) -> None:
    assert url_problem(url) is None
    options(urls=(url,)).check()


@given(st.text(max_size=40).map(lambda rest: f"http://{rest}"))
def test_any_text_is_judged_and_nothing_of_it_repeated(url: str) -> None:
    problem = url_problem(url)
    assert problem is None or len(url) < 20 or url[7:] not in problem


@pytest.mark.parametrize("token", ["gehäim", "a\nb", "a b", "\x7f"])
def test_a_token_that_no_header_may_hold(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert token_problem(token)
    monkeypatch.setenv(TOKEN_VARIABLE, token)
    with pytest.raises(UsageError) as refused:
        options(prometheus=PROM, queries=(GOOD,)).check()
    assert f"the token in {TOKEN_VARIABLE}" in refused.value.what
    assert token not in refused.value.what
    options().check()  # where no Prometheus is asked it is no matter


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"interval_seconds": 0.0}, "--interval is 0 s"),
        ({"prometheus": PROM}, "--prometheus is asked nothing"),
        ({"queries": (GOOD,)}, "--query needs a Prometheus"),
        ({"prometheus": f"{PROM}/?a=b", "queries": (GOOD,)}, "--prometheus has a query"),
        ({"prometheus": PROM, "queries": (GOOD, "errors=down<1")}, "two are called errors"),
        ({"prometheus": PROM, "queries": ("up",)}, "is no query with a threshold"),
        ({"prometheus": PROM, "queries": ('e{c="{colour}"}<1',)}, "--query: {colour} stands for nothing"),
        ({"seconds": 0.0, "urls": ("http://x/",)}, "--probe-url measures during a bake, and there is none"),
        ({"probe": False}, "--bake has nothing to measure"),
    ],
)
def test_what_would_measure_nothing_or_too_much(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says) as refused:
        options(**fields).check()
    assert refused.value.fix


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(UsageError) as refused:
        options(interval_seconds=0.0, urls=("x", "http://x:0"), prometheus="y", queries=("up",)).check()
    said = refused.value.what.splitlines()
    assert [line.split(" is ")[0].split(":")[0] for line in said] == [
        "--interval",
        "--probe-url (number 1)",
        "--probe-url (number 2)",
        "--prometheus",
        "--query",
    ]


def test_the_command_line_is_refused_before_a_stack_is_asked_for(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: cutover\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")
    monkeypatch.chdir(tmp_path)
    ended = CliRunner().invoke(app, ["promote", "--yes", "--bake", "5s", "--probe-url", "http://x:99999/"])
    assert (ended.exit_code, "its port is no number up to 65535" in ended.output) == (2, True), ended.output


@contextmanager
def promotion(monkeypatch: pytest.MonkeyPatch, *, ready: bool = True) -> Iterator[tuple[Any, list[str]]]:
    """A job on a cluster whose pods answer the API server's proxy, and what is said."""
    said: list[str] = []
    with serve(Reply(body="1.0.0")) as api_server:
        monkeypatch.setattr(bake, "access_of", lambda _: None)
        monkeypatch.setattr(bake, "Api", lambda _: FakeApi(api_server.url, ready=ready))
        report = SimpleNamespace(say=lambda line, *_: said.append(line))
        yield SimpleNamespace(view=STACK, report=report), said


def nobody() -> str:
    """An address where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}/"


def test_each_source_is_asked_once_before_anything_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    data = Reply(body='{"status": "success", "data": {"resultType": "scalar", "result": [1, "0"]}}')
    with promotion(monkeypatch) as (job, said), serve(Reply()) as url, serve(data) as prometheus:
        asked = options(urls=(url.url,), prometheus=prometheus.url, queries=(GOOD,))
        bake.rehearse(job, {"shop": "blue"}, asked)
        assert [len(server.requests) for server in (url, prometheus)] == [1, 1]
    assert said == []


def test_a_source_that_is_out_of_reach_refuses_all_of_them_named(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Reply(400, '{"status": "error", "error": "parse error: unexpected end"}')
    with promotion(monkeypatch) as (job, _), serve(wrong) as prometheus:
        asked = options(urls=(nobody(),), prometheus=prometheus.url, queries=(GOOD,))
        with pytest.raises(GateRefused) as refused:
            bake.rehearse(job, {"shop": "blue"}, asked)
    first, url, query, stays = refused.value.what.splitlines()
    assert first == "--bake cannot measure:"
    assert url.startswith("probe http://127.0.0.1:")
    assert "no connection" in url
    assert query == "errors: Prometheus: parse error: unexpected end"
    assert "traffic stays where it was" in stays
    assert "leave the option out" in refused.value.fix


def test_what_a_source_says_of_the_release_that_serves_is_said_and_no_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    none = Reply(body='{"status": "success", "data": {"resultType": "vector", "result": []}}')
    with promotion(monkeypatch) as (job, said), serve(Reply(404, "no such page")) as url, serve(none) as prometheus:
        asked = options(urls=(url.url,), prometheus=prometheus.url, queries=(GOOD,))
        bake.rehearse(job, {"shop": "blue"}, asked)
    assert [line.partition(": now, before anything is switched: ")[2] for line in said] == [
        "HTTP 404: 'no such page'",
        "no data",
    ]


def test_in_an_outage_nothing_keeps_a_release_back(monkeypatch: pytest.MonkeyPatch) -> None:
    with promotion(monkeypatch, ready=False) as (job, said):
        bake.rehearse(job, {"shop": "blue"}, options(urls=(nobody(),)))
    assert "no connection" in said[0]
