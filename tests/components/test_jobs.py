"""The Jobs around a release against a cluster in memory: which run, when, and how a failure is told."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from components.hooks import jobs
from components.hooks.jobs import Jobs, PlannedJob
from components.releases.state import LiveService, TrafficState
from components.rules.errors import AfterJobFailed, JobFailed, Moved
from components.rules.labels import selector_labels
from components.rules.ledger import Phase, read_ledger
from contract.annotations import DIGEST, JOBS_DONE
from tests.components.fake_jobs import JobCluster
from tests.patience import PATIENCE_SECONDS

OLD, NEW = "1-0-0-b1", "2-0-0-b7"


def planned(phase: Phase = "before", release: str = NEW, digest: str = "a", **changes: Any) -> PlannedJob:
    name = f"shop-{release}-{phase}"
    meta = {"name": name, "namespace": "ns", "annotations": {DIGEST: digest}}
    return PlannedJob(**{
        "phase": phase, "release": release, "name": name, "manifest": {"metadata": meta, "spec": {"suspend": True}},
        "limit_seconds": PATIENCE_SECONDS, **changes,
    })  # fmt: skip


async def only_the_live_one(state: TrafficState) -> list[str]:
    return [release for release in (OLD, NEW) if state.runs(release)]


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> JobCluster:
    monkeypatch.setattr(jobs, "POLL_SECONDS", 0.001)
    monkeypatch.setattr(jobs, "MARGIN_SECONDS", 0.05)
    made = JobCluster()
    made.switch(selector_labels("shop", color="blue", revision=OLD))
    return made


@pytest.fixture
def gates(cluster: JobCluster) -> Jobs:
    return Jobs("shop", LiveService("shop", cluster), cluster, cluster.asked.append)


def before(gates: Jobs, job: PlannedJob) -> bool:
    return asyncio.run(gates.before(job, only_the_live_one))


def done(cluster: JobCluster, phase: Phase) -> tuple[str, ...]:
    assert cluster.live is not None
    return read_ledger(cluster.live.annotations).done(phase)


def test_one_that_waits_is_let_go_once(gates: Jobs, cluster: JobCluster) -> None:
    job = planned()
    cluster.register(job.manifest)
    assert before(gates, job)
    assert not before(gates, job)
    assert [line for line in cluster.asked if "Job" not in line and "annotate" not in line] == [f"let go {job.name}"]
    assert done(cluster, "before") == (OLD, NEW)


def test_done_stays_done_when_the_job_is_deleted_or_its_settings_change(gates: Jobs, cluster: JobCluster) -> None:
    cluster.register(planned().manifest)
    before(gates, planned())
    cluster.jobs.clear()
    assert not before(gates, planned(digest="b"))
    assert cluster.jobs == {}


def test_done_by_a_run_that_died_before_it_noted_it(gates: Jobs, cluster: JobCluster) -> None:
    cluster.register(planned().manifest, "done")
    assert not before(gates, planned())
    assert done(cluster, "before") == (OLD, NEW)


def test_one_at_work_is_waited_for_whatever_the_settings_say_now(gates: Jobs, cluster: JobCluster) -> None:
    cluster.register(planned().manifest, "running")
    assert before(gates, planned(digest="b"))
    assert not [line for line in cluster.asked if line.startswith(("let go", "create", "delete"))]


@pytest.mark.parametrize("state", ["waiting", "failed"])
def test_one_of_other_settings_or_that_failed_is_made_anew(gates: Jobs, cluster: JobCluster, state: Any) -> None:
    cluster.register(planned().manifest, state)
    job = planned(digest="b")
    assert before(gates, job)
    steps = [line for line in cluster.asked if line.startswith(("let go", "create", "delete"))]
    assert steps == [f"delete {job.name}", f"create {job.name}"]


def test_a_failure_refuses_with_the_job_s_last_words_and_is_not_noted(gates: Jobs, cluster: JobCluster) -> None:
    job = planned()
    cluster.register(job.manifest)
    cluster.ends[job.name] = "failed"
    with pytest.raises(JobFailed) as refused:
        before(gates, job)
    text = str(refused.value)
    assert f"shop: before_cutover Job {job.name} of release {NEW} failed: BackoffLimitExceeded" in text
    assert "last words of" in text
    assert "traffic stays where it was" in text
    assert f"kubectl logs -n ns job/{job.name}" in text
    assert done(cluster, "before") == (OLD,)


def test_one_that_never_ends_is_given_up_and_says_in_which_state(gates: Jobs, cluster: JobCluster) -> None:
    job = planned(limit_seconds=0.05)
    cluster.register(job.manifest)
    cluster.ends[job.name] = "running"
    with pytest.raises(JobFailed, match="it is running after 0 s"):
        before(gates, job)


def test_one_that_somebody_deletes_meanwhile_has_failed(
    gates: Jobs, cluster: JobCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = planned()
    cluster.register(job.manifest)

    async def vanish(found: Any) -> None:
        del cluster.jobs[found.name]

    monkeypatch.setattr(cluster, "let_go", vanish)
    with pytest.raises(JobFailed, match="it was deleted"):
        before(gates, job)


def test_a_release_that_served_before_there_were_jobs_needs_none(gates: Jobs, cluster: JobCluster) -> None:
    cluster.register(planned(release=OLD).manifest)
    assert not before(gates, planned(release=OLD))
    asyncio.run(gates.after(planned("after", OLD), OLD, only_the_live_one))
    assert done(cluster, "before") == (OLD,)
    assert [line for line in cluster.asked if line.startswith(("let go", "create"))] == [f"create shop-{OLD}-after"]


def test_a_release_whose_cutover_was_complete_before_there_were_jobs_needs_none_after_it(
    gates: Jobs, cluster: JobCluster
) -> None:
    asyncio.run(cluster.annotate_service("shop", "cutover.dev/completed", OLD))
    asyncio.run(gates.after(planned("after", OLD), OLD, only_the_live_one))
    assert not [line for line in cluster.asked if line.startswith(("let go", "create"))]


def test_without_a_live_service_there_is_nothing_to_note_it_on_until_there_is(gates: Jobs, cluster: JobCluster) -> None:
    live, cluster.live = cluster.live, None
    job = planned(release=OLD)
    cluster.register(job.manifest)
    assert before(gates, job)
    assert not before(gates, job)  # it is there, and done
    cluster.live = live
    asyncio.run(gates.after(None, OLD, only_the_live_one))
    assert done(cluster, "before") == (OLD,)


def test_a_failure_after_the_cutover_says_where_the_traffic_is_and_is_tried_again(
    gates: Jobs, cluster: JobCluster
) -> None:
    cluster.switch(selector_labels("shop", color="green", revision=NEW))
    job = planned("after")
    cluster.register(job.manifest)
    cluster.ends[job.name] = "failed"
    for _ in range(2):
        with pytest.raises(AfterJobFailed, match="traffic stays on the new release"):
            asyncio.run(gates.after(job, NEW, only_the_live_one))
    assert done(cluster, "after") == ()
    cluster.ends[job.name] = "done"
    asyncio.run(gates.after(job, NEW, only_the_live_one))
    assert done(cluster, "after") == (NEW,)


def test_what_is_due_is_told_without_a_change(gates: Jobs, cluster: JobCluster) -> None:
    def due(job: PlannedJob) -> bool:
        return asyncio.run(gates.due(job, only_the_live_one))

    assert [due(planned(phase)) for phase in ("before", "after")] == [True, True]
    assert not due(planned(release=OLD))
    assert cluster.asked == []
    asyncio.run(cluster.annotate_service("shop", JOBS_DONE, '{"before":["2-0-0-b7"],"after":[]}'))
    assert [due(planned(phase)) for phase in ("before", "after")] == [False, True]
    cluster.switch({}, timedelta(0))
    cluster.live = None
    assert due(planned())


def test_what_somebody_else_noted_meanwhile_is_not_undone(gates: Jobs, cluster: JobCluster) -> None:
    def noted() -> None:
        assert cluster.live is not None
        cluster.live = replace(cluster.live, annotations={JOBS_DONE: '{"before":["3-0-0-b1"],"after":[]}'})

    cluster.register(planned().manifest, "done")
    cluster.in_the_way = [noted]
    with pytest.raises(Moved, match=f"{JOBS_DONE} was to be noted"):
        before(gates, planned())
    assert done(cluster, "before") == ("3-0-0-b1",)
    before(gates, planned())
    assert set(done(cluster, "before")) == {"3-0-0-b1", NEW}
