"""What a rolling service of a StatefulSet registers, and what is refused of one that stands."""

from typing import Any

import pulumi
import pytest

from components import (
    Autoscale,
    BuildSettings,
    ClaimRetention,
    Environments,
    Release,
    ReleaseJob,
    Resources,
    RollingApp,
    RollingSettings,
)
from components.hooks.fixed import IGNORED
from components.rules.stateful_set import LiveSet
from components.settings import Compute
from components.strategies.rolling.workload import manifest_of
from tests.components.fakes import FakeCluster, Recorder, run_program
from tests.components.test_rolling_jobs import RollingCluster

Json = dict[str, Any]
ONE = Release(version="1.0.0", build=1, image="db:1")
CLAIM: Json = {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}
MOUNTS: Json = {"spec": {"containers": [{"name": "app", "volumeMounts": [{"name": "data", "mountPath": "/data"}]}]}}


def build(cluster: FakeCluster | None = None, **fields: Any) -> None:
    given = {"port": 5432, "release": ONE, "workload": "stateful-set", **fields}
    run_program(lambda: RollingApp("db", namespace="ns", cluster=cluster or FakeCluster(), **given).release)


def test_it_is_one_set_with_its_claims_and_two_services(recorder: Recorder) -> None:
    build(replicas=3, volume_claims={"data": CLAIM}, pod=MOUNTS, claim_retention=ClaimRetention(when_scaled="delete"))
    made = recorder.find("StatefulSet", "db")
    spec = made["spec"]
    selector = {"app.kubernetes.io/instance": "db"}
    assert (spec["replicas"], spec["serviceName"], spec["podManagementPolicy"]) == (3, "db-pods", "OrderedReady")
    assert spec["selector"]["matchLabels"] == selector
    assert spec["updateStrategy"] == {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}
    assert spec["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Delete"}
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, **CLAIM}
    assert spec["volumeClaimTemplates"] == [claim]
    assert {"strategy", "progressDeadlineSeconds"} & spec.keys() == set()
    assert spec["template"]["spec"]["containers"][0]["lifecycle"] == {"preStop": {"sleep": {"seconds": 5}}}
    clients, peers = (recorder.find("Service", name)["spec"] for name in ("db", "db-pods"))
    assert clients["selector"] == peers["selector"] == selector
    assert (peers["clusterIP"], peers["publishNotReadyAddresses"], peers["ports"]) == ("None", True, clients["ports"])
    assert clients.get("clusterIP") is None
    assert recorder.find("PodDisruptionBudget", "db")["spec"]["maxUnavailable"] == 1
    assert not [one for one in recorder.resources if one.type.endswith("Deployment")]


def test_members_find_each_other_before_they_are_ready(recorder: Recorder) -> None:
    """A set that waits for a quorum would wait for ever for Services that are made once it is ready."""
    build(services={"db-peers": {"spec": {"clusterIP": "None"}}})
    names = [(one.type.rpartition(":")[2], one.name) for one in recorder.resources]
    for service in ("db", "db-pods", "db-peers"):
        assert names.index(("Service", service)) < names.index(("StatefulSet", "db"))


@pytest.mark.parametrize("governing", ["db", "db-peers", "others"])
def test_another_service_may_give_the_pods_their_addresses(recorder: Recorder, governing: str) -> None:
    build(governing_service=governing, services={"db-peers": {"spec": {"clusterIP": "None"}}})
    assert recorder.find("StatefulSet", "db")["spec"]["serviceName"] == governing
    made = sorted(one.name for one in recorder.resources if one.type.endswith(":Service"))
    assert made == ["db", "db-peers"]


def test_a_worker_has_the_service_of_its_names_alone(recorder: Recorder) -> None:
    build(port=None)
    (made,) = (one for one in recorder.resources if one.type.endswith(":Service"))
    assert (made.name, made.inputs["spec"]["clusterIP"]) == ("db-pods", "None")
    assert "ports" not in made.inputs["spec"]


def test_an_autoscaler_scales_the_set_and_owns_the_count(recorder: Recorder) -> None:
    build(autoscale=Autoscale(min_replicas=2, max_replicas=4), resources=Resources(requests=Compute(cpu="100m")))
    assert "replicas" not in recorder.find("StatefulSet", "db")["spec"]
    target = recorder.find("HorizontalPodAutoscaler", "db")["spec"]["scaleTargetRef"]
    assert target == {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "db"}


def test_the_gates_wait_for_it_and_not_the_engine(recorder: Recorder) -> None:
    """Its provider may take the state before an update for that after it; with a partition it would wait for ever."""
    skipped = "pulumi.com/skipAwait"
    build(partition=1)
    made = recorder.find("StatefulSet", "db")
    assert made["spec"]["updateStrategy"]["rollingUpdate"] == {"partition": 1}
    assert made["metadata"]["annotations"][skipped] == "true"
    settings = RollingSettings(workload="stateful-set", release=ONE)
    for awaited in (True, False):
        meta = manifest_of("db", settings, {"name": "db", "annotations": {}}, {}, {}, awaited=awaited)["metadata"]
        assert (skipped in meta["annotations"]) == awaited


def test_a_job_around_a_release_mounts_no_claim_of_the_pods(recorder: Recorder) -> None:
    job = ReleaseJob(image="migrate:1", command=("migrate",))
    cluster = RollingCluster()
    cluster.deploy(ONE)  # what the engine does
    build(cluster, volume_claims={"data": CLAIM}, pod=MOUNTS, before_cutover=job)
    (made,) = (one for one in recorder.resources if one.type.endswith(":Job"))
    assert not made.inputs["spec"]["template"]["spec"]["containers"][0].get("volumeMounts")
    pods = recorder.find("StatefulSet", "db")["spec"]["template"]["spec"]["containers"][0]
    assert pods["volumeMounts"] == MOUNTS["spec"]["containers"][0]["volumeMounts"]


def test_it_is_said_beforehand_where_data_may_end(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("pulumi.warn", lambda line, _: said.append(line))
    build(volume_claims={"data": CLAIM}, claim_retention=ClaimRetention(when_deleted="delete", when_scaled="delete"))
    assert [line.partition(":")[0] for line in said] == ["db", "db"]
    assert "the claims of data of all pods are deleted with it" in said[0]
    assert "those of the pods that go are deleted" in said[1]
    said.clear()
    recorder.resources.clear()
    build(claim_retention=ClaimRetention(when_deleted="delete"))  # of no claims
    recorder.resources.clear()
    build(volume_claims={"data": CLAIM})
    assert said == []


def test_each_environment_has_a_set_with_claims_of_its_own(recorder: Recorder, cluster: FakeCluster) -> None:
    zk = RollingSettings(workload="stateful-set", port=2181, release=ONE, volume_claims={"data": CLAIM}, pod=MOUNTS)
    builds = {name: BuildSettings(services={"zk": zk}) for name in ("coco-1", "coco-2")}
    run_program(lambda: Environments("all", namespace="ns", active="coco-1", cluster=cluster, builds=builds).active)
    for name in builds:
        made = recorder.find("StatefulSet", f"zk-{name}")
        assert made["spec"]["serviceName"] == f"zk-{name}-pods"
        assert made["spec"]["selector"]["matchLabels"]["cutover.dev/environment"] == name
        assert (
            recorder.find("Service", f"zk-{name}-pods")["spec"]["selector"] == made["spec"]["selector"]["matchLabels"]
        )
    assert recorder.find("Service", "zk")["spec"]["selector"]["cutover.dev/environment"] == "coco-1"


def test_one_pod_is_an_outage_with_its_bounds_and_two_are_none(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr("pulumi.warn", lambda line, _: said.append(line))
    build(replicas=1, termination_grace_seconds=20, progress_deadline_seconds=90)
    (line,) = (one for one in said if "outage" in one)
    assert "at least 5 s (its pause before the stop), at most 20 s to stop and 90 s to be ready" in line
    recorder.resources.clear()
    said.clear()
    build(replicas=2)
    assert [one for one in said if "outage" in one] == []


def standing(recorder: Recorder, **fields: Any) -> LiveSet:
    """The set that those fields make, as one that stands."""
    build(**fields)
    made = recorder.find("StatefulSet", "db")
    recorder.resources.clear()
    return LiveSet("db", "cutover/test", made["spec"])


@pytest.mark.parametrize("preview", [False, True])
def test_what_nobody_may_change_is_refused_before_anything_is_made(recorder: Recorder, preview: bool) -> None:
    cluster = FakeCluster()
    cluster.live_sets["db"] = standing(recorder, volume_claims={"data": CLAIM})
    pulumi.runtime.set_mocks(recorder, project="cutover", stack="test", preview=preview)
    build(cluster, volume_claims={"data": CLAIM}, replicas=5, partition=1)  # what may change
    recorder.resources.clear()
    with pytest.raises(pulumi.RunError, match=r"volume_claims.data is taken away(.|\n)*code: set.changed"):
        build(cluster)


def test_the_engine_never_hears_of_such_a_change() -> None:
    """Else it would delete the set, with all its pods: the provider's own list of what forces that."""
    forced = {"podManagementPolicy", "revisionHistoryLimit", "selector", "serviceName", "volumeClaimTemplates"}
    assert {f"spec.{field}" for field in forced} == set(IGNORED)


def test_a_set_of_others_under_the_name_is_no_matter_of_this(recorder: Recorder) -> None:
    cluster = FakeCluster()
    found = standing(recorder)
    cluster.live_sets["db"] = LiveSet("db", "other/stack", {**found.spec, "serviceName": "x"})
    build(cluster)
    assert recorder.find("StatefulSet", "db")
