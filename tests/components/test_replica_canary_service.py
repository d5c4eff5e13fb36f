"""What a service with a canary by replicas registers: pods in the number of its share, and one carrier."""

from typing import Any

import pytest

from components import BlueGreenService, Canary, ConfigError, Environments, ReleaseGroup
from contract.annotations import CANARY
from contract.labels import COLOR, REVISION
from tests.components.fakes import FakeCluster, Recorder, run_program
from tests.components.test_blue_green_service import BLUE, GREEN

VALUES: dict[str, Any] = {"active": "blue", "port": 8080, "replicas": 3, "standby_replicas": 2}
GREENS = "Deployment shop-green-2-0-0-b7"


def build(recorder: Recorder, cluster: FakeCluster, weight: int | None, **fields: Any) -> list[str]:
    """Make the component; what was registered, in order."""
    canary = None if weight is None else Canary(weight=weight)

    def make() -> Any:
        values = {**VALUES, **fields}
        return BlueGreenService(
            "shop", namespace="ns", cluster=cluster, blue=BLUE, green=GREEN, canary=canary, **values
        ).active

    run_program(make)
    return [f"{one.type.rpartition(':')[2]} {one.name}" for one in recorder.resources]


def pods_of_green(recorder: Recorder) -> int:
    return int(recorder.find("Deployment", "shop-green-2-0-0-b7")["spec"]["replicas"])


def test_the_color_is_at_the_size_of_its_share_before_it_gets_one(recorder: Recorder, cluster: FakeCluster) -> None:
    order = build(recorder, cluster, 10)
    assert order.index("Service shop") < order.index(GREENS) < order.index("ConfigMap shop-canary")
    assert pods_of_green(recorder) == 1
    notes = recorder.find("ConfigMap", "shop-canary")["metadata"]["annotations"]
    assert notes[CANARY] == "green 1 of 4 pods, 25 % of new connections"


def test_the_engine_has_the_selector_of_the_active_color_at_all_times(recorder: Recorder, cluster: FakeCluster) -> None:
    build(recorder, cluster, 50)
    selector = recorder.find("Service", "shop")["spec"]["selector"]
    assert (selector[COLOR], selector[REVISION]) == ("blue", "1-0-0-b1")
    assert pods_of_green(recorder) == 3


def test_a_share_goes_before_its_pods_do(recorder: Recorder, cluster: FakeCluster) -> None:
    order = build(recorder, cluster, 0)
    assert order.index("Service shop") < order.index("ConfigMap shop-canary") < order.index(GREENS)
    assert pods_of_green(recorder) == 2


def test_without_a_canary_there_is_no_resource_of_it(recorder: Recorder, cluster: FakeCluster) -> None:
    assert "ConfigMap shop-canary" not in build(recorder, cluster, None)
    assert pods_of_green(recorder) == 2


def test_a_replica_set_can_have_one_too(recorder: Recorder, cluster: FakeCluster) -> None:
    assert "ConfigMap shop-canary" in build(recorder, cluster, 10, workload="replica-set")


def test_what_moves_with_others_has_none(recorder: Recorder, cluster: FakeCluster) -> None:
    fields = {**VALUES, "blue": BLUE, "green": GREEN, "canary": {"weight": 10}}
    member = {key: value for key, value in fields.items() if key != "active"}

    def group() -> None:
        ReleaseGroup("all", namespace="ns", active="blue", services={"shop": member}, cluster=cluster)

    with pytest.raises(ConfigError, match="'shop' has a canary of its own"):
        run_program(group)

    def environments() -> None:
        builds: Any = {"coco-1": {"services": {"shop": {"strategy": "blue-green", **fields}}}}
        Environments("all", namespace="ns", active="coco-1", builds=builds)

    with pytest.raises(ConfigError, match="canary is set on a service of an environment"):
        run_program(environments)
