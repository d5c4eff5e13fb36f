"""What components register for what was there before: imports that declare nothing but the selector."""

from typing import Any

import pytest

from components import Adopt, BlueGreenService, ConfigError, Release, RollingApp
from components.rules import names
from components.rules.facts import LiveService
from components.strategies.rolling.adoption import OWN
from tests.components.fakes import START, FakeCluster, Recorder, make_pod, run_program

OLD = Release(version="1.0.0", build=0, image="shop:1", adopt=Adopt(deployment="web", selector={"app": "web"}))
NEW = Release(version="1.1.0", build=1, image="shop:2")
HELM = {"app.kubernetes.io/name": "shop", "app.kubernetes.io/instance": "shop"}


@pytest.fixture
def cluster() -> FakeCluster:
    fake = FakeCluster()
    fake.all_pods = [make_pod(f"web-{i}", {"app": "web"}) for i in range(2)]
    fake.live = LiveService({"app": "web"}, START, {"example.com/owner": "them"})
    return fake


def build(cluster: FakeCluster, **fields: Any) -> None:
    values: dict[str, Any] = {"active": "blue", "port": 8080, "adopt_service": True, "blue": OLD, "green": NEW}
    run_program(lambda: BlueGreenService("shop", namespace="ns", cluster=cluster, **values | fields))


def kinds(recorder: Recorder) -> dict[tuple[str, str], str]:
    return {(r.type.rpartition(":")[2], r.name): r.import_id for r in recorder.resources}


def test_what_was_there_is_imported_under_its_own_name(recorder: Recorder, cluster: FakeCluster) -> None:
    build(cluster, replicas=3)
    imported = {key: found for key, found in kinds(recorder).items() if found}
    assert imported == {("Deployment", "web"): "ns/web", ("Service", "shop"): "ns/shop"}
    assert recorder.find("Deployment", "web") == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "ns"},
    }
    assert recorder.find("Service", "shop")["metadata"] == {"name": "shop", "namespace": "ns"}
    assert recorder.find("Service", "shop")["spec"] == {"selector": {"app": "web"}}


def test_around_an_adopted_color_there_is_its_own_service_and_nothing_else(
    recorder: Recorder, cluster: FakeCluster
) -> None:
    build(cluster, replicas=3)
    own = recorder.find("Service", "shop-blue")
    assert own["spec"]["selector"] == {"app": "web"}
    assert own["spec"]["ports"][0]["targetPort"] == 8080
    assert [name for kind, name in kinds(recorder) if kind == "PodDisruptionBudget"] == ["shop-green"]


def test_it_is_noted_on_the_service_what_is_adopted(recorder: Recorder, cluster: FakeCluster) -> None:
    build(cluster)
    assert cluster.live
    assert cluster.live.annotations["cutover.dev/adopted"] == "blue"
    assert cluster.live.annotations["cutover.dev/completed"] == "1-0-0-b0"
    assert not [asked for asked in cluster.asked if asked.startswith("end")]


def test_the_first_cutover_moves_the_selector_and_keeps_the_annotations(
    recorder: Recorder, cluster: FakeCluster
) -> None:
    cluster.refills = True
    build(cluster)
    recorder.resources.clear()
    target = {
        "app.kubernetes.io/instance": "shop",
        "cutover.dev/color": "green",
        "cutover.dev/revision": "1-1-0-b1",
    }
    cluster.all_pods.append(make_pod("green-0", target, "shop:2"))
    build(cluster, active="green", replicas=1, drain_seconds=0)
    live = recorder.find("Service", "shop")
    assert live["spec"] == {"selector": target}
    assert live["metadata"]["annotations"] == {
        "cutover.dev/stack": "cutover/test",
        "example.com/owner": "them",
        "pulumi.com/patchForce": "true",
        "pulumi.com/skipAwait": "true",
    }


def test_a_cutover_before_the_adoption_is_refused(recorder: Recorder, cluster: FakeCluster) -> None:
    with pytest.raises(Exception, match="was not adopted yet"):
        build(cluster, active="green")


def test_pods_beside_a_helm_release_are_not_found_by_its_selector(recorder: Recorder, cluster: FakeCluster) -> None:
    cluster.all_pods = [make_pod(f"web-{i}", HELM) for i in range(2)]
    cluster.live = LiveService(HELM, START, {})
    adopted = OLD.model_copy(update={"adopt": Adopt(deployment="web", selector=HELM)})
    build(cluster, blue=adopted)
    template = recorder.find("Deployment", "shop-green-1-1-0-b1")["spec"]["template"]
    assert not HELM.items() <= template["metadata"]["labels"].items()


def test_a_selector_that_finds_new_pods_too_is_refused(recorder: Recorder, cluster: FakeCluster) -> None:
    adopted = Adopt(deployment="web", selector={"app.kubernetes.io/instance": "shop"})
    with pytest.raises(ConfigError, match=r"shop\.blue\.adopt\.selector") as refused:
        build(cluster, blue=OLD.model_copy(update={"adopt": adopted}))
    assert "before any gate" in str(refused.value)
    assert [r.type for r in recorder.resources] == ["cutover:index:BlueGreenService"]


def test_another_image_under_an_adopted_release_is_refused(recorder: Recorder, cluster: FakeCluster) -> None:
    with pytest.raises(Exception, match=r"adopts pods that run shop:1, and the config says shop:9"):
        build(cluster, blue=OLD.model_copy(update={"image": "shop:9"}))


def test_the_port_s_name_is_the_one_that_the_existing_service_asks_for(
    recorder: Recorder, cluster: FakeCluster
) -> None:
    build(cluster, port_name="web")
    container = recorder.find("Deployment", "shop-green-1-1-0-b1")["spec"]["template"]["spec"]["containers"][0]
    assert container["ports"][0]["name"] == container["readinessProbe"]["httpGet"]["port"] == "web"
    assert recorder.find("Service", "shop-green")["spec"]["ports"][0]["targetPort"] == "web"


def rolling(cluster: FakeCluster, **fields: Any) -> None:
    values: dict[str, Any] = {"port": 8080, "adopt_service": True, "release": OLD, "drain_seconds": 0}
    run_program(lambda: RollingApp("shop", namespace="ns", cluster=cluster, **values | fields))


def test_a_rolling_service_imports_both_and_makes_nothing_else(recorder: Recorder, cluster: FakeCluster) -> None:
    rolling(cluster)
    assert kinds(recorder) == {
        ("RollingApp", "shop"): "",
        ("Deployment", "web"): "ns/web",
        ("Service", "shop"): "ns/shop",
    }
    assert recorder.find("Service", "shop")["spec"] == {"selector": {"app": "web"}}
    assert cluster.live
    assert cluster.live.annotations["cutover.dev/adopted"] == "release"


def test_its_first_release_stands_beside_whatever_the_old_one_is_called(
    recorder: Recorder, cluster: FakeCluster
) -> None:
    rolling(cluster)
    recorder.resources.clear()
    name = names.rolling_name("shop", beside=True)
    labels = {"app.kubernetes.io/instance": "shop", "cutover.dev/revision": "1-1-0-b1", **OWN}
    cluster.all_pods.append(make_pod("new", labels, "shop:2"))
    cluster.switch({"app.kubernetes.io/instance": "shop", **OWN})
    rolling(cluster, release=NEW, replicas=1)
    made = recorder.find("Deployment", name)
    assert name != "shop"
    selector = recorder.find("Service", "shop")["spec"]["selector"]
    assert selector == made["spec"]["selector"]["matchLabels"]
    assert selector.items() <= made["spec"]["template"]["metadata"]["labels"].items()
    assert not selector.items() <= HELM.items()
    assert cluster.live
    assert "cutover.dev/adopted" not in cluster.live.annotations


def test_a_rolling_service_s_old_selector_may_not_find_new_pods(recorder: Recorder, cluster: FakeCluster) -> None:
    adopted = Adopt(deployment="web", selector={"app.kubernetes.io/managed-by": "pulumi"})
    with pytest.raises(ConfigError, match=r"shop\.release\.adopt\.selector"):
        rolling(cluster, release=OLD.model_copy(update={"adopt": adopted}))
