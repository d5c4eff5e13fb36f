"""Imports: an object of somebody else's becomes a resource of the stack, unwritten; what differs is updated after."""

import copy
from typing import Any

import pytest

from tests.sandbox.engine.deploy.bench import Bench
from tests.sandbox.engine.deploy.fake_kube import FakeKube

THEIRS: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {
        "name": "web",
        "labels": {"app": "web"},
        "annotations": {"example.com/owner": "them", "kubectl.kubernetes.io/last-applied-configuration": "{}"},
    },
    "spec": {"selector": {"app": "web"}, "type": "NodePort", "ports": [{"name": "www", "port": 80}]},
}
IMPORT = """
ignored = ["metadata.labels", "metadata.annotations", "spec.type", "spec.ports"]
make("Service", "web", ResourceOptions(import_="default/web", ignore_changes=ignored),
     spec={"selector": {"app": config.get("app") or "web"}})
"""

MOVED = """
theirs = {"example.com/owner": "them"}
ours = {"pulumi.com/skipAwait": "true", "pulumi.com/patchForce": "true"}
ignored = ["metadata.labels", "spec.type", "spec.ports"]
make("Service", "web", ResourceOptions(import_="default/web", ignore_changes=ignored),
     metadata={"annotations": {**theirs, **ours}}, spec={"selector": {"app": "new"}})
"""


@pytest.fixture(params=["helm", "kubectl-client-side-apply"])
def theirs(kube: FakeKube, request: pytest.FixtureRequest) -> str:
    """A Service that was made with another tool."""
    path = f"/api/v1/namespaces/default/services?fieldManager={request.param}"
    status, _ = kube.answer("POST", path, copy.deepcopy(THEIRS), "application/json")
    assert status == 201
    kube.calls.clear()
    return str(request.param)


@pytest.mark.usefixtures("theirs")
def test_an_import_takes_what_is_there_and_writes_nothing(bench: Bench, kube: FakeKube) -> None:
    planned = bench.run(IMPORT, preview=True)
    assert planned.outcome.changes == {"create": 1, "import": 1}
    made = bench.run(IMPORT)
    assert made.outcome.ok
    assert made.outcome.changes == {"create": 1, "import": 1}
    assert ("import", "web") in made.steps()
    row = made.row("web")
    assert row["id"] == row["importID"] == "default/web"
    assert row["inputs"]["spec"] == THEIRS["spec"]
    assert row["inputs"]["metadata"]["annotations"] == {"example.com/owner": "them"}
    assert kube.writes() == []
    again = bench.run(IMPORT)
    assert again.outcome.changes == {"same": 2}
    assert again.row("web")["importID"] == "default/web"


def test_a_field_of_another_manager_is_a_conflict_unless_forced(bench: Bench, kube: FakeKube, theirs: str) -> None:
    bench.run(IMPORT)
    if theirs == "helm":  # what kubectl owned, the provider takes over
        refused = bench.run(IMPORT, config={"app": "new"})
        assert "field conflict" in refused.said("error")
    moved = bench.run(MOVED)
    live = kube.live("services", "web")
    assert moved.outcome.changes == {"same": 1, "update": 1}, moved.said()
    assert live is not None
    assert live["spec"] == {**THEIRS["spec"], "selector": {"app": "new"}}
    assert live["metadata"]["labels"] == THEIRS["metadata"]["labels"]
    assert live["metadata"]["annotations"]["example.com/owner"] == "them"


@pytest.mark.usefixtures("theirs")
def test_what_differs_is_imported_and_then_updated(bench: Bench, kube: FakeKube) -> None:
    planned = bench.run(MOVED, preview=True)
    made = bench.run(MOVED)
    for run in (planned, made):
        assert run.outcome.changes == {"create": 1, "import": 1, "update": 1}, run.said()
        assert [op for op, name in run.steps() if name == "web"] == ["import", "update"]
    assert [row["urn"] for row in made.state.resources if row["urn"].endswith("::web")] == [made.row("web")["urn"]]
    live = kube.live("services", "web")
    assert live is not None
    assert live["spec"]["selector"] == {"app": "new"}


@pytest.mark.usefixtures("theirs")
def test_what_could_only_be_replaced_is_not_touched(bench: Bench, kube: FakeKube) -> None:
    other = IMPORT.replace('"spec.type", ', "").replace('{"selector"', '{"clusterIP": "None", "selector"')
    refused = bench.run(other)
    assert not refused.outcome.ok
    assert "may not be replaced" in refused.said("error")
    assert kube.writes() == []


def test_what_is_not_there_cannot_be_imported(bench: Bench) -> None:
    refused = bench.run(IMPORT)
    assert not refused.outcome.ok
    assert "resource 'default/web' does not exist" in refused.said("error")


@pytest.mark.usefixtures("theirs")
def test_what_was_imported_is_deleted_like_any_other(bench: Bench, kube: FakeKube) -> None:
    bench.run(IMPORT)
    gone = bench.run("pulumi.export('nothing', 1)\n")
    assert gone.outcome.changes == {"same": 1, "delete": 1}
    assert kube.live("services", "web") is None
