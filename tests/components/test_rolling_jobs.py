"""The Jobs around a release of a rolling app, against a cluster in memory."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from components import Release, ReleaseJob, RollingApp
from components.cluster.cluster import Note
from components.hooks import jobs
from components.rules.errors import AfterJobFailed, JobFailed, RollbackForbidden, SwitchUnverified
from components.rules.facts import Rollout
from components.rules.labels import selector_labels
from components.rules.ledger import read_ledger
from components.strategies.blue_green.jobs import Who
from components.strategies.rolling.jobs import RollingJobs
from components.strategies.rolling.settings import RollingSettings
from contract.annotations import JOBS_DONE
from tests.components.fake_jobs import JobCluster
from tests.components.fakes import Recorder, make_pod, run_program

OLD = Release(version="1.0.0", build=1, image="shop:1")
NEW = Release(version="2.0.0", build=7, image="shop:2")
STEP = ReleaseJob(args=("migrate",))


class RollingCluster(JobCluster):
    """With one Deployment."""

    def __init__(self) -> None:
        super().__init__()
        self.deployed: Rollout | None = None

    def deploy(self, release: Release, *, complete: bool = True) -> None:
        notes = self.deployed.annotations if self.deployed else {}
        self.deployed = Rollout(release.id, complete, notes)
        self.all_pods = [make_pod("new", selector_labels("shop", revision=release.id))]

    async def rollout(self, name: str, kind: str = "deployments") -> Rollout | None:
        return self.deployed

    async def annotate_workload(self, kind: str, name: str, annotations: Note, *, version: str = "") -> bool:
        assert self.deployed is not None
        kept = {**self.deployed.annotations, **annotations}
        self.deployed = replace(self.deployed, annotations={key: text for key, text in kept.items() if text})
        return True

    def done(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        assert self.deployed is not None
        ledger = read_ledger(self.deployed.annotations)
        return ledger.before, ledger.after


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> RollingCluster:
    monkeypatch.setattr("pulumi.get_project", lambda: "cutover")
    monkeypatch.setattr(jobs, "POLL_SECONDS", 0.001)
    return RollingCluster()


def app(cluster: RollingCluster, release: Release, **changes: Any) -> RollingJobs:
    fields = {"port": 80, "release": release, "before_cutover": STEP, "after_cutover": STEP, **changes}
    settings = RollingSettings(**fields)
    template = {"spec": {"containers": [{"name": "app", "image": release.image}]}}
    return RollingJobs(Who("shop", "ns", release), settings, cluster, template, "http://shop", cluster.asked.append)


def roll(cluster: RollingCluster, release: Release, **changes: Any) -> list[str]:
    """One `up`: what was done to Jobs, by their names' last words."""
    made, first = app(cluster, release, **changes), cluster.deployed is None
    cluster.asked.clear()
    asyncio.run(made._before())
    cluster.deploy(release)
    if first:
        asyncio.run(made._begin())
    asyncio.run(made.finish())
    return [line.rpartition("-")[2] for line in cluster.asked if line.startswith(("create", "let go"))]


def test_each_runs_once_per_release_also_back_and_forth(cluster: RollingCluster) -> None:
    assert [len(roll(cluster, release)) for release in (OLD, OLD, NEW, OLD, NEW)] == [2, 0, 2, 0, 0]
    assert cluster.done() == ((OLD.id, NEW.id), (OLD.id, NEW.id))


def test_what_ran_before_there_were_jobs_needs_none(cluster: RollingCluster) -> None:
    cluster.deploy(OLD)
    assert roll(cluster, OLD) == []
    assert len(roll(cluster, NEW)) == 2
    assert roll(cluster, OLD) == []


def test_a_failure_before_leaves_the_old_pods_and_one_after_the_new(cluster: RollingCluster) -> None:
    cluster.deploy(OLD)
    with_before = app(cluster, NEW)
    name = with_before._planned("before").name  # type: ignore[union-attr]
    cluster.ends[name] = "failed"
    with pytest.raises(JobFailed, match="shop: before_cutover Job"):
        asyncio.run(with_before._before())
    cluster.ends[name] = "done"
    cluster.ends[app(cluster, NEW)._planned("after").name] = "failed"  # type: ignore[union-attr]
    with pytest.raises(AfterJobFailed):
        roll(cluster, NEW, after_cutover=ReleaseJob(args=("fail",)))
    assert cluster.done() == ((OLD.id, NEW.id), (OLD.id,))


def test_it_waits_for_the_last_pod_of_the_old_release(cluster: RollingCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.strategies.rolling.jobs.VERIFY_SECONDS", -29.9)
    cluster.deploy(NEW)
    old = make_pod("old", selector_labels("shop", revision=OLD.id), terminating=True)
    cluster.all_pods.append(old)
    with pytest.raises(SwitchUnverified, match="old still there"):
        asyncio.run(app(cluster, NEW).finish())
    cluster.all_pods.remove(old)  # what held it is gone: the next run goes on
    asyncio.run(app(cluster, NEW).finish())


def test_no_way_back_past_a_release_that_forbids_it(cluster: RollingCluster) -> None:
    roll(cluster, NEW.model_copy(update={"rollback": "forbidden"}))
    with pytest.raises(RollbackForbidden, match=r"shop: the Deployment 1\.0\.0 build 1"):
        asyncio.run(app(cluster, OLD, before_cutover=None, after_cutover=None)._before())
    roll(cluster, NEW.model_copy(update={"rollback": "allowed"}))
    asyncio.run(app(cluster, OLD)._before())


def test_the_jobs_are_registered_held_back_before_the_deployment(recorder: Recorder, cluster: RollingCluster) -> None:
    def program() -> Any:
        fields: dict[str, Any] = {"port": 80, "release": NEW, "before_cutover": STEP}
        return RollingApp("shop", namespace="ns", cluster=cluster, **fields).release

    cluster.deploy(NEW)  # what the engine does
    run_program(program)
    kinds = [one.type.rpartition(":")[2] for one in recorder.resources]
    assert kinds.index("Job") < kinds.index("Deployment")
    (job,) = (one.inputs for one in recorder.resources if one.type.endswith(":Job"))
    assert job["spec"]["suspend"] is True
    env = {entry["name"]: entry["value"] for entry in job["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert (env["CUTOVER_URL"], env["CUTOVER_RELEASE"]) == ("http://shop.ns.svc:80", "2-0-0-b7")
    assert "CUTOVER_COLOR" not in env
    assert JOBS_DONE not in str(recorder.find("Deployment", "shop"))
