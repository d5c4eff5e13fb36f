"""The note of where a release came from: of that release only, whatever the release before had noted."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from components.cluster.cluster import Note
from components.hooks.provenance import note_origin
from components.rules.facts import Rollout
from components.settings import Release
from contract.annotations import COMMIT, IMAGE_ID, RUN
from contract.labels import RELEASE
from tests.components.fakes import make_pod
from tests.components.test_rolling_jobs import RollingCluster

OLD = {RELEASE: "1-0-0-b1", IMAGE_ID: "shop@sha256:old", RUN: "https://forge.example/runs/1"}
SELECTOR = {"app.kubernetes.io/instance": "shop"}
NEW = Release.model_validate({"version": "1.1.0", "build": 1, "image": "shop:1"})


class OneDeployment(RollingCluster):
    """A cluster with a Deployment that somebody else changes `writers` times just before it is written."""

    def __init__(self, revision: str, writers: int = 0) -> None:
        super().__init__()
        self.deployed, self.writers = Rollout(revision, True, OLD, version="0"), writers

    async def annotate_workload(self, kind: str, name: str, annotations: Note, *, version: str = "") -> bool:
        assert self.deployed is not None
        if self.writers:
            self.writers -= 1
            self.deployed = replace(self.deployed, version=f"{self.writers} left")
        if version != self.deployed.version:
            return False
        return await super().annotate_workload(kind, name, annotations)


@pytest.fixture(autouse=True)
def _of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pulumi.get_project", lambda: "cutover")
    monkeypatch.setattr("pulumi.get_stack", lambda: "test")
    for name in ("GITHUB_RUN_ID", "CI_JOB_URL", "CUTOVER_RUN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CUTOVER_COMMIT", "a" * 40)


def noted(cluster: OneDeployment) -> Mapping[str, str]:
    asyncio.run(note_origin(cluster, "deployments", "shop", NEW, "d2", SELECTOR))
    assert cluster.deployed is not None
    return cluster.deployed.annotations


@pytest.mark.parametrize("writers", [0, 2])
def test_pods_that_do_not_tell_yet_leave_no_digest_of_the_release_before(writers: int) -> None:
    found = noted(OneDeployment("1-1-0-b1", writers))
    assert found[RELEASE] == "1-1-0-b1"
    assert found[COMMIT] == "a" * 40
    assert not {IMAGE_ID, RUN} & found.keys()


def test_pods_that_tell_are_noted() -> None:
    cluster = OneDeployment("1-1-0-b1")
    cluster.all_pods = [make_pod("new", SELECTOR, image_id="shop@sha256:new")]
    assert noted(cluster)[IMAGE_ID] == "shop@sha256:new"


def test_what_runs_another_release_by_now_is_left_alone() -> None:
    assert noted(OneDeployment("1-2-0-b1")) == OLD
