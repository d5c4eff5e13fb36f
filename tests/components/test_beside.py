"""Services, autoscaler and budget as people write them: over what the program makes, and the same at each cutover."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from components import Autoscale, BlueGreenService, Release, RollingApp, SideBySide
from components.hooks.outage import Outage
from components.settings import Compute, Resources
from components.strategies.rolling.outage import RECREATE
from tests.components.fakes import FakeCluster, Recorder, make_pod, run_program

ONE = Release(version="1.0.0", build=1, image="shop:1")
TWO = Release(version="2.0.0", build=2, image="shop:2")
CPU = [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "AverageValue", "averageValue": "1"}}}]
SERVICE = {
    "metadata": {"annotations": {"example.com/lb": "internal"}},
    "spec": {
        "type": "LoadBalancer",
        "sessionAffinity": "ClientIP",
        "ports": [{"port": 80, "name": "web", "appProtocol": "h2c"}, {"port": 53, "protocol": "UDP", "name": "dns"}],
    },
}
FURTHER = {"shop-peers": {"spec": {"clusterIP": "None"}}, "shop-admin": {"spec": {"ports": [{"port": 9, "name": "a"}]}}}


def blue_green(cluster: FakeCluster, **fields: Any) -> None:
    given = {"active": "blue", "port": 8080, "blue": ONE, "green": TWO, **fields}
    run_program(lambda: BlueGreenService("shop", namespace="ns", cluster=cluster, **given).active)


def rolling(**fields: Any) -> None:
    run_program(lambda: RollingApp("shop", namespace="ns", cluster=FakeCluster(), release=ONE, **fields).release)


def test_the_fragment_is_over_the_service_of_clients_alone(recorder: Recorder, cluster: FakeCluster) -> None:
    blue_green(cluster, service=SERVICE)
    live = recorder.find("Service", "shop")
    assert live["metadata"]["annotations"]["example.com/lb"] == "internal"
    assert live["metadata"]["annotations"]["pulumi.com/skipAwait"] == "true"
    assert (live["spec"]["type"], live["spec"]["sessionAffinity"]) == ("LoadBalancer", "ClientIP")
    assert live["spec"]["selector"]["cutover.dev/color"] == "blue"
    assert sorted(live["spec"]["ports"], key=lambda one: one["port"]) == [
        {"port": 53, "protocol": "UDP", "name": "dns"},
        {"name": "web", "port": 80, "targetPort": "http", "protocol": "TCP", "appProtocol": "h2c"},
    ]
    own = recorder.find("Service", "shop-blue")["spec"]
    assert (own["type"], own["ports"][0]["name"]) == ("ClusterIP", "http")


@pytest.mark.parametrize("cutover", ["selector", "labels"])
def test_further_services_find_what_the_live_one_finds(recorder: Recorder, cluster: FakeCluster, cutover: str) -> None:
    kind = "replica-set" if cutover == "labels" else "deployment"
    blue_green(cluster, services=FURTHER, cutover=cutover, workload=kind)
    live, peers, admin = (recorder.find("Service", name)["spec"] for name in ("shop", *FURTHER))
    assert peers["selector"] == admin["selector"] == live["selector"]
    assert (peers["clusterIP"], peers["ports"]) == ("None", live["ports"])
    assert admin["ports"] == [{"port": 9, "name": "a"}]


def test_a_worker_may_have_services_of_its_own(recorder: Recorder) -> None:
    rolling(services={"shop": {"spec": {"ports": [{"port": 53, "protocol": "UDP"}]}}})
    made = recorder.find("Service", "shop")
    assert made["spec"]["ports"] == [{"port": 53, "protocol": "UDP"}]
    assert made["metadata"]["labels"]["app.kubernetes.io/component"] == "further"


def test_an_autoscaler_of_any_metric_owns_the_count(recorder: Recorder, cluster: FakeCluster) -> None:
    behavior = {"scaleDown": {"stabilizationWindowSeconds": 60}}
    blue_green(cluster, autoscaler={"spec": {"minReplicas": 3, "maxReplicas": 9, "metrics": CPU, "behavior": behavior}})
    made = recorder.find("HorizontalPodAutoscaler", "shop")["spec"]
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop-blue-1-0-0-b1"}
    assert made == {"scaleTargetRef": target, "minReplicas": 3, "maxReplicas": 9, "metrics": CPU, "behavior": behavior}
    assert recorder.find("Deployment", "shop-green-2-0-0-b2")["spec"]["replicas"] == 3


QUEUE = {"type": "rabbitmq", "metadata": {"queueName": "mails", "value": "20"}}
SCALED: dict[str, Any] = {
    "apiVersion": "keda.sh/v1alpha1",
    "kind": "ScaledObject",
    "metadata": {"annotations": {"example.com/team": "mail"}},
    "spec": {"minReplicaCount": 3, "maxReplicaCount": 9, "triggers": [QUEUE]},
}


@pytest.mark.parametrize("active", ["blue", "green"])
def test_a_scaled_object_follows_the_color_that_serves(recorder: Recorder, cluster: FakeCluster, active: str) -> None:
    blue_green(cluster, autoscaler=SCALED, active=active)
    made = recorder.find("ScaledObject", "shop")
    workload = {"blue": "shop-blue-1-0-0-b1", "green": "shop-green-2-0-0-b2"}
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": workload.pop(active)}
    assert made["spec"] == SCALED["spec"] | {"scaleTargetRef": target}
    assert made["metadata"]["annotations"].keys() >= {"example.com/team", "cutover.dev/stack"}
    assert made["metadata"]["labels"]["app.kubernetes.io/component"] == "autoscaler"
    (idle,) = workload.values()
    assert recorder.find("Deployment", idle)["spec"]["replicas"] == 3
    assert [one for one in recorder.resources if one.type.endswith("HorizontalPodAutoscaler")] == []


def test_a_rolling_service_has_one_too(recorder: Recorder) -> None:
    rolling(port=8080, autoscaler=SCALED)
    assert recorder.find("ScaledObject", "shop")["spec"]["scaleTargetRef"]["name"] == "shop"


def test_a_fragment_over_the_sugar_keeps_its_numbers(recorder: Recorder) -> None:
    resources = Resources(requests=Compute(cpu="1"))
    scale = Autoscale(min_replicas=2, max_replicas=4)
    rolling(port=8080, autoscale=scale, resources=resources, autoscaler={"spec": {"metrics": CPU}})
    made = recorder.find("HorizontalPodAutoscaler", "shop")["spec"]
    assert (made["minReplicas"], made["maxReplicas"], made["metrics"]) == (2, 4, CPU)


@pytest.mark.parametrize(
    ("budget", "replicas", "spec"),
    [
        ({"spec": {"minAvailable": "50%"}}, 2, {"minAvailable": "50%"}),
        (
            {"spec": {"maxUnavailable": "30%"}},
            1,
            {"maxUnavailable": "30%"},
        ),
    ],
)
def test_a_budget_as_written(recorder: Recorder, budget: dict[str, Any], replicas: int, spec: dict[str, Any]) -> None:
    rolling(port=8080, budget=budget, replicas=replicas)
    made = recorder.find("PodDisruptionBudget", "shop")["spec"]
    assert {key: value for key, value in made.items() if key != "selector"} == spec


def test_versions_and_their_front_have_the_fragment(recorder: Recorder, cluster: FakeCluster) -> None:
    spec = {"spec": {"trafficDistribution": "PreferClose"}}
    run_program(
        lambda: (
            SideBySide(
                "api", namespace="ns", cluster=cluster, port=8080, versions={"v1": ONE}, active="v1", service=spec
            ).active
        )
    )
    found = [recorder.find("Service", name)["spec"]["trafficDistribution"] for name in ("api", "api-v1")]
    assert found == ["PreferClose", "PreferClose"]


def test_recreate_stops_all_first_and_says_so(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("pulumi.warn", lambda line, _: said.append(line))
    rolling(port=8080, update="recreate", replicas=1)
    assert recorder.find("Deployment", "shop")["spec"]["strategy"] == {"type": "Recreate"}
    assert [line for line in said if "each change of its pods is an outage" in line] == [f"shop: {RECREATE}"]


def test_the_outage_is_measured_from_ready_to_ready(cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    told: list[float] = []
    ready = make_pod("one", {"a": "b"})
    outage = Outage(cluster, {"a": "b"}, told.append)

    async def watch() -> None:
        await outage.end()  # nothing has begun
        await outage.begin()
        for second, pods in ((0, [ready]), (3, []), (5, [replace(ready, ready=False)]), (9, [ready])):
            now[0], cluster.all_pods = second, pods
            await outage.look()
        await outage.end()

    asyncio.run(watch())
    assert told == [9.0]


def test_no_pod_at_all(recorder: Recorder) -> None:
    rolling(port=8080, replicas=0)
    assert recorder.find("Deployment", "shop")["spec"]["replicas"] == 0
    assert [one for one in recorder.resources if one.type.endswith(":PodDisruptionBudget")] == []
