"""What a service with several versions side by side registers, in which order, and how its front moves."""

from typing import Any

import pytest

from components import ConfigError, Release, SideBySide
from tests.components.fakes import FakeCluster, Recorder, run_program

V1 = Release(version="1.0.0", build=1, image="api:1")
V2 = Release(version="2.0.0", build=7, image="api:2")
INSTANCE = "app.kubernetes.io/instance"


def build(cluster: FakeCluster, **fields: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"port": 8080, "service_port": 8000, "versions": {"v1": V1, "v2": V2}} | fields
    told: dict[str, Any] = {}

    def program() -> Any:
        made = SideBySide("api", namespace="ns", cluster=cluster, **values)
        made.versions.apply(lambda found: told.update(versions=found))
        made.active.apply(lambda found: told.update(active=found))
        return made.address.apply(lambda found: told.update(address=found))

    run_program(program)
    return told


def test_each_version_has_an_address_of_its_own(recorder: Recorder, cluster: FakeCluster) -> None:
    told = build(cluster)
    assert told["versions"] == {
        "v1": {"address": "http://api-v1.ns.svc:8000", "release": "1-0-0-b1"},
        "v2": {"address": "http://api-v2.ns.svc:8000", "release": "2-0-0-b7"},
    }
    for key, release in (("v1", V1), ("v2", V2)):
        spec = recorder.find("Deployment", f"api-{key}")["spec"]
        assert spec["selector"]["matchLabels"] == {INSTANCE: f"api-{key}"}
        assert spec["template"]["spec"]["containers"][0]["image"] == release.image
        assert spec["template"]["metadata"]["labels"]["app.kubernetes.io/name"] == "api"
        assert recorder.find("Service", f"api-{key}")["spec"]["selector"] == {INSTANCE: f"api-{key}"}


def test_without_active_there_is_no_front(recorder: Recorder, cluster: FakeCluster) -> None:
    told = build(cluster)
    assert (told["active"], told["address"]) == (None, None)
    assert not [r for r in recorder.resources if r.name == "api" and r.type.endswith("Service")]


def test_the_front_comes_after_what_it_sends_to_and_before_the_others(recorder: Recorder, cluster: FakeCluster) -> None:
    told = build(cluster, active="v2")
    assert (told["active"], told["address"]) == ("v2", "http://api.ns.svc:8000")
    front = recorder.find("Service", "api")
    assert front["spec"]["selector"] == {INSTANCE: "api-v2"}
    assert front["metadata"]["labels"]["app.kubernetes.io/component"] == "front"
    order = [r.name for r in recorder.resources if r.type.endswith((":Deployment", ":Service"))]
    assert order.index("api-v2") < order.index("api") < order.index("api-v1")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"active": "v3"}, r"active is v3, which is none of the versions \(v1, v2\)"),
        ({"versions": {"blue": V1}}, "not usable as the name of a version"),
        ({"versions": {"v-1": V1}}, "no dash"),
        ({"versions": {"v" * 17: V1}}, "17 characters"),
        ({"versions": {}}, "versions"),
    ],
)
def test_what_cannot_be_is_refused(recorder: Recorder, cluster: FakeCluster, fields: Any, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        build(cluster, **fields)


def test_a_version_without_a_probe_shows_with_time_that_it_stays(recorder: Recorder, cluster: FakeCluster) -> None:
    build(cluster, readiness="none")
    assert recorder.find("Deployment", "api-v1")["spec"]["minReadySeconds"] == 10
    build(cluster, readiness="none", min_ready_seconds=3)
    assert [
        one.inputs["spec"]["minReadySeconds"]
        for one in recorder.resources
        if one.name == "api-v1" and "Deployment" in one.type
    ] == [10, 3]
