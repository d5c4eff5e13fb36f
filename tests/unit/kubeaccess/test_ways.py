"""Ways to the API server that the table's one server cannot show: certificates, proxies, several files, new tokens."""

import contextlib
import json
import os
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from kubeaccess import Access, KubeconfigError, read
from kubeaccess.client import client
from kubeaccess.plain import RequestError, requests
from kubeaccess.proxies import proxy_of
from tests.unit.kubeaccess.tls_server import TOKEN, Secured, config, encoded, secured, tunnel


@pytest.fixture(autouse=True)
def _no_proxy_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)


def status(content: dict[str, Any], folder: Path) -> int:
    """The answer to a request of whom the kubeconfig names, by either client."""
    identity = read(Access(yaml.safe_dump(content), folder=folder))
    with contextlib.closing(requests(identity)) as plain:
        try:
            found = plain.ask("GET", "/x", {}, None, "application/json").status
        except RequestError as error:
            with client(identity) as http, pytest.raises(httpx2.HTTPError):
                http.get("/x")
            raise error from None
    with client(identity) as http:
        assert http.get("/x").status_code == found
    return found


def trust(api: Secured) -> dict[str, Any]:
    return {"certificate-authority-data": encoded(api.authority.certificate_pem)}


def test_a_certificate_of_the_file_and_one_of_a_plugin(tmp_path: Path) -> None:
    with secured(tmp_path, asks_certificate=True) as api:
        files = {"client-certificate": "client.crt", "client-key": "client.key"}
        data = {
            "client-certificate-data": encoded(api.client.certificate_pem),
            "client-key-data": encoded(api.client.key_pem),
        }
        pair = {
            "clientCertificateData": api.client.certificate_pem.decode(),
            "clientKeyData": api.client.key_pem.decode(),
        }
        version = "client.authentication.k8s.io/v1"
        (tmp_path / "answer").write_text(json.dumps({"apiVersion": version, "kind": "ExecCredential", "status": pair}))
        plugin = {
            "apiVersion": version,
            "interactiveMode": "Never",
            "command": "cat",
            "args": [str(tmp_path / "answer")],
        }
        for user in (files, data, {"exec": plugin}):
            assert status(config(api.server.url, trust(api), user), tmp_path) == 200
            assert "authorization" not in api.sent
        before = len(api.server.requests)
        with pytest.raises(Exception, match=r"(?i)tls|ssl|certificate|closed|disconnected"):
            status(config(api.server.url, trust(api), {"token": TOKEN}), tmp_path)
        assert len(api.server.requests) == before


def test_the_second_file_has_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "server").mkdir()
    with secured(tmp_path / "server") as api:
        whole = config(api.server.url, {"certificate-authority": "ca.crt"}, {"tokenFile": "token"})
        (tmp_path / "first").write_text(yaml.safe_dump({"kind": "Config", "apiVersion": "v1", "current-context": "c"}))
        (tmp_path / "server" / "second").write_text(yaml.safe_dump(whole | {"current-context": "other"}))
        paths = [tmp_path / "first", tmp_path / "gone", tmp_path / "server" / "second"]
        monkeypatch.setenv("KUBECONFIG", os.pathsep.join(map(str, paths)))
        with client(read(Access())) as http:
            assert http.get("/x").status_code == 200
        assert api.sent["authorization"] == f"Bearer {TOKEN}"


def test_a_current_context_that_is_not_there_is_refused_where_the_provider_refuses_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks for that context in a kubeconfig of the settings, not in one of the environment."""
    whole = yaml.safe_dump(config("https://127.0.0.1:9", {}, {"token": TOKEN}) | {"current-context": "gone"})
    with pytest.raises(KubeconfigError, match=r"current-context 'gone' is not in it, .*take that line out"):
        read(Access(whole, context="c"))
    (tmp_path / "file").write_text(whole)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "file"))
    assert read(Access(context="c")).context == "c"


def test_a_token_that_is_written_anew_is_read_anew(tmp_path: Path) -> None:
    with secured(tmp_path) as api:
        content = yaml.safe_dump(config(api.server.url, trust(api), {"tokenFile": "token"}))
        with client(read(Access(content, folder=tmp_path))) as http:
            http.get("/x")
            assert api.sent["authorization"] == f"Bearer {TOKEN}"
            (tmp_path / "token").write_text("the-next-one\n")
            http.get("/x")
            assert api.sent["authorization"] == "Bearer the-next-one"


def test_the_name_that_the_server_must_prove(tmp_path: Path) -> None:
    with secured(tmp_path, host="api.inside") as api:
        named = trust(api) | {"tls-server-name": "api.inside"}
        assert status(config(api.server.url, named, {"token": TOKEN}), tmp_path) == 200
        with pytest.raises(Exception, match=r"(?i)certificate"):
            status(config(api.server.url, trust(api), {"token": TOKEN}), tmp_path)


def test_a_proxy_of_the_file_and_one_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with secured(tmp_path, host="api.inside") as api, tunnel(int(api.server.url.rpartition(":")[2])) as (proxy, asked):
        server = "https://api.inside:6443"
        assert status(config(server, trust(api) | {"proxy-url": proxy}, {"token": TOKEN}), tmp_path) == 200
        monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        assert status(config(server, trust(api), {"token": TOKEN}), tmp_path) == 200
        assert asked == ["CONNECT api.inside:6443 HTTP/1.1"] * 4
        assert api.sent["authorization"] == f"Bearer {TOKEN}"


PROXY = {"HTTPS_PROXY": "http://p:1", "HTTP_PROXY": "http://q:2"}


@pytest.mark.parametrize(
    ("server", "environ", "used"),
    [
        ("https://api.example", PROXY, "http://p:1"),
        ("http://api.example", PROXY, "http://q:2"),
        ("https://api.example", {"https_proxy": "http://p:1"}, "http://p:1"),
        ("https://api.example", {"ALL_PROXY": "socks5://p:1"}, None),
        ("https://127.0.0.1:6443", PROXY, None),
        ("https://localhost:6443", PROXY, None),
        ("https://api.example", PROXY | {"NO_PROXY": "example"}, None),
        ("https://api.example", PROXY | {"NO_PROXY": ".example"}, None),
        ("https://10.1.2.3:6443", PROXY | {"NO_PROXY": "10.0.0.0/8"}, None),
        ("https://api.example", PROXY | {"NO_PROXY": "*"}, None),
        ("https://api.example", PROXY | {"NO_PROXY": "other"}, "http://p:1"),
    ],
)
def test_the_environment_is_read_as_by_go(server: str, environ: dict[str, str], used: str | None) -> None:
    assert (proxy_of(server, environ) or None) == used


def test_a_proxy_that_needs_a_package_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "socksio", None)
    content = config("https://api.inside", {"proxy-url": "socks5://p:1"}, {"token": TOKEN})
    with pytest.raises(KubeconfigError, match="pip install socksio"):
        status(content, tmp_path)
