"""Where a release came from stands on its workload, shows in the status, and is never a difference."""

import pytest

from tests.lifecycle import services
from tests.lifecycle.command import cutover
from tests.lifecycle.kube import Namespace
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]


def _origin(namespace: Namespace, kind: str, name: str) -> dict[str, str]:
    (found,) = [item["metadata"] for item in namespace.items(kind) if item["metadata"]["name"].startswith(name)]
    return {key.partition("/")[2]: value for key, value in found["annotations"].items() if "cutover.dev/" in key}


def test_a_release_tells_where_it_came_from(
    stack: Stack, namespace: Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUTOVER_COMMIT", "a" * 40)
    monkeypatch.setenv("CUTOVER_REPOSITORY", "https://ann:secret@forge.example/team/shop.git")
    monkeypatch.setenv("CUTOVER_DEPLOYER", "ann")
    stack.services["shop"] = services.blue_green("replica-set", green=None)
    app = stack.services["app"] = services.rolling()
    stack.must_up()
    for kind, name in (("replicasets", "shop-blue"), ("deployments", "app")):
        origin = _origin(namespace, kind, name)
        assert origin["commit"] == "a" * 40
        assert origin["repository"] == "https://forge.example/team/shop.git"
        assert origin["deployed-by"] == "ann"
        assert origin["release"] == "1-0-0-b1"

    monkeypatch.setenv("CUTOVER_COMMIT", "b" * 40)
    assert set(stack.must_up().changes) == {"same"}
    assert set(stack.run("refresh", "--yes", "--skip-preview").changes) == {"same"}
    app["release"] = services.release(services.V2)
    stack.must_up()
    assert _origin(namespace, "deployments", "app")["commit"] == "b" * 40
    assert _origin(namespace, "replicasets", "shop-blue")["commit"] == "a" * 40

    assert f"commit: {'b' * 40}" in cutover(stack, "status", "--provenance").out
    colors = cutover(stack, "status", "--json").json()["stacks"][0]["services"]["shop"]["colors"]
    assert colors["blue"]["origin"]["deployed by"] == "ann"
