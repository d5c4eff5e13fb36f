"""What somebody deleted is named at the end of a run, in a preview too, with the command that makes it again."""

import asyncio
from datetime import timedelta
from typing import Any

import pulumi
import pytest

from components import BlueGreenService, Release, ReleaseGroup, RollingApp, SideBySide
from components.rules.errors import ReleaseGone
from components.rules.facts import LiveService, Rollout
from components.settings import Adopt
from tests.components.fakes import START, FakeCluster, Recorder, run_program

BLUE = Release(version="1.0.0", build=1, image="shop:1")
GREEN = Release(version="2.0.0", build=7, image="shop:2")
FIELDS: dict[str, Any] = {"port": 8080, "replicas": 2, "blue": BLUE, "green": GREEN}
REMEDY = "pulumi up --refresh"


def two_colors(cluster: FakeCluster, **fields: Any) -> None:
    run_program(lambda: BlueGreenService("shop", namespace="ns", cluster=cluster, active="blue", **(FIELDS | fields)))


def group(cluster: FakeCluster) -> None:
    run_program(lambda: ReleaseGroup("all", namespace="ns", cluster=cluster, active="blue", services={"shop": FIELDS}))


def rolling(cluster: FakeCluster) -> None:
    run_program(lambda: RollingApp("shop", namespace="ns", cluster=cluster, port=8080, replicas=2, release=BLUE))


def versions(cluster: FakeCluster) -> None:
    run_program(
        lambda: SideBySide(
            "shop", namespace="ns", cluster=cluster, port=8080, replicas=2, active="one", versions={"one": BLUE}
        )
    )


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(
    ("program", "name"),
    [
        (two_colors, "Service/shop"),
        (two_colors, "Service/shop-green"),
        (two_colors, "Deployment/shop-blue-1-0-0-b1"),
        (two_colors, "Deployment/shop-green-2-0-0-b7"),
        (two_colors, "PodDisruptionBudget/shop-green"),
        (group, "Service/shop"),
        (rolling, "Service/shop"),
        (rolling, "Deployment/shop"),
        (versions, "Service/shop"),
        (versions, "Deployment/shop-one"),
    ],
)
def test_what_was_deleted_is_named_with_the_remedy(
    recorder: Recorder, cluster: FakeCluster, program: Any, name: str, dry_run: bool
) -> None:
    pulumi.runtime.set_mocks(recorder, project="cutover", stack="test", preview=dry_run)
    cluster.gone = {name}
    with pytest.raises(pulumi.RunError, match=f"shop.*: {name.lower()} is not in the cluster.*\n.*\n.*{REMEDY}"):
        program(cluster)


def test_all_that_is_missing_is_named_at_once(recorder: Recorder, cluster: FakeCluster) -> None:
    cluster.gone = {"Service/shop", "Service/shop-green"}
    with pytest.raises(pulumi.RunError, match="service/shop, service/shop-green are not"):
        two_colors(cluster)


def test_a_preview_of_what_is_yet_to_be_made_names_nothing(recorder: Recorder, cluster: FakeCluster) -> None:
    class Unmade(Recorder):
        def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
            return None, super().new_resource(args)[1]

    pulumi.runtime.set_mocks(Unmade(), project="cutover", stack="test", preview=True)
    cluster.gone = {"Service/shop", "Deployment/shop-blue-1-0-0-b1"}
    two_colors(cluster)


def test_a_plan_is_made_without_a_cluster_that_does_not_answer(
    recorder: Recorder, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: str) -> bool:
        return await asyncio.Future()

    pulumi.runtime.set_mocks(recorder, project="cutover", stack="test", preview=True)
    monkeypatch.setattr("components.hooks.claim.PLAN_SECONDS", 0.01)
    monkeypatch.setattr(cluster, "has", never)
    two_colors(cluster)


def test_no_gate_waits_for_the_pods_of_a_workload_that_was_deleted(recorder: Recorder, cluster: FakeCluster) -> None:
    async def check(made: BlueGreenService) -> None:
        cluster.gone = {"Deployment/shop-blue-1-0-0-b1"}
        with pytest.raises(ReleaseGone, match=r"deployment/shop-blue-1-0-0-b1.* is not in the cluster") as refused:
            await made.stages.gate.check()
        assert REMEDY in str(refused.value)

    def program() -> Any:
        made = BlueGreenService("shop", namespace="ns", cluster=cluster, active="blue", **FIELDS)
        return made.active.apply(lambda _: check(made))

    run_program(program)


def test_a_front_does_not_wait_for_a_version_that_was_deleted(recorder: Recorder, cluster: FakeCluster) -> None:
    async def check(made: SideBySide) -> None:
        cluster.gone = {"Deployment/shop-one"}
        assert made._front is not None
        with pytest.raises(ReleaseGone, match="deployment/shop-one, which is to take the traffic"):
            await made._front.check()

    def program() -> Any:
        fields: dict[str, Any] = {"port": 8080, "replicas": 2, "active": "one", "versions": {"one": BLUE}}
        made = SideBySide("shop", namespace="ns", cluster=cluster, **fields)
        return pulumi.Output.all(made.versions, made.active).apply(lambda _: check(made))

    run_program(program)


class Rolled(FakeCluster):
    """A cluster whose Deployments were all changed by hand to another image, or by an update that was broken off."""

    def __init__(self) -> None:
        super().__init__()
        self.templates: dict[str, Any] = {}

    async def rollout(self, name: str, kind: str = "deployments") -> Rollout | None:
        if f"Deployment/{name}" in self.gone:
            return None
        changed = {"metadata": {}, "spec": {"containers": [{"name": "app", "image": "shop:other"}]}}
        found = self.templates.get(name, changed)
        return Rollout("", complete=True, annotations={}, template=found, version="1", generation=len(self.templates))

    async def replace_template(self, name: str, template: Any, version: str, kind: str = "deployments") -> int | None:
        self.asked.append(f"template {name} {template['spec']['containers'][0]['image']}")
        self.templates[name] = template
        return len(self.templates)


def test_deployments_of_both_colors_are_rolled_to_what_the_config_says(recorder: Recorder) -> None:
    cluster = Rolled()
    two_colors(cluster)
    assert cluster.asked == ["template shop-blue-1-0-0-b1 shop:1", "template shop-green-2-0-0-b7 shop:2"]


def test_a_preview_rolls_nothing(recorder: Recorder) -> None:
    pulumi.runtime.set_mocks(recorder, project="cutover", stack="test", preview=True)
    cluster = Rolled()
    two_colors(cluster)
    assert cluster.asked == []


def test_what_is_there_is_rolled_also_where_something_else_is_missing(recorder: Recorder) -> None:
    cluster = Rolled()
    cluster.gone = {"Deployment/shop-green-2-0-0-b7"}
    with pytest.raises(pulumi.RunError, match=REMEDY):
        two_colors(cluster)
    assert cluster.asked == ["template shop-blue-1-0-0-b1 shop:1"]


def test_replica_sets_are_never_changed(recorder: Recorder) -> None:
    cluster = Rolled()
    two_colors(cluster, workload="replica-set")
    assert cluster.asked == []


def test_what_was_adopted_has_to_be_put_back(recorder: Recorder, cluster: FakeCluster) -> None:
    adopted = BLUE.model_copy(update={"adopt": Adopt(deployment="old", selector={"app": "web"})})
    cluster.live, cluster.gone = LiveService({"app": "web"}, START), {"Deployment/old"}
    with pytest.raises(pulumi.RunError, match="deployment/old was there before this stack, which cannot make it"):
        two_colors(cluster, blue=adopted, adopt_service=True, green=None)


@pytest.mark.parametrize(("minutes", "left"), [(0, False), (1, True)])
def test_a_service_that_was_never_switched_since_it_was_made_has_left_nobody(minutes: int, left: bool) -> None:
    live = LiveService({}, START + timedelta(minutes=minutes), created=START)
    assert (live.left_at is not None) is left
