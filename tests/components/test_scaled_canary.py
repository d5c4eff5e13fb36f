"""A canary under an autoscaler: two while there is a share, which take no pod away; one again, in its order."""

import asyncio
from typing import Any

import pulumi
import pytest

from components import Autoscale, BlueGreenService, BlueGreenSettings, Canary, Route, RouteParent
from components.cluster import watch as limits
from components.cluster.watch import Watch
from components.manifests.content import NOTHING
from components.releases.planned import PlannedRelease
from components.rules.facts import Autoscaler, Pod
from components.settings import Compute, Resources
from components.strategies.blue_green import handover
from components.strategies.blue_green.handover import Handover
from components.strategies.blue_green.plan import Planner
from components.traffic.capacity import Capacity
from contract.annotations import HELD
from contract.annotations import STACK as STACK_KEY
from kubeaccess import Access as ClusterAccess
from tests.components.api_server import Api, ask, kubeconfig
from tests.components.fakes import FakeCluster, Recorder, make_pod, run_program
from tests.components.test_blue_green_service import BLUE, GREEN

OWN = Route(parents=(RouteParent(name="gw"),))
SCALE = Autoscale(min_replicas=4, max_replicas=9)
CPU = Resources(requests=Compute(cpu="1"))
HPA, KEDA = ("autoscaling/v2", "HorizontalPodAutoscaler"), ("keda.sh/v1alpha1", "ScaledObject")
SCALED: dict[str, Any] = {"spec": {"minReplicaCount": 4, "maxReplicaCount": 9, "triggers": [{"type": "cpu"}]}}
STACK = "cutover/test"


def build(recorder: Recorder, cluster: FakeCluster, weight: int, **fields: Any) -> list[tuple[str, str]]:
    """Make the component; what was registered, in order."""
    given = {"active": "blue", "port": 8080, "standby_replicas": 1, "autoscale": SCALE, "resources": CPU, **fields}
    canary = Canary(weight=weight) if weight else None

    def make() -> Any:
        return BlueGreenService(
            "shop", namespace="ns", cluster=cluster, blue=BLUE, green=GREEN, route=OWN, canary=canary, **given
        ).active

    run_program(make)
    return [(one.type.rpartition(":")[2], one.name) for one in recorder.resources]


def test_each_color_has_an_autoscaler_that_takes_no_pod_away(recorder: Recorder, cluster: FakeCluster) -> None:
    order = build(recorder, cluster, 10)
    live, beside = (recorder.find("HorizontalPodAutoscaler", name) for name in ("shop", "shop-green"))
    assert (live["spec"]["scaleTargetRef"]["name"], live["spec"]["minReplicas"]) == ("shop-blue-1-0-0-b1", 4)
    assert (beside["spec"]["scaleTargetRef"]["name"], beside["spec"]["minReplicas"]) == ("shop-green-2-0-0-b7", 2)
    for one in (live, beside):
        assert one["spec"]["behavior"] == {"scaleDown": {"selectPolicy": "Disabled"}}
        assert one["metadata"]["annotations"][HELD] == "green"
        assert one["spec"]["maxReplicas"] == 9
    assert recorder.find("Deployment", "shop-green-2-0-0-b7")["spec"]["replicas"] == 2
    share = order.index(("HTTPRoute", "shop"))
    assert max(order.index(("HorizontalPodAutoscaler", one)) for one in ("shop", "shop-green")) < share


def test_without_a_share_there_is_one_and_it_follows_the_weights(recorder: Recorder, cluster: FakeCluster) -> None:
    order = build(recorder, cluster, 0)
    assert [one for one in order if one[0] == "HorizontalPodAutoscaler"] == [("HorizontalPodAutoscaler", "shop")]
    made = recorder.find("HorizontalPodAutoscaler", "shop")
    assert "behavior" not in made["spec"]
    assert HELD not in made["metadata"]["annotations"]
    route, scaler, idle = (
        order.index(one)
        for one in (("HTTPRoute", "shop"), ("HorizontalPodAutoscaler", "shop"), ("Deployment", "shop-green-2-0-0-b7"))
    )
    assert route < scaler < idle
    assert recorder.find("Deployment", "shop-green-2-0-0-b7")["spec"]["replicas"] == 1


def test_copies_are_a_load_too() -> None:
    settings = BlueGreenSettings(
        active="blue",
        port=80,
        blue=BLUE,
        green=GREEN,
        route=OWN,
        canary=Canary(weight=0, mirror=60),
        autoscale=SCALE,
        resources=CPU,
        standby_replicas=0,
    )
    assert (settings.beside, settings.scaled_beside) == (3, True)


def test_a_scaled_object_is_held_in_its_own_words(recorder: Recorder, cluster: FakeCluster) -> None:
    behavior = {"scaleDown": {"stabilizationWindowSeconds": 60}, "scaleUp": {"selectPolicy": "Max"}}
    advanced = {"horizontalPodAutoscalerConfig": {"behavior": behavior}, "restoreToOriginalReplicaCount": False}
    spec = {**SCALED["spec"], "advanced": advanced}
    build(recorder, cluster, 50, autoscale=None, autoscaler={"kind": "ScaledObject", "spec": spec})
    live, beside = (recorder.find("ScaledObject", name)["spec"] for name in ("shop", "shop-green"))
    assert (live["minReplicaCount"], beside["minReplicaCount"]) == (4, 2)
    for one in (live, beside):
        down = {"stabilizationWindowSeconds": 60, "selectPolicy": "Disabled"}
        assert one["advanced"] == {
            "horizontalPodAutoscalerConfig": {"behavior": {**behavior, "scaleDown": down}},
            "restoreToOriginalReplicaCount": False,
        }
    assert spec["advanced"] == advanced  # what was given is as it was


# What the gate asks for, and what happens before one autoscaler is alone again


def planned(color: Any, weight: int, active: str = "blue") -> PlannedRelease:
    canary = Canary(weight=weight) if weight else None
    found = Planner("shop", "p", settings_of(active=active, canary=canary), lambda *_: NOTHING).color(color)
    assert found is not None
    return found


def settings_of(**fields: Any) -> BlueGreenSettings:
    given = {"active": "blue", "port": 80, "standby_replicas": 1, "autoscale": SCALE, "resources": CPU, **fields}
    return BlueGreenSettings(blue=BLUE, green=GREEN, route=OWN, **given)


def pods(slot: PlannedRelease, number: int) -> list[Pod]:
    return [make_pod(f"{slot.color}-{n}", slot.selector, slot.release.image) for n in range(number)]


@pytest.mark.parametrize(
    ("weight", "serve", "wanted"), [(10, 8, 2), (50, 8, 4), (50, 5, 3), (100, 8, 8), (100, 20, 9), (1, 0, 2)]
)
def test_the_gate_asks_for_the_pods_that_the_share_needs(
    cluster: FakeCluster, said: list[str], weight: int, serve: int, wanted: int
) -> None:
    idle = planned("green", weight)
    assert asyncio.run(Capacity(Watch("shop", cluster, said.append)).match(idle.view, serve)) == wanted
    grown = [f"scale deployments/{idle.name} to {wanted}"] if serve else []
    assert cluster.asked == grown
    if serve and weight < 100:
        assert f"shop: green starts with {wanted} pods for {weight} %, as {serve} serve now" in said


class Gate:
    """The gate of the service, as far as the autoscalers are concerned; the log is the cluster's."""

    def __init__(self, cluster: FakeCluster) -> None:
        self._cluster = cluster

    async def may_scale(self) -> None:
        self._cluster.asked.append("traffic is settled")

    async def shrink_left(self) -> None:
        self._cluster.asked.append("shrink")


def scaler(name: str, target: PlannedRelease, *, held: bool = False, stack: str | None = STACK) -> Autoscaler:
    return Autoscaler(HPA, name, f"uid-{name}", target.name, stack, held)


def hand_over(
    cluster: FakeCluster, said: list[str], weight: int = 0, active: Any = "blue", before: str | None = "green"
) -> list[str]:
    """What is done before the active color's autoscaler changes, which was held for the color `before`."""
    target, idle = planned(active, weight, active), planned("green" if active == "blue" else "blue", weight, active)
    settings = settings_of(active=active, canary=Canary(weight=weight) if weight else None)
    gate: Any = Gate(cluster)
    made = Handover(Watch("shop", cluster, said.append), settings, STACK, target, idle, gate)
    old = {"metadata": {"annotations": {HELD: before} if before else {}}}
    args: Any = pulumi.ResourceHookArgs("urn", "id", "shop", "type", None, old, None, None)
    asyncio.run(made.before(args))
    return cluster.asked


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "POLL_SECONDS", 0.001)
    monkeypatch.setattr(handover, "WHOLE_LOAD_SECONDS", 0.1)


@pytest.mark.usefixtures("quick")
def test_back_at_0_the_second_goes_and_the_standby_is_as_configured(cluster: FakeCluster, said: list[str]) -> None:
    cluster.autoscalers["shop-green"] = scaler("shop-green", planned("green", 10))
    assert hand_over(cluster, said) == ["traffic is settled", "delete autoscaler shop-green", "shrink"]
    cluster.asked.clear()  # killed right after it was deleted: the rest follows
    assert hand_over(cluster, said) == ["traffic is settled", "shrink"]


@pytest.mark.usefixtures("quick")
def test_at_the_cutover_the_one_of_the_new_color_goes_before_the_other_is_moved_there(
    cluster: FakeCluster, said: list[str]
) -> None:
    cluster.autoscalers["shop-green"] = scaler("shop-green", planned("green", 10))
    assert hand_over(cluster, said, active="green")[:2] == ["traffic is settled", "delete autoscaler shop-green"]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("active", ["blue", "green"])
def test_none_is_let_go_before_the_color_with_all_of_the_load_was_seen_to_need_fewer_pods(
    cluster: FakeCluster, said: list[str], active: Any
) -> None:
    """Its metrics are of a part of the load until then."""
    name = "shop-green" if active == "green" else "shop"
    cluster.autoscalers["shop-green"] = scaler("shop-green", planned("green", 10))
    cluster.autoscalers[name] = scaler(name, planned(active, 0, active), held=True)
    hand_over(cluster, said, active=active)
    assert said == [f"shop: {active} is scaled down from now on, as its autoscaler wants it"]


@pytest.mark.usefixtures("quick")
def test_what_is_no_part_of_this_stack_stays(cluster: FakeCluster, said: list[str]) -> None:
    cluster.autoscalers["shop-green"] = scaler("shop-green", planned("green", 10), stack="other/prod")
    assert hand_over(cluster, said, before=None) == []
    assert "shop-green" in cluster.autoscalers


@pytest.mark.usefixtures("quick")
def test_a_step_of_the_share_leaves_both(cluster: FakeCluster, said: list[str]) -> None:
    cluster.autoscalers["shop-green"] = scaler("shop-green", planned("green", 10))
    assert hand_over(cluster, said, weight=50) == []


@pytest.mark.usefixtures("quick")
def test_a_share_of_the_other_color_takes_the_place_of_this_one(cluster: FakeCluster, said: list[str]) -> None:
    cluster.autoscalers["shop-green"] = scaler("shop-green", planned("green", 10))
    assert hand_over(cluster, said, weight=10, active="green") == ["delete autoscaler shop-green"]


HPA_OBJECT: dict[str, Any] = {
    "metadata": {"name": "shop", "uid": "u", "annotations": {STACK_KEY: STACK}},
    "spec": {"scaleTargetRef": {"name": "shop-blue-1-0-0-b1"}},
    "status": {"conditions": [{"type": "ScalingLimited", "status": "True", "reason": "ScaleDownLimit"}]},
}


@pytest.mark.parametrize(
    ("condition", "held"),
    [
        ({"type": "ScalingLimited", "status": "True", "reason": "ScaleDownLimit"}, True),
        ({"type": "ScalingLimited", "status": "True", "reason": "TooFewReplicas"}, False),
        ({"type": "ScalingLimited", "status": "False", "reason": "ScaleDownLimit"}, False),
        ({"type": "ScalingActive", "status": "False", "reason": "FailedGetResourceMetric"}, False),
    ],
)
def test_an_autoscaler_is_held_where_its_own_settings_keep_it_from_taking_pods(
    api: Api, condition: dict[str, str], held: bool
) -> None:
    api.answers = [(200, {**HPA_OBJECT, "status": {"conditions": [condition]}})]
    found = ask(ClusterAccess(kubeconfig(api)), "autoscaler", *HPA, "shop")
    assert found == Autoscaler(HPA, "shop", "u", "shop-blue-1-0-0-b1", STACK, held)
    assert api.asked == [("GET", "/apis/autoscaling/v2/namespaces/ns/horizontalpodautoscalers/shop", None)]


def test_of_a_scaled_object_the_autoscaler_that_keda_makes_tells_where_it_may_be_read(api: Api) -> None:
    made = {**HPA_OBJECT, "status": {"hpaName": "keda-hpa-shop"}}
    api.answers = [(200, made), (200, HPA_OBJECT)]
    assert ask(ClusterAccess(kubeconfig(api)), "autoscaler", *KEDA, "shop").held
    assert [path.rpartition("/ns/")[2] for _, path, _ in api.asked] == [
        "scaledobjects/shop",
        "horizontalpodautoscalers/keda-hpa-shop",
    ]
    api.answers = [(200, made), (403, {"kind": "Status", "message": "no"})]
    assert not ask(ClusterAccess(kubeconfig(api)), "autoscaler", *KEDA, "shop").held


def test_it_is_deleted_as_the_one_that_was_read(api: Api) -> None:
    one = Autoscaler(HPA, "shop-green", "uid-1", "x", STACK)
    ask(ClusterAccess(kubeconfig(api)), "delete_autoscaler", one)
    path = "/apis/autoscaling/v2/namespaces/ns/horizontalpodautoscalers/shop-green"
    assert api.asked == [("DELETE", path, {"preconditions": {"uid": "uid-1"}})]
    api.answers = [(404, {"kind": "Status"})]
    ask(ClusterAccess(kubeconfig(api)), "delete_autoscaler", one)


def test_an_identity_is_that_which_the_program_writes(recorder: Recorder, cluster: FakeCluster) -> None:
    build(recorder, cluster, 10)
    notes = recorder.find("HorizontalPodAutoscaler", "shop-green")["metadata"]["annotations"]
    assert notes[STACK_KEY] == STACK
