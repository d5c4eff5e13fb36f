"""The table of docs/cluster-access.md, asked of all three: provider, program and driver reach a server as one identity.

The server between them and the cluster keeps what each of them sent, and asks the real API server as the deployer.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from tests.lifecycle import services
from tests.lifecycle.command import cutover
from tests.lifecycle.kube import Kubernetes, Namespace
from tests.lifecycle.stack import Stack
from tests.unit.cutover.servers import Reply, Request
from tests.unit.kubeaccess.tls_server import TOKEN, Secured, config, encoded, secured, tunnel

pytestmark = pytest.mark.cluster

Json = dict[str, Any]
INSIDE, SERVER_INSIDE = "api.inside", "https://api.inside:6443"
BEARER = {"authorization": f"Bearer {TOKEN}"}
BASIC = {"authorization": "Basic YWRhOmxvdmVsYWNl"}
PASSED_ON = ("accept", "content-type")
TOLD = ("authorization", "impersonate-user", "impersonate-uid", "impersonate-group", "impersonate-extra-team")


@dataclass
class Form:
    """One way to say which cluster and as whom: a file, settings of the stack, defaults of the project, environment.

    `arrives` are the headers of it that the server gets.
    """

    kubeconfig: Json | None = None
    arrives: Mapping[str, str] = field(default_factory=lambda: BEARER)
    settings: Json = field(default_factory=dict)
    defaults: Json = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Way(Secured):
    """The server between, and a proxy that leads there whatever it is asked for."""

    proxy: str
    asked: list[str]


def trust(api: Way) -> Json:
    return {"certificate-authority-data": encoded(api.authority.certificate_pem)}


def plugin(api: Way, version: str, status: Json) -> Json:
    """A user whose credentials a command prints."""
    version = f"client.authentication.k8s.io/{version}"
    answer = api.folder / "answer"
    answer.write_text(json.dumps({"apiVersion": version, "kind": "ExecCredential", "status": status}))
    exec_ = {"apiVersion": version, "interactiveMode": "Never", "command": "cat", "args": [str(answer)]}
    return {"exec": exec_}


def token(api: Way) -> Form:
    return Form(config(api.server.url, trust(api), {"token": TOKEN}))


def impersonation(api: Way) -> Form:
    user = {"token": TOKEN, "as": "ada", "as-uid": "7", "as-groups": ["ops"], "as-user-extra": {"team": ["web"]}}
    arrives = {"user": "ada", "uid": "7", "group": "ops", "extra-team": "web"}
    arrives = {f"impersonate-{key}": value for key, value in arrives.items()}
    return Form(config(api.server.url, trust(api), user), BEARER | arrives)


def password(api: Way) -> Form:
    user = {"username": "ada", "password": "lovelace"}
    return Form(config(api.server.url, {"insecure-skip-tls-verify": True}, user), BASIC)


def several_files(api: Way) -> Form:
    """The second file has an authority and a token relative to its own folder."""
    whole = config(api.server.url, {"certificate-authority": "ca.crt"}, {"tokenFile": "token"})
    (api.folder / "second").write_text(yaml.safe_dump(whole | {"current-context": "other"}))
    first = api.folder.parent / "first"
    first.write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "Config", "current-context": "c"}))
    paths = (first, api.folder / "gone", api.folder / "second")
    return Form(environment={"KUBECONFIG": os.pathsep.join(map(str, paths))})


def token_of_a_plugin(api: Way) -> Form:
    return Form(config(api.server.url, trust(api), plugin(api, "v1", {"token": TOKEN})))


def old_plugin(api: Way) -> Form:
    return Form(config(api.server.url, trust(api), plugin(api, "v1beta1", {"token": TOKEN})))


def settings_of_the_engine(api: Way) -> Form:
    """The content as `kubernetes:kubeconfig`, another context and another cluster than its own."""
    whole = config("https://127.0.0.1:9", {}, {"token": TOKEN})
    whole["clusters"].append({"name": "right", "cluster": {"server": api.server.url} | trust(api)})
    whole["contexts"].append({"name": "meant", "context": {"cluster": "c", "user": "right"}})
    whole["users"] = [{"name": "u", "user": {"token": "another"}}, {"name": "right", "user": {"token": TOKEN}}]
    names = {"kubernetes:context": "meant", "kubernetes:cluster": "right"}
    return Form(settings={"kubernetes:kubeconfig": yaml.safe_dump(whole), **names})


def defaults_of_the_project(api: Way) -> Form:
    """A path, and a context where the file names none."""
    whole = config(api.server.url, trust(api), {"token": TOKEN}, **{"current-context": ""})
    (api.folder / "file").write_text(yaml.safe_dump(whole))
    return Form(defaults={"kubernetes:kubeconfig": str(api.folder / "file"), "kubernetes:context": "c"})


def another_name(api: Way) -> Form:
    return Form(config(api.server.url, trust(api) | {"tls-server-name": INSIDE}, {"token": TOKEN}))


def proxy_of_the_file(api: Way) -> Form:
    return Form(config(SERVER_INSIDE, trust(api) | {"proxy-url": api.proxy}, {"token": TOKEN}))


def proxy_of_the_environment(api: Way) -> Form:
    return Form(config(SERVER_INSIDE, trust(api), {"token": TOKEN}), environment={"HTTPS_PROXY": api.proxy})


def certificate(api: Way) -> Form:
    user = {"client-certificate": "client.crt", "client-key": "client.key"}
    (api.folder / "own").write_text(yaml.safe_dump(config(api.server.url, trust(api), user)))
    return Form(arrives={}, environment={"KUBECONFIG": str(api.folder / "own")})


def certificate_of_a_plugin(api: Way) -> Form:
    pair = {"clientCertificateData": api.client.certificate_pem.decode(), "clientKeyData": api.client.key_pem.decode()}
    return Form(config(api.server.url, trust(api), plugin(api, "v1", pair)), arrives={})


def nobody(api: Way) -> Form:
    whole = config(api.server.url, trust(api), {})
    return Form(arrives={}, settings={"kubernetes:kubeconfig": yaml.safe_dump(whole)})


NAMED, CERTIFIED = {"host": INSIDE}, {"asks_certificate": True}
FORMS: list[tuple[Callable[[Way], Form], Json]] = [
    (token, {}), (impersonation, {}), (password, {}), (several_files, {}), (token_of_a_plugin, {}), (old_plugin, {}),
    (settings_of_the_engine, {}), (defaults_of_the_project, {}), (nobody, {}),
    (another_name, NAMED), (proxy_of_the_file, NAMED), (proxy_of_the_environment, NAMED),
    (certificate, CERTIFIED), (certificate_of_a_plugin, CERTIFIED),
]  # fmt: skip


@contextmanager
def between(cluster: Kubernetes, namespace: Namespace, folder: Path, **how: Any) -> Iterator[Way]:
    """The server that keeps what it was sent and asks the real one as the deployer."""
    real = namespace.token()
    with httpx2.Client(base_url=cluster.config.cluster.server, verify=False, trust_env=False, timeout=30) as http:

        def answers(request: Request) -> Reply:
            headers = {key: value for key, value in request.headers.items() if key in PASSED_ON}
            answer = http.request(
                request.method,
                request.path,
                content=request.body,
                headers=headers | {"authorization": f"Bearer {real}"},
            )
            kind = answer.headers.get("content-type", "application/json")
            return Reply(answer.status_code, answer.text, headers={"Content-Type": kind})

        folder.mkdir()
        with secured(folder, answers=answers, **how) as api, tunnel(int(api.server.url.rpartition(":")[2])) as proxy:
            yield Way(api.server, api.authority, api.client, api.folder, *proxy)


def configure(stack: Stack, form: Form) -> None:
    """Write the form's files and settings."""
    if form.kubeconfig:
        stack.kubeconfig.write_text(yaml.safe_dump(form.kubeconfig))
    stack.more_environment = form.environment
    stack.save()
    for path, more in ((stack.file, form.settings), (stack.project / "Pulumi.yaml", form.defaults)):
        content = yaml.safe_load(path.read_text())
        content["config"] = content.get("config", {}) | more
        path.write_text(yaml.safe_dump(content))


def sent(api: Way, ours: str) -> dict[str, set[tuple[str, ...]]]:
    """What arrived since the last look, as the values of TOLD; `ours` is who of ours asked."""
    seen: dict[str, set[tuple[str, ...]]] = {}
    for request in api.server.requests:
        who = ours if request.headers.get("user-agent", "").startswith(("python", "cutover")) else "provider"
        seen.setdefault(who, set()).add(tuple(request.headers.get(key, "") for key in TOLD))
    api.server.requests.clear()
    return seen


# Each of them alone is asked of the program's and the driver's own reader in tests/unit/kubeaccess.
NARROW = (impersonation, several_files, token_of_a_plugin, settings_of_the_engine, certificate)


@pytest.mark.parametrize(
    ("form", "how"),
    [
        pytest.param(form, how, id=form.__name__, marks=[] if form in NARROW else [pytest.mark.wide])
        for form, how in FORMS
    ],
)
def test_all_three_are_one_identity(
    form: Callable[[Way], Form],
    how: Json,
    stack: Stack,
    cluster: Kubernetes,
    namespace: Namespace,
    tmp_path: Path,
) -> None:
    stack.services["app"] = services.rolling()
    with between(cluster, namespace, tmp_path / "api", **how) as api:
        made = form(api)
        wanted = {tuple(made.arrives.get(key, "") for key in TOLD)}
        configure(stack, made)
        previewed = stack.run("preview")
        assert previewed.code == 0, previewed.said
        assert sent(api, "program") == {"provider": wanted, "program": wanted}
        ended = cutover(stack, "status")
        assert (ended.code, "app: config deployed, cluster not there" in ended.out) == (6, True), ended
        assert sent(api, "driver") == {"driver": wanted}
        assert bool(api.asked) == ("proxy" in form.__name__)
