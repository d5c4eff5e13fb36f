"""Metadata by role against a cluster in memory: it follows the traffic, in order, and ends as the config says."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from components.cluster import watch as limits
from components.cluster.watch import Watch
from components.rules.errors import ClusterRefused, Moved
from components.rules.labels import selector_labels
from components.rules.roles import Bearer
from components.strategies.cutover import Cutover
from components.traffic.roles import Roles
from components.traffic.selector import SelectorRouter
from contract.annotations import COMPLETED, ROLE, ROLES
from contract.roles import RoleMarks
from tests.components.fakes import FakeCluster, make_pod
from tests.components.two_colors import BLUE, GREEN

ACTIVE, PREVIEW = RoleMarks("active", {"role": "active"}, {"tier": "1"}), RoleMarks("preview", {"role": "preview"}, {})
NOTHING = RoleMarks("active", {}, {}), RoleMarks("preview", {}, {})
TEMPLATES = ["blue-set", "green-set"]
PODS = ["blue-0", "blue-1", "green-0", "green-1"]


class Bearers(FakeCluster):
    """Two pods and a ReplicaSet of each color. `born` are pods that come between two looks."""

    def __init__(self) -> None:
        super().__init__()
        self.found = {name: self.bearer("pods", name) for name in PODS}
        self.found |= {name: self.bearer("replicasets", name) for name in TEMPLATES}
        self.born: list[Bearer] = []
        self.refuses = False
        self.switch(BLUE.selector)

    @staticmethod
    def bearer(kind: str, name: str, **labels: str) -> Bearer:
        selector = (BLUE if name.startswith("blue") else GREEN).selector
        return Bearer(kind, name, f"uid-{name}", {"labels": {**selector, **labels}, "annotations": {"other": "kept"}})

    async def role_bearers(self, kind: str, selector: Mapping[str, str]) -> list[Bearer]:
        assert selector == selector_labels("shop")
        return [one for one in self.found.values() if one.kind == kind]

    async def write_role(self, bearer: Bearer, change: Mapping[str, Any]) -> None:
        if self.refuses:
            raise ClusterRefused("PATCH pods was refused: 403", "it cannot be", "give the Role")
        self.asked.append(f"{bearer.name} {change['labels']}")
        metadata = {
            part: {k: v for k, v in {**bearer.metadata[part], **change[part]}.items() if v is not None}
            for part in ("labels", "annotations")
        }
        self.found[bearer.name] = replace(bearer, metadata=metadata)
        for one in self.born:
            self.found[one.name] = one
        self.born = []

    def roles(self) -> dict[str, str]:
        return {name: one.labels.get("role", "") for name, one in self.found.items()}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Bearers:
    monkeypatch.setattr(limits, "VERIFY_SECONDS", 0.3)
    monkeypatch.setattr(limits, "POLL_SECONDS", 0.001)
    return Bearers()


def roles(cluster: Bearers, said: list[str], *marks: RoleMarks, by_set: bool = True) -> Roles:
    watch = Watch("shop", cluster, said.append)
    active, preview = marks or (ACTIVE, PREVIEW)
    return Roles(watch, SelectorRouter(watch).notes, active, preview, by_set=by_set)


def settle(cluster: Bearers, said: list[str], *marks: RoleMarks, target: Any = BLUE, by_set: bool = True) -> None:
    assert cluster.live
    asyncio.run(roles(cluster, said, *marks, by_set=by_set).settle(target, cluster.live))


def test_what_serves_comes_first_and_templates_before_their_pods(cluster: Bearers, said: list[str]) -> None:
    cluster.switch(GREEN.selector)
    asyncio.run(roles(cluster, said).follow(GREEN))
    active, preview = {"role": "active"}, {"role": "preview"}
    assert cluster.asked == [
        f"annotate {ROLES}=true",
        f"green-set {active}",
        f"green-0 {active}",
        f"green-1 {active}",
        f"blue-set {preview}",
        f"blue-0 {preview}",
        f"blue-1 {preview}",
    ]
    assert {one.metadata["annotations"]["other"] for one in cluster.found.values()} == {"kept"}


def test_the_same_again_asks_for_nothing(cluster: Bearers, said: list[str]) -> None:
    settle(cluster, said)
    before = list(cluster.asked)
    settle(cluster, said)
    assert (cluster.asked, said) == (before, [])


def test_pods_of_a_deployment_get_it_and_no_template_does(cluster: Bearers, said: list[str]) -> None:
    settle(cluster, said, by_set=False)
    assert {name for name, role in cluster.roles().items() if role} == set(PODS)


def test_a_pod_that_is_born_between_two_looks_is_found(cluster: Bearers, said: list[str]) -> None:
    cluster.born = [cluster.bearer("pods", "blue-2")]
    settle(cluster, said)
    assert cluster.roles()["blue-2"] == "active"


def test_what_the_config_has_no_more_is_taken_off_and_then_not_looked_for(cluster: Bearers, said: list[str]) -> None:
    settle(cluster, said)
    settle(cluster, said, replace(ACTIVE, labels={}), NOTHING[1])
    assert cluster.found["blue-0"].metadata["annotations"]["tier"] == "1"
    assert set(cluster.roles().values()) == {""}
    settle(cluster, said, *NOTHING)
    assert not any({ROLE, "tier"} & one.metadata["annotations"].keys() for one in cluster.found.values())
    assert cluster.asked[-1] == f"annotate {ROLES}=None"
    cluster.asked.clear()
    cluster.found["blue-0"] = cluster.bearer("pods", "blue-0", role="by-hand")
    settle(cluster, said, *NOTHING)
    assert cluster.asked == []


def test_what_was_adopted_is_left_as_it_is(cluster: Bearers, said: list[str]) -> None:
    cluster.found["theirs"] = Bearer("pods", "theirs", "u", {"labels": {"app.kubernetes.io/instance": "shop"}})
    settle(cluster, said)
    assert "theirs" not in " ".join(cluster.asked)


def test_a_template_that_the_cluster_has_not_seen_is_waited_for_and_told(cluster: Bearers, said: list[str]) -> None:
    cluster.found["blue-set"] = replace(cluster.found["blue-set"], seen=False)
    settle(cluster, said)
    assert "the cluster has not taken note of the template of blue-set; the next `up` goes on" in said[-1]


def test_nothing_is_written_once_somebody_moved_the_service(cluster: Bearers, said: list[str]) -> None:
    seen = cluster.live
    assert seen
    cluster.switch(GREEN.selector)
    with pytest.raises(Moved):
        asyncio.run(roles(cluster, said).settle(BLUE, seen))
    assert cluster.asked == []


def test_right_after_a_switch_a_refusal_is_told_and_the_end_of_the_run_raises(
    cluster: Bearers, said: list[str]
) -> None:
    cluster.refuses = True
    asyncio.run(roles(cluster, said).follow(BLUE))
    assert said == ["shop: the metadata by role is not on all pods yet: PATCH pods was refused: 403"]
    with pytest.raises(ClusterRefused):
        settle(cluster, said)


@pytest.mark.parametrize("completed", [True, False])
def test_each_run_ends_with_it(cluster: Bearers, said: list[str], completed: bool) -> None:
    cluster.all_pods = [make_pod(f"blue-{number}", BLUE.selector, "shop:1") for number in range(2)]
    if completed:
        assert cluster.live
        cluster.live = replace(cluster.live, annotations={COMPLETED: BLUE.revision})
    watch = Watch("shop", cluster, said.append)
    router = SelectorRouter(watch)
    with_roles = Roles(watch, router.notes, ACTIVE, PREVIEW, by_set=True)
    asyncio.run(Cutover(watch, router, None, with_roles).finish(BLUE, None, recycle=True))
    assert cluster.roles()["blue-0"] == "active"
