"""The end of a rolling `up`: what was interrupted is rolled to what the config wants, and old pods have stopped."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from components.drain import rollout
from components.drain.rollout import RolloutGate, Wanted
from components.releases.view import ReleaseView
from components.rules.errors import Gone, RollbackForbidden, RolloutUnfinished
from components.rules.facts import HASH, TEMPLATE_HASH, Pod, Rollout, Workload
from components.rules.labels import selector_labels
from components.settings import Release
from tests.components.fakes import FakeCluster, make_pod


def template(image: str) -> dict[str, Any]:
    return {"metadata": {"labels": {}}, "spec": {"containers": [{"name": "app", "image": image}]}}


WANTED = Wanted("shop", "shop", "1-0-0-b1", template("shop:1"), selector_labels("shop"), 0.2, 0)
OLD, NEW = selector_labels("shop", revision="2-0-0-b1"), selector_labels("shop", revision="1-0-0-b1")


class Cluster(FakeCluster):
    """With one Deployment, of which the first `conflicts` writes come too late; `stubborn` where a webhook rewrites."""

    def __init__(self) -> None:
        super().__init__()
        self.deployed: Rollout | None = Rollout("", True, {}, template("shop:2"), "7", 1)
        self.conflicts, self.stubborn = 0, False

    async def rollout(self, name: str, kind: str = "deployments") -> Rollout | None:
        return self.deployed

    async def replace_template(
        self, name: str, template: Mapping[str, Any], version: str, kind: str = "deployments"
    ) -> int | None:
        assert version == "7"
        self.conflicts -= 1
        if self.conflicts >= 0:
            return None
        self.asked.append(f"template {name}")
        if self.stubborn:
            return 1
        self.deployed = Rollout("", True, {}, template, "8", 2)
        self.all_pods = [make_pod("new", NEW)]
        return 2


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    monkeypatch.setattr(rollout, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(rollout, "MARGIN_SECONDS", 0.2)
    return Cluster()


def finish(cluster: Cluster, said: list[str] | None = None, **changes: Any) -> None:
    asyncio.run(RolloutGate(WANTED, cluster, (said if said is not None else []).append).finish(**changes))


@pytest.mark.parametrize("conflicts", [0, 2])
def test_an_update_that_ended_half_done_is_rolled_to_what_the_config_says(cluster: Cluster, conflicts: int) -> None:
    said: list[str] = []
    cluster.conflicts = conflicts
    finish(cluster, said)
    assert cluster.asked == ["template shop"]
    assert "app.image is 'shop:2' instead of 'shop:1' in the cluster" in said[0]
    finish(cluster, said)
    assert len(cluster.asked) == len(said) == 1


def test_what_the_cluster_rewrites_by_itself_is_not_said_again_and_again(cluster: Cluster) -> None:
    said: list[str] = []
    cluster.stubborn, cluster.all_pods = True, [make_pod("new", NEW)]
    finish(cluster, said)
    assert said == []


def test_what_forbids_a_rollback_is_asked_first(cluster: Cluster) -> None:
    async def forbids() -> None:
        raise RollbackForbidden("a", "b", "c")

    with pytest.raises(RollbackForbidden):
        finish(cluster, permit=forbids)
    assert cluster.asked == []


@pytest.mark.parametrize("left", [make_pod("old", OLD), make_pod("old", NEW, terminating=True)])
def test_it_is_not_complete_while_an_old_pod_may_answer(cluster: Cluster, left: Any) -> None:
    cluster.deployed = Rollout("", True, {}, template("shop:1"))
    cluster.all_pods = [make_pod("new", NEW), left]
    with pytest.raises(RolloutUnfinished, match="old still there"):
        finish(cluster)
    cluster.all_pods.pop()
    finish(cluster)


def of(hashed: str, name: str = "", key: str = TEMPLATE_HASH, **changes: Any) -> Pod:
    return make_pod(name or hashed, NEW | {key: hashed}, **changes)


LEAVES = of("now", "leaves", terminating=True)


@pytest.mark.parametrize("key", [TEMPLATE_HASH, HASH])
def test_a_pod_of_the_current_template_may_go_for_as_long_as_it_likes(cluster: Cluster, key: str) -> None:
    """Its node died, or an autoscaler needs it no more: what it answers is the wanted release."""
    cluster.deployed = Rollout("", True, {}, template("shop:1"))
    cluster.all_pods = [of("now", "stays", key), of("now", "leaves", key, terminating=True), make_pod("bare", NEW)]
    finish(cluster)


@pytest.mark.parametrize(
    ("pods", "left"),
    [
        ([of("now"), of("before", terminating=True)], "before"),
        ([of("now"), LEAVES, replace(LEAVES, name="old", labels=OLD | {TEMPLATE_HASH: "old"})], "old"),
        ([of("now"), of("before"), LEAVES, of("before", "goes", terminating=True)], "goes, leaves"),
        ([LEAVES], "leaves"),
        ([make_pod("new", NEW), LEAVES], "leaves"),
    ],
)
def test_one_of_another_template_of_the_same_release_is_awaited(cluster: Cluster, pods: list[Pod], left: str) -> None:
    """Which is the current one is known once no pod of another stays."""
    cluster.deployed = Rollout("", True, {}, template("shop:1"))
    cluster.all_pods = pods
    with pytest.raises(RolloutUnfinished, match=f"not complete: {left} still there"):
        finish(cluster)


@pytest.mark.parametrize(("hashed", "left"), [("now", "before"), ("before", "now")])
def test_a_stateful_set_says_itself_which_template_is_the_current_one(cluster: Cluster, hashed: str, left: str) -> None:
    cluster.deployed = Rollout("", True, {}, template("shop:1"), hash=hashed)
    cluster.all_pods = [of(one, key=HASH, terminating=True) for one in ("now", "before")]
    gate = RolloutGate(replace(WANTED, kind="statefulsets"), cluster, lambda _: None)
    with pytest.raises(RolloutUnfinished, match=f"not complete: {left} still there"):
        asyncio.run(gate.finish())


def test_a_deployment_that_was_deleted_is_named_with_the_remedy(cluster: Cluster) -> None:
    cluster.deployed = None
    with pytest.raises(Gone, match="pulumi up --refresh"):
        finish(cluster)


def test_pods_that_somebody_took_away_are_brought_back_and_awaited(cluster: Cluster) -> None:
    """The engine compares with its state: an `up` said that there was nothing to do."""
    said: list[str] = []
    release = Release(version="1.0.0", build=1, image="shop:1")
    view = ReleaseView("release", release, release.id, WANTED.selector, 3, stop_seconds=0)
    cluster.deployed = Rollout("", False, {}, template("shop:1"))
    cluster.all_workloads = [Workload("deployments", "shop", WANTED.selector, 1, 0, 0.2)]
    gate = RolloutGate(replace(WANTED, view=view), cluster, said.append)
    with pytest.raises(RolloutUnfinished, match="not all pods are of 1-0-0-b1 and ready"):
        asyncio.run(gate.finish())
    assert cluster.asked == ["scale deployments/shop to 3"]
    assert "somebody scaled it; scaling it back" in said[0]
    cluster.deployed = replace(cluster.deployed, complete=True)
    asyncio.run(gate.finish())
