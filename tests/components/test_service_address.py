"""A Service that stands neither becomes headless nor ceases to be it: refused in a preview, and never made anew."""

from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components import BlueGreenService, BuildSettings, Environments, Release, ReleaseGroup, RollingApp, SideBySide
from components.rules import service_address
from components.rules.facts import LiveService
from components.rules.labels import object_labels
from components.rules.ownership import Existing
from components.settings import Adopt
from components.strategies.rolling.settings import RollingSettings
from contract.annotations import STACK
from contract.labels import COLOR
from tests.components.fakes import START, FakeCluster, Recorder, run_program

ONE = Release(version="1.0.0", build=1, image="shop:1")
HEADLESS = {"spec": {"clusterIP": "None"}}
COLORS: dict[str, Any] = {"port": 8080, "active": "blue", "blue": ONE}
OURS = {STACK: "cutover/test"}


def stands(name: str, cluster_ip: str, component: str = "live", stack: dict[str, str] | None = None) -> Existing:
    labels = object_labels(name, part_of="cutover", component=component)
    return Existing("Service", name, labels, OURS if stack is None else stack, {}, cluster_ip)


def two_colors(cluster: FakeCluster, **fields: Any) -> None:
    run_program(lambda: BlueGreenService("shop", namespace="ns", cluster=cluster, **(COLORS | fields)))


def rolling(cluster: FakeCluster, **fields: Any) -> None:
    run_program(lambda: RollingApp("shop", namespace="ns", cluster=cluster, release=ONE, **({"port": 8080} | fields)))


def versions(cluster: FakeCluster, **fields: Any) -> None:
    given: dict[str, Any] = {"versions": {"v1": ONE}, "active": "v1"}
    run_program(lambda: SideBySide("shop", namespace="ns", cluster=cluster, port=8080, **given, **fields))


def group(cluster: FakeCluster, **fields: Any) -> None:
    members = {"shop": {"port": 8080, "blue": ONE, **fields}}
    run_program(lambda: ReleaseGroup("all", namespace="ns", cluster=cluster, active="blue", services=members))


def environments(cluster: FakeCluster, **fields: Any) -> None:
    builds = {"coco-1": BuildSettings(services={"shop": RollingSettings(port=8080, release=ONE, **fields)})}
    run_program(lambda: Environments("all", namespace="ns", cluster=cluster, active="coco-1", builds=builds))


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize(
    ("program", "component", "name"),
    [
        (two_colors, "live", "shop"),
        (group, "live", "shop"),
        (rolling, "live", "shop"),
        (versions, "front", "shop"),
        (versions, "live", "shop-v1"),
        (environments, "front", "shop"),
        (environments, "live", "shop-coco-1"),
    ],
)
@pytest.mark.parametrize("now", ["10.0.0.7", "None"])
def test_the_service_of_clients_keeps_what_they_know_of_it(
    recorder: Recorder, cluster: FakeCluster, program: Any, component: str, name: str, *, dry_run: bool, now: str
) -> None:
    pulumi.runtime.set_mocks(recorder, project="cutover", stack="test", preview=dry_run)
    cluster.objects = [stands(name, now, component)]
    said = r"is headless \(clusterIP: None\)" if now == "None" else f"has the address {now}"
    wants = "an address of its own" if now == "None" else "clusterIP: None"
    with pytest.raises(
        pulumi.RunError, match=f"service/{name} {said}.*asks for {wants}\n    Refused: traffic stays"
    ) as e:
        program(cluster, service={} if now == "None" else HEADLESS)
    assert str(e.value).endswith("code: address.changed")
    program(cluster, service=HEADLESS if now == "None" else {})


@pytest.mark.parametrize("program", [two_colors, rolling])
def test_further_services_too(recorder: Recorder, cluster: FakeCluster, program: Any) -> None:
    cluster.objects = [stands("shop-peers", "None", "further")]
    with pytest.raises(pulumi.RunError, match=r"write clusterIP: None into services\.shop-peers\.spec again"):
        program(cluster, services={"shop-peers": {"spec": {"sessionAffinity": "ClientIP"}}})
    program(cluster, services={"shop-peers": HEADLESS})


def test_an_address_that_is_written_down_is_the_one_that_there_is(recorder: Recorder, cluster: FakeCluster) -> None:
    cluster.objects = [stands("shop", "10.0.0.7")]
    rolling(cluster, service={"spec": {"clusterIP": "10.0.0.7"}})
    with pytest.raises(pulumi.RunError, match=r"take clusterIP out of service\.spec, or write 10\.0\.0\.7"):
        rolling(cluster, service={"spec": {"clusterIP": "10.0.0.9"}})


@pytest.mark.parametrize("stack", [{}, {STACK: "cutover/other"}])
def test_what_is_not_ours_is_asked_for_its_owner_alone(
    recorder: Recorder, cluster: FakeCluster, stack: dict[str, str]
) -> None:
    cluster.objects = [stands("shop", "None", stack=stack)]
    rolling(cluster)


def test_what_was_adopted_is_left_as_it_is(recorder: Recorder, cluster: FakeCluster) -> None:
    cluster.objects = [stands("shop", "None")]
    cluster.live = LiveService({"app": "web"}, START, {})
    pulumi.runtime.set_mocks(recorder, project="cutover", stack="test", preview=True)
    release = ONE.model_copy(update={"adopt": Adopt(deployment="web", selector={"app": "web"})})
    two_colors(cluster, adopt_service=True, blue=release)
    assert recorder.find("Service", "shop")["spec"] == {"selector": {"app": "web"}}


def test_a_color_s_own_service_has_no_key_and_was_made_by_hand(recorder: Recorder, cluster: FakeCluster) -> None:
    own = stands("shop-blue", "None", "preview")
    cluster.objects = [replace(own, labels={**own.labels, COLOR: "blue"})]
    with pytest.raises(pulumi.RunError, match="kubectl delete -n ns service/shop-blue` once nobody calls it"):
        two_colors(cluster)


def test_a_service_without_an_address_yet_is_no_other_one() -> None:
    assert service_address.refusal("None", stands("shop", ""), "ns") is None


def test_the_engine_is_never_asked_for_another_address(
    recorder: Recorder, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no hook runs before the engine's step, as in an `up` without a preview, it would delete the Service."""
    ignored: dict[str, list[str]] = {}
    monitor = pulumi.runtime.mocks.MockMonitor.RegisterResource

    def noted(self: Any, request: Any) -> Any:
        ignored[f"{request.type.rpartition(':')[2]}/{request.name}"] = list(request.ignoreChanges)
        return monitor(self, request)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(pulumi.runtime.mocks.MockMonitor, "RegisterResource", noted)
    two_colors(cluster, services={"shop-peers": HEADLESS})
    services = {name: paths for name, paths in ignored.items() if name.startswith("Service/")}
    assert services == {f"Service/{name}": ["spec.clusterIP"] for name in ("shop", "shop-blue", "shop-peers")}
