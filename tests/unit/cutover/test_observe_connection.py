"""Which cluster is asked, and what is said when it does not answer."""

import json
import os
from pathlib import Path

import pytest
import yaml

from cutover.errors import ClusterUnreachable, LoginNeeded
from cutover.observe import Api, Refused, access_of
from cutover.stackfile.view import read_view
from kubeaccess import Access, read
from tests.unit.cutover.servers import Reply, serve

SECRET = "t0ken-that-must-not-show"


def kubeconfig(server: str, name: str = "c", **user: object) -> str:
    return yaml.safe_dump(
        {
            "clusters": [{"name": name, "cluster": {"server": server}}],
            "users": [{"name": name, "user": user or {"token": SECRET}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        }
    )


def stack_file(folder: Path, **config: object) -> Path:
    path = folder / "Pulumi.test.yaml"
    named = {f"kubernetes:{key}": value for key, value in config.items()}
    path.write_text(yaml.safe_dump({"config": {"cutover:namespace": "shop", **named}}))
    return path


@pytest.fixture(autouse=True)
def _no_cluster_of_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def server_of(access: Access) -> str:
    return read(access).cluster.server


def test_the_stacks_config_goes_before_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine").write_text(kubeconfig("http://mine"))
    (tmp_path / "other").write_text(kubeconfig("http://other"))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "other"))
    assert server_of(access_of(read_view(stack_file(tmp_path)))) == "http://other"
    assert server_of(access_of(read_view(stack_file(tmp_path, kubeconfig="mine")))) == "http://mine"
    content = kubeconfig("http://content")
    assert server_of(access_of(read_view(stack_file(tmp_path, kubeconfig=content)))) == "http://content"
    assert SECRET not in repr(access_of(read_view(stack_file(tmp_path, kubeconfig=content))))


def test_the_config_may_name_another_cluster_than_the_contexts(tmp_path: Path) -> None:
    content = yaml.safe_load(kubeconfig("http://first"))
    content["clusters"].append({"name": "d", "cluster": {"server": "http://second"}})
    view = read_view(stack_file(tmp_path, kubeconfig=yaml.safe_dump(content), cluster="d"))
    assert server_of(access_of(view)) == "http://second"


def test_several_kubeconfigs_are_one_and_a_context_is_found_in_any(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text(kubeconfig(f"http://{name}", name))
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join(str(tmp_path / name) for name in ("gone", "a", "b")))
    assert server_of(Access()) == "http://a"
    assert server_of(Access(context="b")) == "http://b"


@pytest.mark.parametrize("content", ["{", "{a: [}", "\nclusters: 3", f"\n{SECRET}", "\nclusters: []\ncontexts: []"])
def test_an_odd_kubeconfig_is_said_without_its_content(content: str) -> None:
    with pytest.raises(ClusterUnreachable, match="no usable kubeconfig") as error:
        Api(Access(content + f" # {SECRET}"))
    assert SECRET not in str(error.value)


def test_no_kubeconfig_at_all_names_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(ClusterUnreachable, match="set KUBECONFIG, or `pulumi config set"):
        Api(Access())
    with pytest.raises(ClusterUnreachable, match="context 'nope' is not in it"):
        Api(Access(kubeconfig("http://c"), context="nope"))


def test_an_encrypted_kubeconfig_is_read_through_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    view = read_view(stack_file(tmp_path, kubeconfig={"secure": "v1:…"}))
    engine = tmp_path / "pulumi"
    engine.write_text(f'#!/bin/sh\necho "$*" > {tmp_path}/asked\ncat {tmp_path}/answer\n')
    engine.chmod(0o755)
    (tmp_path / "answer").write_text(kubeconfig("http://encrypted"))
    monkeypatch.setenv("CUTOVER_PULUMI", str(engine))
    assert server_of(access_of(view)) == "http://encrypted"
    assert (tmp_path / "asked").read_text().startswith("config get kubernetes:kubeconfig --stack test")
    engine.write_text("#!/bin/sh\necho 'error: incorrect passphrase' >&2\nexit 255\n")
    with pytest.raises(LoginNeeded, match="does not tell kubernetes:kubeconfig of test: error: incorrect passphrase"):
        access_of(view)


def test_a_login_plugin_that_fails_is_an_expired_login(tmp_path: Path) -> None:
    user = {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "/nowhere/login"}
    with Api(Access(kubeconfig("https://127.0.0.1:9", exec=user))) as api, pytest.raises(ClusterUnreachable) as error:
        api.json("GET", "/x")
    assert "log in again, or install" in str(error.value)


def test_a_busy_api_server_is_asked_again() -> None:
    with serve(Reply(503), Reply(429), Reply(body="[1]")) as server, Api(Access(kubeconfig(server.url))) as api:
        assert api.json("GET", "/x") == [1]
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("status", "fix"), [(401, "log in to the cluster again"), (403, "docs/rbac.yaml"), (404, "doctor")]
)
def test_a_refusal_is_final_and_says_what_to_do(status: int, fix: str) -> None:
    with (
        serve(Reply(status, '{"message": "no way"}')) as server,
        Api(Access(kubeconfig(server.url))) as api,
        pytest.raises(Refused, match="no way") as error,
    ):
        api.json("GET", "/x")
    assert (error.value.status, len(server.requests)) == (status, 1)
    assert fix in str(error.value)
    assert SECRET not in str(error.value)


@pytest.mark.parametrize(("status", "done"), [(200, True), (404, False), (409, False)])
def test_a_write_is_of_the_object_that_was_looked_at(status: int, done: bool) -> None:
    meta = {"uid": "u", "resourceVersion": "7", "name": "x"}
    with serve(Reply(status, "{}")) as server, Api(Access(kubeconfig(server.url))) as api:
        assert api.patch("/x", {"metadata": {"annotations": {"a": "b"}}, "spec": {}}, meta) is done
    (sent,) = server.requests
    assert json.loads(sent.body) == {
        "metadata": {"annotations": {"a": "b"}, "uid": "u", "resourceVersion": "7"},
        "spec": {},
    }


def test_an_api_server_out_of_reach_is_said_after_a_while() -> None:
    said = r"http://127.0.0.1:9 gave no good answer for 0.3 s \(GET /x"
    with Api(Access(kubeconfig("http://127.0.0.1:9"))) as api, pytest.raises(ClusterUnreachable, match=said):
        api.json("GET", "/x", retry_seconds=0.3)


@pytest.mark.parametrize("body", ['{"items": null}', "{}", "[1]", '{"items": [1]}', "<html>hello</html>", ""])
def test_an_answer_without_a_list_is_none_and_no_empty_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    monkeypatch.setattr("cutover.observe.connection.RETRY_SECONDS", 0.0)
    with serve(Reply(body=body)) as server:
        file = stack_file(tmp_path, kubeconfig=kubeconfig(server.url))
        with Api(access_of(read_view(file))) as api, pytest.raises(ClusterUnreachable):
            api.items("/api/v1/namespaces/shop/pods")
