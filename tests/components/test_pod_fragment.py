"""A fragment of a pod template arrives in the workloads, and the release stays what the program decides."""

import asyncio
from contextlib import nullcontext
from typing import Any

import pytest

from components import BlueGreenService, ConfigError, Release
from components.checks.volume_claims import claims_of, refuse_one_node_claims
from components.hooks.engine import hook
from components.manifests.content import NOTHING
from components.manifests.pod import pod_template
from components.manifests.release_job import release_job
from components.rules.errors import GateRefused
from components.settings import ReleaseJob
from components.strategies.blue_green.plan import Planner
from components.strategies.blue_green.settings import BlueGreenSettings
from components.strategies.rolling.settings import RollingSettings
from tests.components.fakes import FakeCluster, Recorder, run_program

SIDECAR: dict[str, Any] = {"spec": {"containers": [{"name": "log", "image": "log:1"}]}}
RELEASE = Release(version="1.0.0", build=1, image="shop:1")


def template(pod: dict[str, Any], of_release: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    release = RELEASE.model_copy(update={"pod": of_release or {}})
    settings = RollingSettings(port=8080, release=release, pod=pod, **fields)
    labels, variables = {"instance": "shop"}, {"PEER_URL": "http://peer"}
    return pod_template(settings, release, labels=labels, spread={}, content=NOTHING, variables=variables)


def names(made: dict[str, Any], key: str = "containers") -> list[str]:
    return [one["name"] for one in made["spec"][key]]


def test_the_release_has_the_last_word() -> None:
    service = {
        "metadata": {"labels": {"team": "a"}, "annotations": {"x": "1", "y": "1"}},
        "spec": {"nodeSelector": {"disk": "ssd"}, **SIDECAR["spec"]},
    }
    release = {
        "metadata": {"annotations": {"x": "2", "y": None}},
        "spec": {"containers": [{"name": "log", "image": "log:2"}], "securityContext": None},
    }
    made = template(service, release)
    assert made["metadata"] == {"labels": {"instance": "shop", "team": "a"}, "annotations": {"x": "2"}}
    assert made["spec"]["containers"][1] == {"name": "log", "image": "log:2"}
    assert made["spec"]["nodeSelector"] == {"disk": "ssd"}
    assert "securityContext" not in made["spec"]
    assert made["spec"]["containers"][0]["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_the_application_is_the_first_container_unless_the_fragment_says_where_it_stands() -> None:
    assert names(template(SIDECAR)) == ["app", "log"]
    ordered = {"spec": {"containers": [*SIDECAR["spec"]["containers"], {"name": "app", "workingDir": "/w"}]}}
    made = template(ordered)
    assert names(made) == ["log", "app"]
    assert made["spec"]["containers"][1]["image"] == "shop:1"


def test_variables_keep_the_order_of_the_fragment_behind_those_of_the_program() -> None:
    entries = [{"name": "B"}, {"name": "A", "value": "$(B) $(PEER_URL)"}]
    made = template({"spec": {"containers": [{"name": "app", "env": entries}]}}, env={"B": "b"})
    assert made["spec"]["containers"][0]["env"] == [
        {"name": "PEER_URL", "value": "http://peer"},
        {"name": "B", "value": "b"},
        {"name": "A", "value": "$(B) $(PEER_URL)"},
    ]


def test_a_replica_set_of_another_shape_is_another_revision(recorder: Recorder, cluster: FakeCluster) -> None:
    def build(blue: Release) -> None:
        run_program(
            lambda: (
                BlueGreenService(
                    "shop", namespace="ns", cluster=cluster, active="blue", port=8080, workload="replica-set", blue=blue
                ).active
            )
        )

    build(RELEASE)
    build(RELEASE.model_copy(update={"pod": SIDECAR}))
    made = [one.name for one in recorder.resources if one.type.endswith(":ReplicaSet")]
    assert len(set(made)) == 2


def test_a_job_has_native_sidecars_and_no_other_container() -> None:
    wait, db = {"name": "wait", "image": "wait:1"}, {"name": "db", "image": "db:1", "restartPolicy": "Always"}
    app = {"name": "app", "workingDir": "/w"}
    pod = {"spec": {"containers": [*SIDECAR["spec"]["containers"], app], "initContainers": [wait, db]}}
    meta: dict[str, Any] = {"labels": {}, "annotations": {}}
    job = release_job(meta, ReleaseJob(args=("migrate",)), template(pod), {})
    made = job["spec"]["template"]
    assert names(made) == ["app"]
    assert made["spec"]["containers"][0]["workingDir"] == "/w"
    assert names(made, "initContainers") == ["db"]
    assert (
        "initContainers" not in release_job(meta, ReleaseJob(args=("x",)), template({}), {})["spec"]["template"]["spec"]
    )


def test_labels_that_the_adopted_selector_finds_are_refused() -> None:
    adopt = {"deployment": "old", "selector": {"app": "shop"}}
    blue = Release.model_validate({"version": "0.9.0", "build": 1, "image": "o:1", "adopt": adopt})
    green = RELEASE.model_copy(update={"pod": {"metadata": {"labels": {"app": "shop"}}}})
    settings = BlueGreenSettings(active="blue", port=8080, adopt_service=True, blue=blue, green=green)
    with pytest.raises(ConfigError, match="finds the pods of new releases too"):
        Planner("shop", "test", settings, lambda *_: NOTHING).color("blue")


def test_what_costs_requests_is_told_once(
    recorder: Recorder, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr("pulumi.warn", lambda line, _: said.append(line))
    proxy = {"name": "proxy", "image": "proxy:1", "ports": [{"containerPort": 9, "hostPort": 99}]}
    paused = {**proxy, "name": "paused", "ports": [{"containerPort": 8}], "lifecycle": {"preStop": {"sleep": {}}}}
    pod = {"spec": {"containers": [proxy, paused], "initContainers": [{**paused, "name": "native"}]}}
    green = RELEASE.model_copy(update={"version": "2.0.0"})
    run_program(
        lambda: (
            BlueGreenService(
                "shop", namespace="ns", cluster=cluster, active="blue", port=8080, blue=RELEASE, green=green, pod=pod
            ).active
        )
    )
    assert [line.partition(":")[0] for line in said] == [
        "container proxy takes port 99 of its node (hostPort)",
        "container proxy has ports and no preStop",
        *["less than the restricted standard"] * 3,
    ]
    assert [line.split(": ")[1] for line in said[2:]] == ["container native", "container proxy", "container paused"]


@pytest.mark.parametrize(
    ("modes", "refused"), [(["ReadWriteOnce"], True), (["ReadWriteOnce", "ReadWriteMany"], False), (None, False)]
)
def test_two_colors_share_no_volume_of_one_node(modes: list[str] | None, refused: bool, cluster: FakeCluster) -> None:
    if modes:
        cluster.claims["data"] = modes
    made = template({"spec": {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]}})
    assert claims_of(made) == ["data"]
    with pytest.raises(GateRefused, match="claim data is ReadWriteOnce") if refused else nullcontext():
        asyncio.run(refuse_one_node_claims(cluster, "shop", made))


def test_two_colors_ask_for_their_claims_before_they_are_made(recorder: Recorder, cluster: FakeCluster) -> None:
    said: list[str] = []

    def noting(name: str, run: Any, **options: Any) -> Any:
        said.append(name)
        return hook(name, run, **options)

    pod = {"spec": {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("components.strategies.blue_green.workload_hooks.hook", noting)
        run_program(
            lambda: (
                BlueGreenService(
                    "shop", namespace="ns", cluster=cluster, active="blue", port=8080, blue=RELEASE, pod=pod
                ).active
            )
        )
    assert "shop-blue-1-0-0-b1-claims" in said
