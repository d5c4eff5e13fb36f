"""What environments side by side register: names, labels and selectors, the order, and that all gates pass first."""

import asyncio
from typing import Any

import pytest

from components import BuildSettings, ConfigError, Environments, Release
from components.rules.errors import GateRefused, NotReady
from components.settings import SmokeCheck
from components.strategies.blue_green.settings import BlueGreenSettings
from components.strategies.blue_green.stages import Stages
from components.strategies.rolling.settings import RollingSettings
from tests.components.fakes import FakeCluster, Recorder, Registered, make_pod, run_program

ENVIRONMENT, INSTANCE = "cutover.dev/environment", "app.kubernetes.io/instance"
V1 = Release(version="1.0.0", build=1, image="shop:1", config={"A": "1"})
V2 = Release(version="2.0.0", build=7, image="shop:2")
ROLLING = RollingSettings(port=8080, release=V1)
BLUE_GREEN = BlueGreenSettings(
    port=8080, service_port=8000, active="blue", blue=V1, green=V2, expose_both=True, gate_timeout_seconds=1
)
BUILDS = {
    "coco-1": BuildSettings(services={"storefront": ROLLING, "api": BLUE_GREEN}),
    "coco-2": BuildSettings(services={"storefront": ROLLING, "api": BLUE_GREEN, "search": ROLLING}),
}


def build(cluster: FakeCluster, active: str = "coco-1", **fields: Any) -> tuple[Environments, dict[str, Any]]:
    values: dict[str, Any] = {"builds": BUILDS, "gate_timeout_seconds": 1} | fields
    made: list[Environments] = []
    told: dict[str, Any] = {}

    def program() -> Any:
        made.append(Environments("environments", namespace="ns", active=active, cluster=cluster, **values))
        made[0].services.apply(lambda found: told.update(services=found))
        made[0].active.apply(lambda found: told.update(active=found))
        return made[0].addresses.apply(lambda found: told.update(addresses=found))

    run_program(program)
    return made[0], told


def objects(recorder: Recorder) -> list[Registered]:
    return [one for one in recorder.resources if one.type.startswith("kubernetes:")]


def selectors(one: Registered) -> list[dict[str, str]]:
    spec = one.inputs.get("spec", {})
    found = [spec.get("selector")] if one.type.endswith(":Service") else [spec.get("selector", {}).get("matchLabels")]
    pod = spec.get("template", {})
    spread = pod.get("spec", {}).get("topologySpreadConstraints", [])
    return [item for item in found if item] + [each["labelSelector"]["matchLabels"] for each in spread]


def test_name_label_and_selector_of_every_object_carry_the_environment(
    recorder: Recorder, cluster: FakeCluster
) -> None:
    build(cluster)
    fronts = {"storefront", "api"}
    made = [one for one in objects(recorder) if one.name not in fronts]
    assert len(made) > 20
    for one in made:
        environment = one.inputs["metadata"]["labels"][ENVIRONMENT]
        assert environment in one.name
        assert one.inputs["metadata"]["name"] == one.name
        assert {found.get(ENVIRONMENT) for found in selectors(one)} <= {environment}, one
        if template := one.inputs.get("spec", {}).get("template"):
            assert template["metadata"]["labels"][ENVIRONMENT] == environment
            assert template["metadata"]["labels"]["app.kubernetes.io/name"] in {"storefront", "api", "search"}
    names = [(one.type, one.name) for one in objects(recorder)]
    assert len(set(names)) == len(names)


def test_there_is_a_front_for_each_service_of_the_active_environment(recorder: Recorder, cluster: FakeCluster) -> None:
    _, told = build(cluster, active="coco-2")
    assert told["active"] == "coco-2"
    assert told["addresses"] == {
        "storefront": "http://storefront.ns.svc:80",
        "api": "http://api.ns.svc:8000",
        "search": "http://search.ns.svc:80",
    }
    assert told["services"]["coco-1"] == {
        "storefront": "http://storefront-coco-1.ns.svc:80",
        "api": "http://api-coco-1.ns.svc:8000",
    }
    assert recorder.find("Service", "search")["spec"]["selector"] == {
        INSTANCE: "search-coco-2",
        ENVIRONMENT: "coco-2",
    }
    selector = recorder.find("Service", "api")["spec"]["selector"]
    assert selector == recorder.find("Service", "api-coco-2-blue")["spec"]["selector"]
    assert selector["cutover.dev/revision"] == "1-0-0-b1"


def test_only_the_fronts_that_are_named_are_made(recorder: Recorder, cluster: FakeCluster) -> None:
    _, told = build(cluster, active="coco-2", fronts=("storefront",))
    assert list(told["addresses"]) == ["storefront"]
    assert not [one for one in objects(recorder) if one.name in {"api", "search"}]


def test_what_serves_comes_before_any_front_and_the_others_after_all(recorder: Recorder, cluster: FakeCluster) -> None:
    build(cluster)
    order = [(one.type.rpartition(":")[2], one.name) for one in objects(recorder)]
    workloads = {name: place for place, (kind, name) in enumerate(order) if kind == "Deployment"}
    fronts = [order.index(("Service", name)) for name in ("storefront", "api")]
    assert max(workloads["storefront-coco-1"], workloads["api-coco-1-blue-1-0-0-b1"]) < min(fronts)
    assert max(fronts) < min(place for name, place in workloads.items() if "coco-2" in name)
    assert max(fronts) < workloads["api-coco-1-green-2-0-0-b7"]


def test_calls_within_an_environment_stay_within_it(recorder: Recorder, cluster: FakeCluster) -> None:
    build(cluster)
    for environment in ("coco-1", "coco-2"):
        pod = recorder.find("Deployment", f"storefront-{environment}")["spec"]["template"]["spec"]
        told = {one["name"]: one["value"] for one in pod["containers"][0]["env"]}
        assert told["API_URL"] == f"http://api-{environment}.ns.svc:8000"
        assert ("SEARCH_URL" in told) == (environment == "coco-2")


def test_a_refusal_of_one_service_is_the_refusal_of_all(recorder: Recorder, cluster: FakeCluster) -> None:
    made, _ = build(cluster, active="coco-2", smoke={"storefront": SmokeCheck(path="/")})
    front = made._fronts["storefront"]
    cluster.all_pods = [make_pod(f"s-{number}", front.target.selector, image=V1.image) for number in range(2)]
    asyncio.run(front.check())
    assert "GET storefront-coco-2/" in cluster.asked
    with pytest.raises(NotReady, match="is not ready"):
        asyncio.run(made._all_pass())


def test_no_environment_changes_a_color_that_a_front_still_sends_to(
    recorder: Recorder, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody moved the front, which only the end of the run moves back."""
    gates: list[Any] = []
    stand_by = Stages.stand_by

    def asked(self: Stages, after: Any, gate: Any = None) -> Any:
        gates.append((self, gate))
        return stand_by(self, after, gate)

    monkeypatch.setattr(Stages, "stand_by", asked)
    build(cluster)
    assert {made.target.service for made, _ in gates} == {"api-coco-1-blue", "api-coco-2-blue"}
    for made, front_has_left in gates:
        assert made.idle
        cluster.all_pods = [make_pod("one", made.idle.selector, image=V2.image)]
        cluster.switch(made.target.selector)
        asyncio.run(front_has_left())
        cluster.switch(made.idle.selector)
        with pytest.raises(GateRefused, match="api: green is to become the standby, but the live Service still"):
            asyncio.run(front_has_left())


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"active": "coco-3"}, r"active is coco-3, which is none of the builds \(coco-1, coco-2\)"),
        ({"active": "coco"}, "not the name of an environment"),
        ({"fronts": ("search",)}, "'search' is a front, and coco-1 has no such service"),
        ({"smoke": {"till": SmokeCheck(path="/")}}, "'till' is a service of no environment"),
        (
            {"builds": BUILDS | {"coco-3": BuildSettings(services={"api": ROLLING})}},
            "service_port is 80, and 8000 in coco-1",
        ),
        (
            {"builds": {"coco-1": {"services": {"web": {"strategy": "rolling", "release": V1, "drain_seconds": -1}}}}},
            r"environments\.builds\.coco-1\.services\.web\.drain_seconds\n",
        ),
    ],
)
def test_what_cannot_be_is_refused(recorder: Recorder, cluster: FakeCluster, fields: Any, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        build(cluster, **fields)
