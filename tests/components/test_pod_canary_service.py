"""What a service with a canary by pod labels registers: one resource for the share, in its place, while it has one."""

from typing import Any

import pytest

from components import BlueGreenService, Canary, ConfigError, ReleaseGroup
from contract.annotations import CANARY
from tests.components.fakes import FakeCluster, Recorder, run_program
from tests.components.test_blue_green_service import BLUE, GREEN

VALUES: dict[str, Any] = {
    "active": "blue",
    "port": 8080,
    "replicas": 3,
    "standby_replicas": 2,
    "workload": "replica-set",
    "cutover": "labels",
}


def build(recorder: Recorder, cluster: FakeCluster, weight: int | None) -> list[str]:
    """Make the component; what was registered, in order, without the digests of templates."""
    canary = None if weight is None else Canary(weight=weight)

    def make() -> Any:
        made = BlueGreenService(
            "shop", namespace="ns", cluster=cluster, blue=BLUE, green=GREEN, canary=canary, **VALUES
        )
        return made.active

    run_program(make)
    return [f"{one.type.rpartition(':')[2]} {one.name.partition('-t')[0]}" for one in recorder.resources]


def test_a_share_comes_after_the_pods_that_it_is_made_of_whose_number_stays(
    recorder: Recorder, cluster: FakeCluster
) -> None:
    order = build(recorder, cluster, 10)
    green = "ReplicaSet shop-green-2-0-0-b7"
    assert order.index("Service shop") < order.index(green) < order.index("ConfigMap shop-canary")
    meta = recorder.find("ConfigMap", "shop-canary")["metadata"]
    assert meta["annotations"][CANARY] == "green 1 of 4 pods, 25 % of new connections"
    assert meta["labels"]["app.kubernetes.io/component"] == "canary"
    (made,) = [one.inputs for one in recorder.resources if one.name.startswith("shop-green-2-0-0-b7-t")]
    assert made["spec"]["replicas"] == 2
    assert "cutover.dev/live" not in made["spec"]["template"]["metadata"]["labels"]


def test_a_share_goes_before_the_pods_that_had_it_change(recorder: Recorder, cluster: FakeCluster) -> None:
    order = build(recorder, cluster, 0)
    assert (
        order.index("Service shop")
        < order.index("ConfigMap shop-canary")
        < order.index("ReplicaSet shop-green-2-0-0-b7")
    )
    notes = recorder.find("ConfigMap", "shop-canary")["metadata"]["annotations"]
    assert notes[CANARY] == "green no pods"


def test_without_a_canary_there_is_no_resource_of_it(recorder: Recorder, cluster: FakeCluster) -> None:
    assert "ConfigMap shop-canary" not in build(recorder, cluster, None)


def test_a_member_of_a_group_has_none(recorder: Recorder, cluster: FakeCluster) -> None:
    fields = {**VALUES, "blue": BLUE, "green": GREEN, "canary": {"weight": 10}}
    del fields["active"]

    def make() -> None:
        ReleaseGroup("all", namespace="ns", active="blue", services={"shop": fields}, cluster=cluster)

    with pytest.raises(ConfigError, match="has a canary of its own, and is a member of a group"):
        run_program(make)
