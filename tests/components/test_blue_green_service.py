"""What a blue/green service registers: names, selectors, order. The gates have tests of their own."""

import json
from typing import Any

import pulumi
import pytest

from components import BlueGreenService, BlueGreenSettings, ConfigError, Release, SmokeCheck, SmokeJob
from components.settings import ReleaseJob
from tests.components.fakes import FakeCluster, Recorder, Registered, run_program
from tests.components.time_limits import time_limits

BLUE = Release(version="1.0.0", build=1, image="shop:1")
GREEN = Release(version="2.0.0", build=7, image="shop:2")


def build(recorder: Recorder, cluster: FakeCluster, **fields: Any) -> dict[str, Any]:
    """Make the component under mocks, wait for all of it, and return its outputs."""
    outputs: dict[str, Any] = {}
    values: dict[str, Any] = {"active": "blue", "port": 8080, "replicas": 2, "blue": BLUE, "green": GREEN} | fields
    values = {key: value for key, value in values.items() if value is not None}

    def make() -> pulumi.Output[None]:
        made = BlueGreenService("shop", namespace="ns", cluster=cluster, **values)
        seen = pulumi.Output.all(made.active, made.address, made.preview_address, made.releases)
        return seen.apply(
            lambda all_: outputs.update(zip(("active", "address", "preview", "releases"), all_, strict=True))
        )

    run_program(make)
    return outputs


def waits_for(made: Registered) -> list[str]:
    """What the provider is told to wait for, all of it."""
    conditions: list[str] = json.loads(made.inputs["metadata"]["annotations"]["pulumi.com/waitFor"])
    return conditions


def test_each_release_is_a_workload_of_its_own_name(recorder: Recorder, cluster: FakeCluster) -> None:
    build(recorder, cluster)
    blue = recorder.find("Deployment", "shop-blue-1-0-0-b1")
    assert blue["metadata"]["name"] == "shop-blue-1-0-0-b1"
    assert blue["metadata"]["namespace"] == "ns"
    assert recorder.find("Deployment", "shop-green-2-0-0-b7")["spec"]["replicas"] == 2


def test_selectors_match_exactly_one_release(recorder: Recorder, cluster: FakeCluster) -> None:
    build(recorder, cluster)
    blue, green = (recorder.find("Deployment", name) for name in ("shop-blue-1-0-0-b1", "shop-green-2-0-0-b7"))
    live = recorder.find("Service", "shop")["spec"]["selector"]
    assert live == recorder.find("Service", "shop-blue")["spec"]["selector"]
    for workload in (blue, green):
        selector = workload["spec"]["selector"]["matchLabels"]
        labels = workload["spec"]["template"]["metadata"]["labels"]
        assert selector.items() <= labels.items()
        assert (selector == live) == (workload is blue)
    assert recorder.find("Service", "shop-green")["spec"]["selector"] == green["spec"]["selector"]["matchLabels"]


def test_resources_come_in_the_order_of_a_cutover(recorder: Recorder, cluster: FakeCluster) -> None:
    build(recorder, cluster, active="green")
    names = [(r.type.rpartition(":")[2], r.name) for r in recorder.resources]
    order = [("Deployment", "shop-green-2-0-0-b7"), ("Service", "shop"), ("Deployment", "shop-blue-1-0-0-b1")]
    assert [names.index(step) for step in order] == sorted(names.index(step) for step in order)


@pytest.mark.parametrize("workload", ["deployment", "replica-set"])
def test_a_color_s_own_service_is_there_before_its_pods_and_after_the_switch_that_left_it(
    recorder: Recorder, cluster: FakeCluster, workload: str
) -> None:
    build(recorder, cluster, workload=workload, smoke_job=SmokeJob(image="check:1"))
    made = [r.name for r in recorder.resources if r.type.rpartition(":")[2] in {"Service", "Deployment", "ReplicaSet"}]
    assert [name.partition("-0-0")[0] for name in made] == [
        "shop-blue",
        "shop-blue-1",
        "shop",
        "shop-green",
        "shop-green-2",
    ]


def test_with_edits_in_place_the_old_pods_have_it_until_the_new_ones_are_ready(
    recorder: Recorder, cluster: FakeCluster
) -> None:
    build(recorder, cluster, allow_in_place_updates=True)
    made = [r.name for r in recorder.resources if r.type.rpartition(":")[2] in {"Service", "Deployment"}]
    assert [name.partition("-0-0")[0] for name in made] == [
        "shop-blue-1",
        "shop-blue",
        "shop",
        "shop-green-2",
        "shop-green",
    ]


def test_outputs_say_what_serves_and_where_the_preview_is(recorder: Recorder, cluster: FakeCluster) -> None:
    outputs = build(recorder, cluster, service_port=8000)
    assert outputs == {
        "active": "blue",
        "address": "http://shop.ns.svc:8000",
        "preview": "http://shop-green.ns.svc:8000",
        "releases": {"blue": "1-0-0-b1", "green": "2-0-0-b7"},
    }


def test_one_color_is_enough(recorder: Recorder, cluster: FakeCluster) -> None:
    outputs = build(recorder, cluster, green=None)
    assert outputs["preview"] is None
    assert not [r.name for r in recorder.resources if "green" in r.name]


def test_standby_may_be_smaller(recorder: Recorder, cluster: FakeCluster) -> None:
    build(recorder, cluster, replicas=4, standby_replicas=0)
    assert recorder.find("Deployment", "shop-blue-1-0-0-b1")["spec"]["replicas"] == 4
    assert recorder.find("Deployment", "shop-green-2-0-0-b7")["spec"]["replicas"] == 0
    assert [r.name for r in recorder.resources if r.type.endswith("PodDisruptionBudget")] == ["shop-blue"]


def test_a_replica_set_is_named_by_its_template_too(recorder: Recorder, cluster: FakeCluster) -> None:
    build(recorder, cluster, workload="replica-set", green=None, replicas=3)
    build(recorder, cluster, workload="replica-set", green=None, replicas=3, env={"A": "b"})
    first, second = (r for r in recorder.resources if r.type.endswith(":ReplicaSet"))
    assert first.name.startswith("shop-blue-1-0-0-b1-t")
    assert second.name.startswith("shop-blue-1-0-0-b1-t")
    assert first.name != second.name
    assert waits_for(first)[1:] == ["jsonpath={.status.availableReplicas}=3"]


def test_an_idle_replica_set_waits_for_no_pod(recorder: Recorder, cluster: FakeCluster) -> None:
    build(recorder, cluster, workload="replica-set", standby_replicas=0)
    idle = next(r for r in recorder.resources if r.type.endswith(":ReplicaSet") and "green" in r.name)
    assert waits_for(idle)[1:] == ["jsonpath={.status.replicas}=0"]


SCALED: dict[str, Any] = {
    "replicas": None,
    "autoscale": {"min_replicas": 2, "max_replicas": 5},
    "resources": {"requests": {"cpu": "10m"}},
}


def test_a_replica_set_is_awaited_as_it_was_written(recorder: Recorder, cluster: FakeCluster) -> None:
    build(recorder, cluster, workload="replica-set", green=None)
    made = next(r for r in recorder.resources if r.type.endswith(":ReplicaSet"))
    stack = made.inputs["metadata"]["annotations"]["cutover.dev/stack"]
    assert waits_for(made)[0] == f"jsonpath={{.metadata.annotations['cutover.dev/stack']}}={stack}"


@pytest.mark.parametrize("more", [{}, {"standby_replicas": 2}, {"standby_replicas": 1, "scale_down_after": "30m"}])
def test_under_an_autoscaler_each_write_of_a_replica_set_is_awaited_by_a_mark_of_its_own(
    recorder: Recorder, cluster: FakeCluster, more: dict[str, Any]
) -> None:
    """An older look at it meets all else: the color that becomes active may have any number of pods."""
    both = {}
    for active in ("blue", "green"):
        recorder.resources.clear()
        build(recorder, cluster, workload="replica-set", active=active, **{"standby_replicas": 0, **SCALED, **more})
        both[active] = {one.name: one for one in recorder.resources if one.type.endswith(":ReplicaSet")}
    before, after = both["blue"], both["green"]
    assert before.keys() == after.keys()
    for name, made in after.items():
        mark = made.inputs["metadata"]["annotations"]["cutover.dev/written"]
        assert waits_for(made)[0] == f"jsonpath={{.metadata.annotations['cutover.dev/written']}}={mark}"
        assert before[name].inputs["metadata"]["annotations"]["cutover.dev/written"] != mark


def test_what_an_autoscaler_decides_is_no_other_write(recorder: Recorder, cluster: FakeCluster) -> None:
    marks = set()
    for least in (2, 3):
        recorder.resources.clear()
        scaled = {**SCALED, "autoscale": {"min_replicas": least, "max_replicas": 5}}
        build(recorder, cluster, workload="replica-set", standby_replicas=1, **scaled)
        made = [one for one in recorder.resources if one.type.endswith(":ReplicaSet")]
        marks.add(tuple(one.inputs["metadata"]["annotations"]["cutover.dev/written"] for one in made))
    assert len(marks) == 1


def test_configuration_is_immutable_and_named_by_its_content(recorder: Recorder, cluster: FakeCluster) -> None:
    build(
        recorder,
        cluster,
        config={"MODE": "a", "LEVEL": "info"},
        green=GREEN.model_copy(update={"config": {"MODE": "b"}}),
    )
    maps = [r for r in recorder.resources if r.type.endswith(":ConfigMap")]
    assert {r.inputs["data"]["MODE"] for r in maps} == {"a", "b"}
    assert all(r.inputs["immutable"] is True and r.inputs["data"]["LEVEL"] == "info" for r in maps)
    for r in maps:
        color = "blue" if "blue" in r.name else "green"
        pod = next(w for w in recorder.resources if w.type.endswith(":Deployment") and color in w.name)
        assert pod.inputs["spec"]["template"]["spec"]["containers"][0]["envFrom"] == [
            {"configMapRef": {"name": r.name}}
        ]


def test_a_smoke_job_runs_beside_the_release_and_in_no_service(recorder: Recorder, cluster: FakeCluster) -> None:
    build(recorder, cluster, smoke_job=SmokeJob(image="check:1", args=("--all",)), expose_both=True)
    job = recorder.find("Job", "shop-green-2-0-0-b7-smoke")
    container = job["spec"]["template"]["spec"]["containers"][0]
    assert {"name": "CUTOVER_URL", "value": "http://shop-green.ns.svc:80"} in container["env"]
    labels = job["spec"]["template"]["metadata"]["labels"]
    for service in ("shop", "shop-blue", "shop-green", "shop-all"):
        assert not recorder.find("Service", service)["spec"]["selector"].items() <= labels.items()


@pytest.mark.parametrize(
    ("fields", "secrets"),
    [
        ({"image_pull_secrets": ("regcred",)}, [{"name": "regcred"}]),
        ({"pod": {"spec": {"imagePullSecrets": [{"name": "other"}]}}}, [{"name": "other"}]),
        ({}, None),
    ],
)
def test_the_smoke_job_may_pull_from_where_the_release_does(
    recorder: Recorder, cluster: FakeCluster, fields: dict[str, Any], secrets: Any
) -> None:
    build(
        recorder,
        cluster,
        smoke_job=SmokeJob(image="registry.example/checks:1"),
        before_cutover=ReleaseJob(args=("migrate",)),
        **fields,
    )
    jobs = [one for one in recorder.resources if one.type.endswith(":Job") and "-green-" in one.name]
    release = recorder.find("Deployment", "shop-green-2-0-0-b7")
    pods = [one["spec"]["template"]["spec"] for one in (release, *(job.inputs for job in jobs))]
    assert len(pods) == 3
    assert [pod.get("imagePullSecrets") for pod in pods] == [secrets] * 3


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"replicas": 4}, 4 * 300 + 15),
        ({"replicas": 4, "standby_replicas": 0}, 4 * 300 + 15),
        ({"replicas": 4, "workload": "replica-set"}, 315),
        (SCALED, 4 * 300 + 15),
    ],
)
def test_a_color_that_changes_in_place_has_the_deadline_for_each_of_its_rounds(
    recorder: Recorder, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any], seconds: int
) -> None:
    limits = time_limits(monkeypatch)
    build(recorder, cluster, **fields)
    assert limits == [{"create": "315s", "update": f"{seconds}s"}] * 2


def test_the_service_over_both_colors_selects_both(recorder: Recorder, cluster: FakeCluster) -> None:
    build(recorder, cluster, expose_both=True)
    selector = recorder.find("Service", "shop-all")["spec"]["selector"]
    for name in ("shop-blue-1-0-0-b1", "shop-green-2-0-0-b7"):
        assert selector.items() <= recorder.find("Deployment", name)["spec"]["template"]["metadata"]["labels"].items()


def test_services_are_not_awaited_and_workloads_are(recorder: Recorder, cluster: FakeCluster) -> None:
    build(recorder, cluster, smoke=SmokeCheck(path="/"))
    for r in recorder.resources:
        skipped = r.inputs.get("metadata", {}).get("annotations", {}).get("pulumi.com/skipAwait") == "true"
        assert skipped == r.type.endswith("/v1:Service"), r.type


def test_bad_fields_are_refused_with_their_name(recorder: Recorder, cluster: FakeCluster) -> None:
    with pytest.raises(ConfigError, match=r"shop\.standby_replicas"):
        build(recorder, cluster, standby_replicas=-1)
    assert recorder.resources == []


def test_settings_come_as_an_object_or_as_fields_and_not_as_both(recorder: Recorder, cluster: FakeCluster) -> None:
    settings = BlueGreenSettings(active="blue", port=80, blue=BLUE)
    both: Any = {"port": 81, "active": "green"}
    with pytest.raises(ConfigError, match=r"shop\n.*settings object is given, and active, port beside it"):
        BlueGreenService("shop", settings, namespace="ns", cluster=cluster, **both)
    assert recorder.resources == []

    def inputs(**given: Any) -> dict[tuple[str, str], Any]:
        recorder.resources.clear()
        run_program(lambda: BlueGreenService("shop", namespace="ns", cluster=cluster, **given).active)
        return {(one.type, one.name): one.inputs for one in recorder.resources}

    made = inputs(settings=settings)
    assert made
    assert inputs(active="blue", port=80, blue=BLUE) == made


def test_a_provider_of_its_own_needs_a_cluster_for_the_gates(recorder: Recorder) -> None:
    def make() -> None:
        from pulumi_kubernetes import Provider

        opts = pulumi.ResourceOptions(provider=Provider("other", kubeconfig="{}"))
        with pytest.raises(ConfigError, match=r"shop: opts\.provider"):
            BlueGreenService("shop", namespace="ns", active="blue", port=80, blue=BLUE, opts=opts)

    run_program(make)


def test_by_labels_the_selector_stays_and_a_note_moves(recorder: Recorder, cluster: FakeCluster) -> None:
    build(recorder, cluster, workload="replica-set", cutover="labels", overlap_seconds=5)
    build(recorder, cluster, workload="replica-set", cutover="labels", active="green")
    build(recorder, cluster, workload="replica-set")
    blue, green, by_selector = (
        r.inputs for r in recorder.resources if r.type.endswith(":Service") and r.name == "shop"
    )
    assert blue["spec"]["selector"] == green["spec"]["selector"]
    assert blue["spec"]["selector"]["cutover.dev/live"] == "true"
    revision = by_selector["spec"]["selector"]["cutover.dev/revision"]
    assert blue["metadata"]["annotations"]["cutover.dev/serves"] == f"blue/{revision}"
    assert green["metadata"]["annotations"]["cutover.dev/serves"].startswith("green/2-0-0-b7-t")
    sets = [r for r in recorder.resources if r.type.endswith(":ReplicaSet")]
    assert len(sets) == 6
    assert len({r.name for r in sets}) == 2, "neither the mode nor the cutover is in the digest"
    assert not any("cutover.dev/live" in str(r.inputs) for r in sets)
    assert "cutover.dev/serves" not in by_selector["metadata"]["annotations"]
