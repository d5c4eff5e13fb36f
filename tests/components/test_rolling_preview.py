"""The preview pod of a rolling release, against a cluster in memory."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from components import Release, SmokeCheck
from components.cluster import watch as limits
from components.hooks import jobs
from components.releases.state import Rollout as Notes
from components.releases.view import ReleaseView
from components.rules.errors import NeverReady, NotReady, SmokeFailed
from components.rules.labels import selector_labels
from components.strategies.blue_green.jobs import Who
from components.strategies.rolling.preview import ReleasePreview
from components.strategies.rolling.settings import RollingSettings
from contract.served import read_served
from tests.components.fake_jobs import JobCluster
from tests.components.fakes import make_pod
from tests.components.test_rolling_jobs import NEW, OLD, RollingCluster

SMOKE = SmokeCheck(path="/version", expect_body="{version}", successes=1, timeout_seconds=0.05, interval_seconds=0.01)


class PreviewCluster(RollingCluster):
    """Where a Job that is made gets a pod, which answers `answer`; `ready` says whether it gets ready."""

    answer, ready, problem = "2.0.0", True, ""

    async def create_job(self, manifest: Mapping[str, Any]) -> None:
        await JobCluster.create_job(self, manifest)
        self.made = manifest
        labels = manifest["spec"]["template"]["metadata"]["labels"]
        pod = make_pod("preview-1", labels, "mirror/shop:2", ready=self.ready, problem=self.problem)
        self.all_pods.append(pod)

    async def delete_job(self, job: Any) -> None:
        await JobCluster.delete_job(self, job)
        self.all_pods = [pod for pod in self.all_pods if pod.name != "preview-1"]

    async def get_through_pod(self, pod: str, port: int, path: str, timeout_seconds: float) -> tuple[int, str]:
        self.asked.append(f"get {pod}:{port}{path}")
        return 200, self.answer


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> PreviewCluster:
    monkeypatch.setattr("pulumi.get_project", lambda: "cutover")
    monkeypatch.setattr("pulumi.get_stack", lambda: "test")
    monkeypatch.setattr(jobs, "POLL_SECONDS", 0.001)
    monkeypatch.setattr(limits, "POLL_SECONDS", 0.001)
    return PreviewCluster()


def of(cluster: PreviewCluster, release: Release, **changes: Any) -> ReleasePreview:
    settings = RollingSettings(port=80, release=release, smoke=SMOKE, **changes)
    view = ReleaseView("release", release, release.id, selector_labels("shop"), 2, 1)
    container = {"name": "app", "image": release.image}
    template = {
        "metadata": {"labels": selector_labels("shop")},
        "spec": {"containers": [container], "topologySpreadConstraints": [{"maxSkew": 1}]},
    }
    notes = Notes("shop", cluster)
    return ReleasePreview(Who("shop", "ns", release), settings, view, template, notes, cluster, cluster.asked.append)


def roll(cluster: PreviewCluster, release: Release) -> list[str]:
    """One `up`: what was done to Jobs and asked of pods."""
    made = of(cluster, release)
    cluster.asked.clear()
    asyncio.run(made.permit())
    cluster.deploy(release)
    asyncio.run(made.finish())
    return [line.split()[0] for line in cluster.asked if line.startswith(("create", "delete", "get"))]


def test_a_release_that_never_served_is_asked_first_and_its_pod_ends(cluster: PreviewCluster) -> None:
    cluster.answer = "1.0.0"
    assert roll(cluster, OLD) == ["create", "get", "delete"]  # the first one of all, too
    cluster.answer = "2.0.0"
    assert roll(cluster, NEW) == ["create", "get", "delete"]
    assert cluster.asked[1] == "shop: smoke GET /version: HTTP 200 with '{version}', asked of the preview pod preview-1"
    assert roll(cluster, NEW) == []
    assert cluster.jobs == {}


def test_no_service_finds_the_preview_pod_and_it_ends_by_itself(cluster: PreviewCluster) -> None:
    roll(cluster, NEW)
    spec = cluster.made["spec"]
    assert not selector_labels("shop").items() & spec["template"]["metadata"]["labels"].items()
    container = {"name": "app", "image": "shop:2", "terminationMessagePolicy": "FallbackToLogsOnError"}
    assert spec["template"]["spec"] == {"containers": [container], "restartPolicy": "Never"}
    assert (spec["activeDeadlineSeconds"], spec["ttlSecondsAfterFinished"]) == (300 + 1 + 30, 600)


def test_what_served_before_is_a_way_back_that_is_not_asked(cluster: PreviewCluster) -> None:
    cluster.answer = "1.0.0"
    roll(cluster, OLD)
    cluster.answer = "2.0.0"
    roll(cluster, NEW)
    assert len(read_served(cluster.deployed.annotations if cluster.deployed else {})) == 2
    assert roll(cluster, OLD) == []
    changed = OLD.model_copy(update={"image": "shop:1-again"})
    cluster.deploy(NEW)
    with pytest.raises(SmokeFailed):  # of the same name, and another one
        asyncio.run(of(cluster, changed).permit())


def test_a_wrong_answer_refuses_it_and_leaves_the_pod_to_be_looked_at(cluster: PreviewCluster) -> None:
    cluster.deploy(OLD)
    cluster.answer = "1.9.9"
    with pytest.raises(SmokeFailed) as caught:
        asyncio.run(of(cluster, NEW).permit())
    assert caught.value.what == "shop: GET /version failed its smoke check for 0.05 s: the body lacks '2.0.0': '1.9.9'"
    (job,) = cluster.jobs
    assert caught.value.fix.startswith(f"`kubectl logs -n ns job/{job}` has what its pod said, for who may")
    cluster.asked.clear()
    with pytest.raises(SmokeFailed):  # the next run makes it anew
        asyncio.run(of(cluster, NEW).permit())
    assert [line.split()[0] for line in cluster.asked[:2]] == ["delete", "create"]


def test_a_pod_that_is_late_is_refused_with_what_it_says(cluster: PreviewCluster) -> None:
    cluster.ready, cluster.problem = False, "Readiness probe failed"
    made = of(cluster, NEW)
    made._settings = made._settings.model_copy(update={"progress_deadline_seconds": 0})
    with pytest.raises(NotReady, match="preview pod of 2-0-0-b7 is not ready after 0 s: 0 of 1 pods ready; preview-1"):
        asyncio.run(made.permit())


def test_a_job_that_fails_is_refused_at_once(cluster: PreviewCluster) -> None:
    cluster.ready = False
    made = of(cluster, NEW)
    cluster.ends = {made._name: "failed"}
    with pytest.raises(NeverReady, match=r"cannot become ready: BackoffLimitExceeded; exit code 1, 'last words of"):
        asyncio.run(made.permit())


def test_without_a_smoke_check_nothing_is_asked_and_what_served_is_noted(cluster: PreviewCluster) -> None:
    made = of(cluster, NEW)
    made._settings = made._settings.model_copy(update={"smoke": None})
    asyncio.run(made.permit())
    cluster.deploy(NEW)
    asyncio.run(made.finish())
    assert (made.before(), cluster.jobs) == ([], {})
    assert len(read_served(cluster.deployed.annotations if cluster.deployed else {})) == 1
