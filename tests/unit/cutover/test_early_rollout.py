"""A rolling release that turns bad while it is rolled out ends the rollout; its pods are asked one by one."""

import threading
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from contract.labels import INSTANCE, REVISION
from cutover.engine.records import Step
from cutover.errors import ClusterUnreachable, DriverError
from cutover.measure import Check
from cutover.measure.http import Answer
from cutover.operations.bake import early, new_pods
from cutover.operations.bake.bake import BakeFailed
from cutover.operations.bake.bake_options import BakeOptions
from cutover.operations.bake.new_pods import NewPods
from cutover.operations.command.run import Run
from cutover.operations.release import watched as module
from cutover.operations.release.watched import watched
from cutover.operations.up import way_back
from cutover.options import Options
from cutover.output.report import Report
from cutover.output.result import Result
from tests.patience import PATIENCE_SECONDS

TEXT = """\
config:
  cutover:namespace: shop
  cutover:services:
    app:
      strategy: rolling
      port: 9898
      smoke: {path: /version, expect_body: '{version}'}
      release: {version: 1.0.0, build: 1, image: 'app:1'}
"""
NEW = {"version": "2.0.0", "build": 2, "image": "app:2"}
PATH = ("cutover:services", "app", "release")
ASKED = BakeOptions(60, 0.01, True, (), None, (), 0)
BEGINS = Step("begins", "update", "kubernetes:apps/v1:Deployment", "urn::app", parent="urn::app")


def pod(name: str, *, ready: bool = True, leaving: bool = False) -> dict[str, Any]:
    meta = {"name": name} | ({"deletionTimestamp": "now"} if leaving else {})
    return {"metadata": meta, "status": {"conditions": [{"type": "Ready", "status": str(ready)}]}}


class Cluster:
    """The pods of a release, and what each answers; `asked` are the paths of requests to pods."""

    def __init__(self) -> None:
        self.pods: list[dict[str, Any]] = []
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.listed: list[Any] = []
        self.gone: DriverError | None = None
        self.http = None

    def items(self, path: str, params: Any) -> list[dict[str, Any]]:
        if self.gone:
            raise self.gone
        self.listed.append((path, params))
        return list(self.pods)

    def get(self, _: Any, url: str, __: Any, ___: float) -> Answer:
        self.asked.append(url)
        name = url.split("http:")[1].split(":")[0]
        return self.answers.get(name, Answer(200, "2.0.0", 0.01))


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    made = Cluster()
    monkeypatch.setattr(new_pods, "get", made.get)
    return made


def probe(cluster: Cluster) -> NewPods:
    return NewPods(cluster, "shop", "app", "2-0-0-b2", 9898, Check("/version", 200, "2.0.0"))  # type: ignore[arg-type]


def test_each_ready_pod_is_asked_in_its_turn_once_it_was_seen_before(cluster: Cluster) -> None:
    looks = probe(cluster)
    cluster.pods = [pod("a", ready=False), pod("b", leaving=True)]
    assert [looks.take().outcome for _ in range(2)] == ["unknown", "unknown"]
    cluster.pods = [pod("a"), pod("c")]
    assert (looks.take().early, cluster.asked) == (True, [])
    assert [looks.take().outcome for _ in range(3)] == ["passed"] * 3
    base = "/api/v1/namespaces/shop/pods/http:{}:9898/proxy/version"
    assert cluster.asked == [base.format(name) for name in "aca"]
    assert cluster.listed[0] == (
        "/api/v1/namespaces/shop/pods",
        {"labelSelector": f"{INSTANCE}=app,{REVISION}=2-0-0-b2"},
    )


def test_a_bad_answer_counts_unless_its_pod_is_on_its_way_out(cluster: Cluster) -> None:
    looks = probe(cluster)
    cluster.pods, cluster.answers = [pod("a")], {"a": Answer(500, "sick", 0.01)}
    looks.take()
    assert (looks.take().outcome, looks.take().said) == ("failed", "a: HTTP 500: 'sick'")
    listed, cluster.items = cluster.items, lambda *words: [pod("a", leaving=bool(cluster.asked))]  # type: ignore[method-assign]
    cluster.asked.clear()
    assert looks.take().outcome == "unknown"
    cluster.items = listed  # type: ignore[method-assign]
    cluster.gone = ClusterUnreachable("no route", "")
    assert (looks.take().outcome, looks.take().reached) == ("unknown", False)


class Played:
    """A rollout whose `up` is `during`; `ended` is set once its run was given up."""

    def __init__(self, path: Path, cluster: Cluster) -> None:
        path.write_text(TEXT)
        run: Any = Run("release", path, Options(yes=True), Report())
        self.cluster, self.ended, self.changes = cluster, threading.Event(), []  # type: ignore[var-annotated]
        self.why, self.limit = "", None
        run.__dict__["engine"] = SimpleNamespace(give_up=self._give_up)
        run.live = lambda: {"app": SimpleNamespace(forbidden=lambda _: self.limit)}
        self.run = run

    def _give_up(self, why: str) -> None:
        self.why = why
        self.ended.set()

    def rolls(self, during: Callable[[], object]) -> Result:
        def roll_out() -> Result:
            self.run.file.set({(*PATH, key): value for key, value in NEW.items()})
            self.run.steps.append(BEGINS)
            self.cluster.pods = [pod("a")]
            during()
            return Result("release", "dev", 0, True, ("app: 2.0.0 build 2 is out",))

        return watched(self.run, self.run.view.services["app"], ASKED, roll_out)

    def turns_bad(self) -> None:
        self.cluster.answers["a"] = Answer(500, "sick", 0.01)
        assert self.ended.wait(PATIENCE_SECONDS)
        raise DriverError(self.why, "")


@pytest.fixture
def played(tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Played:
    made = Played(tmp_path / "Pulumi.dev.yaml", cluster)
    monkeypatch.setattr(early, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(early, "access_of", lambda _: None)
    monkeypatch.setattr(early, "Api", lambda _: nullcontext(cluster))
    monkeypatch.setattr(module, "rehearse", lambda *_: None)
    monkeypatch.setattr(way_back, "change_held", lambda _run, wanted, _to, said: made.changes.append((wanted, said)))
    return made


def test_one_that_turns_bad_ends_the_rollout_and_goes_back(played: Played) -> None:
    with pytest.raises(BakeFailed, match=r"went back: app to 1\.0\.0 build 1 again"):
        played.rolls(played.turns_bad)
    assert "probe app, new pods failed" in played.why
    ((wanted, message),) = played.changes
    assert wanted == {PATH: {"version": "1.0.0", "build": 1, "image": "app:1"}}
    assert message.startswith("roll back app to 1.0.0 build 1: probe app, new pods failed")
    assert played.run.details.to_json()["bake"]["passed"] is False


def test_where_nobody_may_go_back_the_rollout_is_not_ended(played: Played) -> None:
    played.limit = "2.0.0 build 2"  # type: ignore[assignment]

    def during() -> None:
        played.cluster.answers["a"] = Answer(500, "sick", 0.01)
        assert not played.ended.wait(0.3)

    with pytest.raises(BakeFailed, match="forbids a rollback past it"):
        played.rolls(during)
    assert played.changes == []


def test_without_a_smoke_check_no_pod_is_asked(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    path = played.run.file.path
    path.write_text(TEXT.replace("      smoke: {path: /version, expect_body: '{version}'}\n", ""))
    played.run.file = type(played.run.file)(path)
    passed = SimpleNamespace(passed=True, blind=False, to_json=dict, seconds=1.0, summaries=())
    monkeypatch.setattr(module, "watch", lambda *_: passed)

    def during() -> None:
        played.cluster.answers["a"] = Answer(500, "sick", 0.01)
        assert not played.ended.wait(0.2)

    assert played.rolls(during).changed
    assert played.cluster.asked == []
