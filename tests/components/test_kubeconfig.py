"""Which cluster the gates ask: the one that kubectl, the provider and the driver would take."""

import json
from pathlib import Path

import pytest
import yaml

from components.cluster.kubeconfig import read_kubeconfig
from cutover.observe import kubeconfig as driver


def write(path: Path, name: str, *, current: bool = True, user: dict[str, object] | None = None) -> Path:
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": f"https://{name}.example"}}],
        "users": [{"name": name, "user": user or {"token": f"token-of-{name}"}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
    }
    path.write_text(yaml.safe_dump(content | ({"current-context": name} if current else {})))
    return path


@pytest.mark.parametrize("context", [None, "first", "second"])
def test_several_files_are_one_and_go_before_a_pod_s_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, context: str | None
) -> None:
    files = [write(tmp_path / "a", "first", current=False), tmp_path / "gone", write(tmp_path / "b", "second")]
    monkeypatch.setenv("KUBECONFIG", ":".join(map(str, files)))
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    found = read_kubeconfig(None, context)
    assert found is not None
    assert found.cluster.server == f"https://{context or 'second'}.example"
    assert driver.single_config(driver.Access(None, context)) == found


def test_a_login_plugin_of_version_one_is_asked_as_it_wants(tmp_path: Path) -> None:
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": "login", "interactiveMode": "Never"}
    path = write(tmp_path / "a", "first", user={"exec": plugin})
    found = read_kubeconfig(str(path), None)
    assert found is not None
    assert found.user is not None
    assert found.user.exec is not None
    told = {entry.name: entry.value for entry in found.user.exec.env or []}
    assert json.loads(told["KUBERNETES_EXEC_INFO"])["apiVersion"] == plugin["apiVersion"]
    assert driver.single_config(driver.Access(str(path))) == found
