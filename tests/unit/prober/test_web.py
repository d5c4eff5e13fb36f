"""The kinds of client for any application: a GET of the URL's path, in clear and over TLS."""

import asyncio
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from prober import tls
from prober.kinds import POOL_SIZE, URL_KINDS, Kind
from prober.result import FailureClass, Result
from prober.run import Plan, Run
from prober.target import Target, TargetRefusedError
from sandbox.cluster import pki
from tests.patience import PATIENCE_SECONDS, eventually
from tests.unit.prober.clients import ask_in_turn, connect
from tests.unit.prober.fake_podinfo import FakePodinfo


def send(
    url: str, *kinds: str, rate: float = 40.0, seconds: float = 0.5, timeout_seconds: float = PATIENCE_SECONDS
) -> Result:
    plan = Plan(
        target=Target.parse(url),
        rate_per_second=rate,
        seconds=seconds,
        kinds=kinds or URL_KINDS,
        timeout_seconds=timeout_seconds,
    )
    return asyncio.run(Run(plan=plan).go())


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ssl.SSLContext]:
    """A server's side of TLS, with a certificate for 127.0.0.1 of an authority that SSL_CERT_FILE names."""
    authority = pki.new_authority("test")
    pair = pki.issue(authority, "server", hosts=("127.0.0.1",))
    for name, content in (("ca", authority.certificate_pem), ("cert", pair.certificate_pem), ("key", pair.key_pem)):
        (tmp_path / name).write_bytes(content)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca"))
    tls._context.cache_clear()
    yield context
    tls._context.cache_clear()


@pytest.mark.parametrize(
    ("mode", "version"),
    [("ok", "1.0.0"), ("chunked", "1.0.0"), ("named", "1.0.0-named"), ("nonsense", ""), ("302", "1.0.0")],
)
def test_any_good_answer_counts_and_may_name_its_version(mode: str, version: str) -> None:
    with FakePodinfo(mode) as server:
        result = send(f"{server.url}/api/cart?id=7")
        assert set(server.targets) == {"/api/cart?id=7"}
        assert server.hosts == {f"127.0.0.1:{server.port}"}
    assert (result.requests, result.failed, result.versions) == (20, 0, {version: 20})
    assert {answer.kind for answer in result.answers} == set(URL_KINDS)
    assert result.connections["url-new"] == 10


@pytest.mark.parametrize(
    ("mode", "failure"),
    [
        ("404", FailureClass.STATUS),
        ("500", FailureClass.STATUS),
        ("swallow", FailureClass.CLOSED),
        ("reset", FailureClass.RESET),
        ("stall", FailureClass.TIMEOUT),
    ],
)
def test_failures_are_told_by_class(mode: str, failure: FailureClass, monkeypatch: pytest.MonkeyPatch) -> None:
    if limited := mode == "stall":
        monkeypatch.setattr(Kind, "_open", connect)
    with FakePodinfo(mode) as server:
        result = send(f"{server.url}/", timeout_seconds=0.5 if limited else PATIENCE_SECONDS)
        eventually("the last request to be read", lambda: len(server.nonces) == 20)
        assert len(set(server.nonces)) == 20
    assert [found.failure for found in result.failures] == [failure] * 20


def test_nobody_there_is_a_failure() -> None:
    with FakePodinfo() as server:
        gone = server.url
    result = send(f"{gone}/", seconds=0.1)
    assert [found.failure for found in result.failures] == [FailureClass.REFUSED] * 4


def test_a_long_body_is_not_read_to_its_end_and_its_connection_not_kept() -> None:
    with FakePodinfo("huge") as server:
        result = send(server.url, "url-keep-alive", rate=20)
    assert (result.requests, result.failed, result.connections) == (10, 0, {"url-keep-alive": 10})


def test_the_other_kinds_bring_paths_of_their_own() -> None:
    with pytest.raises(TargetRefusedError, match="has a path; get-new bring their own"):
        Plan(target=Target.parse("http://127.0.0.1/echo"), kinds=("get-new", "url-new"))


def test_over_tls_as_in_clear(secure: ssl.SSLContext) -> None:
    with FakePodinfo(tls=secure) as server:
        result = send(f"{server.url}/cart", rate=40, seconds=1)
    assert (result.requests, result.failures, result.versions) == (40, [], {"1.0.0": 40})
    assert result.connections["url-new"] == 20


def test_over_tls_a_connection_found_closed_is_replaced(secure: ssl.SSLContext) -> None:
    with FakePodinfo("hang-up", tls=secure) as server:
        kind = ask_in_turn(server.url, "url-keep-alive", 20)
        assert len(set(server.nonces)) == 20
    assert (kind.opened, kind.stale) == (20, 20 - POOL_SIZE)


def test_over_tls_a_kept_connection_that_ends_in_place_of_an_answer_has_raced(secure: ssl.SSLContext) -> None:
    with FakePodinfo("lost", tls=secure) as server:
        result = send(server.url, "long-lived", rate=20, seconds=0.1)
    assert [(found.kept, found.raced) for found in result.failures] == [(True, True)]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_kept_connections_are_few(secure: ssl.SSLContext, scheme: str) -> None:
    with FakePodinfo(tls=secure if scheme == "https" else None) as server:
        kind = ask_in_turn(server.url, "url-keep-alive", 20)
        assert server.connections == POOL_SIZE
    assert (kind.opened, kind.stale) == (POOL_SIZE, 0)


@pytest.mark.parametrize(
    ("mode", "failure"), [("swallow", FailureClass.CLOSED), ("huge", None), ("503", FailureClass.STATUS)]
)
def test_over_tls_failures_have_the_same_classes(
    secure: ssl.SSLContext, mode: str, failure: FailureClass | None
) -> None:
    with FakePodinfo(mode, tls=secure) as server:
        result = send(server.url, rate=20)
    assert [found.failure for found in result.failures] == [failure] * (10 if failure else 0)


def test_a_certificate_that_nobody_vouches_for_is_a_failure(
    secure: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with FakePodinfo(tls=secure) as server:
        result = send(server.url, rate=20)
    assert {found.failure for found in result.failures} == {FailureClass.TLS}
    assert "unable to get local issuer certificate" in result.failures[0].detail
    assert result.failed == 10


def test_tls_to_a_server_that_has_none_is_a_failure() -> None:
    with FakePodinfo() as server:
        result = send(server.url.replace("http://", "https://"), rate=20)
    assert result.failed == 10
    assert {found.failure for found in result.failures} <= {FailureClass.TLS, FailureClass.CLOSED, FailureClass.RESET}
