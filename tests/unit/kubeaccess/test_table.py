"""The table of docs/cluster-access.md: each form of a kubeconfig, what is sent for it, or why it is refused.

Where there is a kubectl, it is asked as well, and must send or refuse the same.
"""

import asyncio
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from kubeaccess import Access, KubeconfigError, LoginError, read
from kubeaccess.client import async_client, client
from kubeaccess.plain import Answer, requests
from tests.unit.kubeaccess.tls_server import TOKEN, Secured, config, encoded, secured

Make = Callable[[Secured], dict[str, Any]]
CREDENTIALS = ("authorization", "impersonate-user", "impersonate-uid", "impersonate-group", "impersonate-extra-a-b")


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Secured]:
    with secured(tmp_path) as found:
        yield found


def trusted(api: Secured) -> dict[str, Any]:
    return {"certificate-authority-data": encoded(api.authority.certificate_pem)}


def made(api: Secured, user: dict[str, Any] | None, **cluster: Any) -> dict[str, Any]:
    return config(api.server.url, trusted(api) | cluster, user)


def script(api: Secured, text: str) -> str:
    path = api.folder / "login"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def plugin(api: Secured, text: str, version: str = "v1", **more: Any) -> dict[str, Any]:
    named = {"apiVersion": f"client.authentication.k8s.io/{version}", "interactiveMode": "Never"}
    return {"exec": named | {"command": script(api, text)} | more}


def credential(status: str, version: str = "v1") -> str:
    return (
        f'echo \'{{"apiVersion": "client.authentication.k8s.io/{version}", "kind": "ExecCredential", '
        f'"status": {status}}}\''
    )


BEARER = {"authorization": f"Bearer {TOKEN}"}
AS = {
    "token": TOKEN, "as": "ci", "as-uid": "7", "as-groups": ["deployers"], "as-user-extra": {"A-b": ["x"]},
}  # fmt: skip
GIVES_TOKEN = credential(f'{{"token": "{TOKEN}"}}')
SENT: dict[str, tuple[Make, dict[str, str]]] = {
    "a token": (lambda a: made(a, {"token": TOKEN}), BEARER),
    "a token's file, relative": (lambda a: made(a, {"tokenFile": "token"}), BEARER),
    "a token's file goes before a token": (lambda a: made(a, {"tokenFile": "token", "token": "other"}), BEARER),
    "a password": (lambda a: made(a, {"username": "me", "password": "pw"}), {"authorization": "Basic bWU6cHc="}),
    "an empty password": (lambda a: made(a, {"username": "me"}), {"authorization": "Basic bWU6"}),
    "an authority's file, relative": (
        lambda a: config(a.server.url, {"certificate-authority": "ca.crt"}, {"token": TOKEN}), BEARER,
    ),
    "no proof of the server": (
        lambda a: config(a.server.url, {"insecure-skip-tls-verify": True}, {"token": TOKEN}), BEARER,
    ),
    "a path in the server's URL": (
        lambda a: config(f"{a.server.url}/k8s/clusters/c-1/?x=y#z", trusted(a), {"token": TOKEN}), BEARER,
    ),
    "impersonation": (
        lambda a: made(a, AS),
        BEARER | {"impersonate-user": "ci", "impersonate-uid": "7", "impersonate-group": "deployers",
                  "impersonate-extra-a-b": "x"},
    ),
    "a plugin's token": (lambda a: made(a, plugin(a, GIVES_TOKEN)), BEARER),
    "a plugin of v1beta1": (
        lambda a: made(a, plugin(a, credential(f'{{"token": "{TOKEN}"}}', "v1beta1"), "v1beta1")), BEARER,
    ),
    "a plugin with arguments and variables": (
        lambda a: made(a, plugin(a, f'test "$1$X" = ab && {GIVES_TOKEN}', args=["a"], env=[{"name": "X", "value": "b"}])),  # noqa: E501
        BEARER,
    ),
    "a plugin that wants to know the cluster": (
        lambda a: made(a, plugin(a, f'case "$KUBERNETES_EXEC_INFO" in *"{a.server.url}"*) {GIVES_TOKEN};; esac',
                                 provideClusterInfo=True)),
        BEARER,
    ),
    "a plugin may be asked where it can": (lambda a: made(a, plugin(a, GIVES_TOKEN, interactiveMode="IfAvailable")), BEARER),  # noqa: E501
    "a token goes before a plugin": (lambda a: made(a, plugin(a, "exit 1") | {"token": TOKEN}), BEARER),
    "an incomplete entry elsewhere": (
        lambda a: made(a, {"token": TOKEN}) | {
            "users": [{"name": "x"}, {"name": "w", "user": None}, {"name": "u", "user": {"token": TOKEN}}],
            "contexts": [{"name": "x"}, {"name": "c", "context": {"cluster": "c", "user": "u"}}],
        },
        BEARER,
    ),
    "unknown fields": (lambda a: made(a, {"token": TOKEN, "new-field": 1}) | {"preferences": {}}, BEARER),
    "no kind": (lambda a: {k: v for k, v in made(a, {"token": TOKEN}).items() if k not in ("kind", "apiVersion")}, BEARER),  # noqa: E501
    "a date in a name": (lambda a: made(a, {"token": TOKEN}) | {"current-context": "c", "x": "2024-01-01"}, BEARER),
}  # fmt: skip


def written(api: Secured, content: dict[str, Any]) -> Path:
    path = api.folder / "kubeconfig"
    path.write_text(yaml.safe_dump(content))
    return path


def credentials(api: Secured) -> dict[str, str]:
    return {name: value for name, value in api.sent.items() if name in CREDENTIALS}


def kubectl(path: Path) -> "subprocess.CompletedProcess[str] | None":
    command = shutil.which("kubectl")
    words = [command or "", "--kubeconfig", str(path), "get", "--raw", "/x"]
    return subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL) if command else None


@pytest.mark.parametrize("name", SENT)
def test_what_is_sent(name: str, api: Secured, monkeypatch: pytest.MonkeyPatch) -> None:
    make, expected = SENT[name]
    path = written(api, make(api))
    monkeypatch.setenv("KUBECONFIG", str(path))
    identity = read(Access())
    with client(identity) as http:
        assert http.get("/x").status_code == 200
    assert credentials(api) == expected
    where = api.server.requests[-1].path
    plain = requests(identity)
    for _ in range(2):  # over one connection, unless it proves itself by a certificate that may change
        assert plain.ask("GET", "/x", {}, None, "application/json") == Answer(200, b"{}")
        assert credentials(api) == expected
        assert api.server.requests[-1].path == where or "c-1" in where
    plain.close()

    async def ask() -> int:
        async with async_client(identity) as http:
            return (await http.get("/x")).status_code

    assert asyncio.run(ask()) == 200
    assert credentials(api) == expected
    if said := kubectl(path):
        assert said.returncode == 0, said.stderr
        assert credentials(api) == expected
        assert api.server.requests[-1].path == where or "c-1" in where


REFUSED: dict[str, tuple[Make, str]] = {
    "no such context": (lambda a: made(a, {"token": TOKEN}) | {"current-context": "z"}, "context 'z' is not in it"),
    "no current context": (lambda a: made(a, {"token": TOKEN}) | {"current-context": ""}, "no current-context"),
    "no such user": (lambda a: made(a, {"token": TOKEN}) | {"users": []}, "names user 'u', who is not in it"),
    "no such cluster": (lambda a: made(a, {"token": TOKEN}) | {"clusters": []}, "names cluster 'c', which is not in it"),  # noqa: E501
    "a context without a user": (lambda a: made(a, None), "names no user with credentials"),
    "a user without credentials": (lambda a: made(a, {}), "names no user with credentials"),
    "no server": (lambda a: config("", trusted(a), {"token": TOKEN}), "has no server"),
    "a number as a name": (lambda a: made(a, {"token": TOKEN}) | {"current-context": 7}, "current-context must be a string"),  # noqa: E501
    "a letter that is a truth": (
        lambda a: {**made(a, {"token": TOKEN}), "users": [{"name": True, "user": {}}]}, r"users\[0\]\.name must be a str",  # noqa: E501
    ),
    "a number as a token": (lambda a: made(a, {"token": 7}), r"users\[0\]\.user\.token must be a string"),
    "a wrong type elsewhere": (
        lambda a: made(a, {"token": TOKEN}) | {"users": [{"name": "u", "user": {"token": TOKEN}}, {"name": 1}]},
        r"users\[1\]\.name must be a string",
    ),
    "a name twice": (
        lambda a: made(a, {"token": TOKEN}) | {"users": [{"name": "u", "user": {"token": TOKEN}}] * 2},
        r"users\[1\]\.name is there twice",
    ),
    "a list as the file": (lambda a: made(a, {"token": TOKEN}) | {"clusters": {"c": {}}}, "clusters must be a list"),
    "another kind": (lambda a: made(a, {"token": TOKEN}) | {"kind": "Pod"}, "not of kind Config"),
    "two authorities": (
        lambda a: made(a, {"token": TOKEN}, **{"certificate-authority": "ca.crt"}), "keep one",
    ),
    "an authority that is not asked": (
        lambda a: made(a, {"token": TOKEN}, **{"insecure-skip-tls-verify": True}), "insecure-skip-tls-verify and a cert",  # noqa: E501
    ),
    "no authority's file": (
        lambda a: config(a.server.url, {"certificate-authority": "gone"}, {"token": TOKEN}), "gone cannot be read",
    ),
    "an authority that is none": (
        lambda a: made(a, {"token": TOKEN}, **{"certificate-authority-data": "aGk="}), "no certificate in PEM",
    ),
    "no base64": (
        lambda a: made(a, {"token": TOKEN}, **{"certificate-authority-data": "%"}), "is not base64",
    ),
    "no token's file": (lambda a: made(a, {"tokenFile": "gone"}), "gone cannot be read"),
    "a token and a password": (lambda a: made(a, {"token": TOKEN, "username": "me"}), "both a token and a password"),
    "a certificate without a key": (
        lambda a: made(a, {"client-certificate": "client.crt"}), "neither client-key nor client-key-data",
    ),
    "two certificates": (
        lambda a: made(a, {"client-certificate": "client.crt", "client-certificate-data": "aGk=",
                           "client-key": "client.key"}),
        "both client-certificate and",
    ),
    "a key of another": (
        lambda a: made(a, {"client-certificate": "client.crt", "client-key": "server.pem"}), "are no pair in PEM",
    ),
    "groups without `as`": (lambda a: made(a, {"token": TOKEN, "as-groups": ["x"]}), "but no `as`"),
    "an auth-provider": (
        lambda a: made(a, {"auth-provider": {"name": "gcp", "config": {}}}), "auth-provider 'gcp', which is not supported",  # noqa: E501
    ),
    "a proxy of another kind": (lambda a: made(a, {"token": TOKEN}, **{"proxy-url": "ftp://x"}), "proxy-url of cluster"),  # noqa: E501
    "a plugin of an old version": (
        lambda a: made(a, plugin(a, GIVES_TOKEN, "v1alpha1")), "apiVersion 'client.authentication.k8s.io/v1alpha1'",
    ),
    "a plugin without a command": (
        lambda a: made(a, plugin(a, GIVES_TOKEN, command="")), "names no command",
    ),
    "a plugin without a mode": (
        lambda a: made(a, plugin(a, GIVES_TOKEN, interactiveMode=None)), "interactiveMode",
    ),
    "a plugin that must ask": (
        lambda a: made(a, plugin(a, GIVES_TOKEN, interactiveMode="Always")), "interactiveMode Always",
    ),
    "a plugin that is not installed": (
        lambda a: made(a, plugin(a, "", command="/nowhere/login", installHint="brew install login\n\x1b[31m")),
        "'/nowhere/login' of user 'u' is not installed; its installHint: brew install login",
    ),
    "a plugin that fails": (lambda a: made(a, plugin(a, "echo expired >&2; exit 3")), "exit code 3: expired"),
    "a plugin's garbage": (lambda a: made(a, plugin(a, "echo nope")), "no ExecCredential: it is not JSON"),
    "a plugin's other version": (
        lambda a: made(a, plugin(a, credential('{"token": "t"}', "v1beta1"))), "no ExecCredential of version",
    ),
    "a plugin without a status": (lambda a: made(a, plugin(a, credential("null"))), "with a status"),
    "a plugin's empty answer": (lambda a: made(a, plugin(a, credential("{}"))), "with a token, or with a client cert"),
    "a plugin's half certificate": (
        lambda a: made(a, plugin(a, credential('{"token": "t", "clientKeyData": "x"}'))), "and its key",
    ),
    "a plugin's bad certificate": (
        lambda a: made(a, plugin(a, credential('{"clientCertificateData": "x", "clientKeyData": "y"}'))), "no pair in PEM",  # noqa: E501
    ),
    "a plugin's number as a token": (lambda a: made(a, plugin(a, credential('{"token": 7}'))), "must be a string"),
    "a plugin's time of no kind": (
        lambda a: made(a, plugin(a, credential('{"token": "t", "expirationTimestamp": "soon"}'))), "no time",
    ),
}  # fmt: skip
# kubectl asks the terminal, asks localhost:8080, or goes on without the certificate: all of them another identity.
OURS = {"a user without credentials", "a context without a user", "no current context", "a key of another"}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_by_name(name: str, api: Secured, monkeypatch: pytest.MonkeyPatch) -> None:
    make, text = REFUSED[name]
    path = written(api, make(api))
    monkeypatch.setenv("KUBECONFIG", str(path))
    with pytest.raises((KubeconfigError, LoginError), match=text) as error, client(read(Access())) as http:
        http.get("/x")
    with pytest.raises((KubeconfigError, LoginError), match=text):
        requests(read(Access())).ask("GET", "/x", {}, None, "application/json")
    assert TOKEN not in str(error.value)
    assert str(error.value).isprintable()
    assert api.server.requests == []
    if (said := kubectl(path)) and name not in OURS:
        assert said.returncode != 0
        assert "/x" not in [request.path for request in api.server.requests]
