"""What a tag names, asked of a registry that speaks the real protocol; logins; and what goes wrong there."""

import base64
import json
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from cutover.errors import UsageError
from cutover.registry.client import Unanswered, resolve
from cutover.registry.login import LoginProblem, find_login
from cutover.registry.reference import Reference, parse
from tests.unit.cutover.registry import INDEX, MANIFEST, REFRESH, SECRET, USER, Registry, content_of, digest_of
from tests.unit.cutover.servers import Reply, serve

IMAGE, MANY = content_of(config="c"), content_of(manifests=[{"platform": "amd64"}, {"platform": "arm64"}])


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No login of whoever runs the tests is read, and no proxy of theirs used."""
    for name in (
        "DOCKER_AUTH_CONFIG",
        "REGISTRY_AUTH_FILE",
        "XDG_RUNTIME_DIR",
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return tmp_path


@pytest.fixture
def registry() -> Iterator[Registry]:
    made = Registry({"team/shop:1.0.0": (MANIFEST, IMAGE), "team/shop:many": (INDEX, MANY)})
    with serve(answers=made.answer) as server:
        made.url = server.url
        yield made


def image(registry: Registry, tag: str = "1.0.0") -> Reference:
    return parse(f"{registry.url.partition('//')[2]}/team/shop:{tag}")


def log_in(home: Path, host: str, **login: str) -> None:
    (home / "config.json").write_text(json.dumps({"auths": {host: login}}))


def basic(user: str = USER, secret: str = SECRET) -> str:
    return base64.b64encode(f"{user}:{secret}".encode()).decode()


def test_one_question_tells_what_a_tag_names(registry: Registry) -> None:
    assert resolve(image(registry)) == digest_of(IMAGE)
    assert [request.method for request in registry.asked] == ["HEAD"]


def test_of_several_architectures_it_is_the_index(registry: Registry) -> None:
    assert resolve(image(registry, "many")) == digest_of(MANY)


@pytest.mark.parametrize("change", [{"tells_digest": False}, {"knows_head": False, "tells_digest": False}])
def test_where_the_head_does_not_tell_the_content_itself_does(registry: Registry, change: dict[str, bool]) -> None:
    vars(registry).update(change)
    assert resolve(image(registry)) == digest_of(IMAGE)


def test_a_missing_tag_is_an_error(registry: Registry) -> None:
    with pytest.raises(UsageError, match=r"has no 127\.0\.0\.1:\d+/team/shop:2\.0\.0"):
        resolve(image(registry, "2.0.0"))


@pytest.mark.parametrize(
    ("kind", "login"),
    [
        ("basic", {"auth": basic()}),
        ("token", {"auth": basic()}),
        ("token", {"username": USER, "password": SECRET}),
        ("token", {"auth": basic("00000000", ""), "identitytoken": REFRESH}),
    ],
)
def test_a_login_opens_the_registry(registry: Registry, home: Path, kind: str, login: dict[str, str]) -> None:
    registry.login = kind
    log_in(home, image(registry).host, **login)
    assert resolve(image(registry)) == digest_of(IMAGE)


@pytest.mark.parametrize("kind", ["basic", "token"])
@pytest.mark.parametrize("login", [{}, {"auth": basic("eve", "wrong-one")}])
def test_without_a_good_login_it_is_not_known(registry: Registry, home: Path, kind: str, login: dict[str, str]) -> None:
    registry.login = kind
    log_in(home, image(registry).host, **login)
    with pytest.raises(Unanswered) as refused:
        resolve(image(registry))
    assert "login" in str(refused.value)
    assert "wrong-one" not in str(refused.value)


def test_an_overload_is_asked_once_more(registry: Registry) -> None:
    registry.failing = 1
    assert resolve(image(registry)) == digest_of(IMAGE)
    registry.failing = 9
    with pytest.raises(Unanswered, match="HTTP 503"):
        resolve(image(registry))


def test_a_slow_registry_is_given_up_in_time(registry: Registry) -> None:
    registry.seconds = 3600
    with pytest.raises(Unanswered, match=r"no answer within 0\.3 s"):
        resolve(image(registry), limit_seconds=0.3)


def test_nobody_there() -> None:
    with pytest.raises(Unanswered, match=r"127\.0\.0\.1:1: ConnectError"):
        resolve(parse("127.0.0.1:1/shop:1"))


def test_a_registry_with_tls_is_asked_by_tls_only(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, context = _tls(home)
    made = Registry({"team/shop:1.0.0": (MANIFEST, IMAGE)}, login="token")
    with serve(answers=made.answer, tls=context) as server:
        made.url = server.url
        log_in(home, image(made).host, auth=basic())
        with pytest.raises(Unanswered, match="CERTIFICATE_VERIFY_FAILED"):
            resolve(image(made))
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert resolve(image(made)) == digest_of(IMAGE)
        made.realm = made.url.replace("https", "http") + "/token"
        with pytest.raises(Unanswered, match="unencrypted"):
            resolve(image(made))


def test_a_registry_elsewhere_is_asked_without_tls_only_where_it_is_named(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", registry.url)  # so that any name leads there
    monkeypatch.setenv("CUTOVER_PLAIN_HTTP", "other.test,registry.test:5000")
    assert resolve(parse("registry.test:5000/team/shop:1.0.0")) == digest_of(IMAGE)
    assert registry.asked[0].path.startswith("http://registry.test:5000/v2/")
    with pytest.raises(Unanswered):
        resolve(parse("registry.invalid/team/shop:1.0.0"), limit_seconds=1)


@pytest.mark.parametrize(
    ("text", "host", "repository", "tag"),
    [
        ("shop:1", "docker.io", "library/shop", "1"),
        ("team/shop:1", "docker.io", "team/shop", "1"),
        ("localhost/shop", "localhost", "shop", ""),
        ("host:5000/a/b/shop:1.5.0-rc.1", "host:5000", "a/b/shop", "1.5.0-rc.1"),
        ("registry.example/shop:1@sha256:" + "a" * 64, "registry.example", "shop", "1"),
    ],
)
def test_references(text: str, host: str, repository: str, tag: str) -> None:
    found = parse(text)
    assert (found.host, found.repository, found.tag) == (host, repository, tag)
    assert parse(found.at("sha256:" + "b" * 64)).digest == "sha256:" + "b" * 64


@given(st.text("aA1:/@. -", max_size=30))
def test_whatever_is_written_is_a_reference_or_an_error(text: str) -> None:
    try:
        found = parse(text)
    except UsageError:
        return
    assert text == found.name + f":{found.tag}" * bool(found.tag) + f"@{found.digest}" * bool(found.digest)


def helper(home: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = home / "docker-credential-made"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(home), prepend=":")


@pytest.mark.parametrize("config", [{"credsStore": "made"}, {"credHelpers": {"registry.test": "made"}}])
def test_a_helper_keeps_the_login(home: Path, monkeypatch: pytest.MonkeyPatch, config: dict[str, object]) -> None:
    (home / "config.json").write_text(json.dumps(config))
    helper(home, monkeypatch, """read host; echo "{\\"Username\\": \\"$host\\", \\"Secret\\": \\"s3\\"}\"""")
    found = find_login("registry.test", "shop")
    assert found
    assert (found.user, found.secret) == ("registry.test", "s3")
    assert "s3" not in repr(found)
    helper(home, monkeypatch, 'echo \'{"Username": "<token>", "Secret": "t"}\'')
    found = find_login("registry.test", "shop")
    assert found
    assert found.identity_token == "t"
    helper(home, monkeypatch, "echo credentials not found; exit 1")
    assert find_login("registry.test", "shop") is None
    helper(home, monkeypatch, "echo no JSON")
    with pytest.raises(LoginProblem, match="of another shape"):
        find_login("registry.test", "shop")


def test_the_nearest_login_counts(home: Path) -> None:
    auths = {
        "host": {"auth": basic("all", "1")},
        "host/team/shop": {"auth": basic("one", "2")},
        "https://index.docker.io/v1/": {"auth": basic("hub", "3")},
        "bad": {"auth": "%%%"},
    }
    (home / "config.json").write_text(json.dumps({"auths": auths}))
    users = {
        name: login.user
        for name in ("host/team/shop", "host/team/other", "docker.io/library/shop", "elsewhere/shop")
        if (login := find_login(*name.split("/", 1)))
    }
    assert users == {"host/team/shop": "one", "host/team/other": "all", "docker.io/library/shop": "hub"}
    with pytest.raises(LoginProblem, match="base64"):
        find_login("bad", "shop")
    (home / "config.json").write_text("{")
    with pytest.raises(LoginProblem, match="no JSON"):
        find_login("host", "shop")


@pytest.mark.parametrize("variable", ["DOCKER_AUTH_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR"])
def test_other_places_for_logins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    text = json.dumps({"auths": {"host": {"auth": basic("bea", "4")}}})
    file = tmp_path / "run" / "containers" / "auth.json"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    value = {"DOCKER_AUTH_CONFIG": text, "REGISTRY_AUTH_FILE": str(file), "XDG_RUNTIME_DIR": str(tmp_path / "run")}
    monkeypatch.setenv(variable, value[variable])
    found = find_login("host", "shop")
    assert found
    assert found.user == "bea"


def _tls(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for this machine, signed by itself, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "registry")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "tls.crt", folder / "tls.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    return certificate, context


@pytest.mark.parametrize("login", [{"auth": basic()}, {"auth": basic("0", ""), "identitytoken": REFRESH}])
@pytest.mark.parametrize("status", [302, 307, 308])
def test_a_login_follows_no_redirect(registry: Registry, home: Path, login: dict[str, str], status: int) -> None:
    """A token endpoint that says "ask over there" had the refresh token sent to whomever it names."""
    with serve(Reply(200, json.dumps({"token": "x", "access_token": "x"}))) as elsewhere:
        registry.login, registry.sends_on = "token", (status, f"{elsewhere.url}/token")
        log_in(home, image(registry).host, **login)
        with pytest.raises(Unanswered, match=f"HTTP {status}"):
            resolve(image(registry))
    assert elsewhere.requests == []
