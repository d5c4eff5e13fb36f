"""`cutover restart`: every pod once, as many ready all the while as are wanted; nothing where something is amiss."""

import copy
import io
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from contract.annotations import RESTARTED
from contract.labels import INSTANCE
from cutover.errors import ClusterUnreachable, GateRefused, Interrupted, TimedOut, UsageError
from cutover.observe.connection import Refused
from cutover.operations.command.run import Run
from cutover.operations.restart import renew, restart
from cutover.options import Options
from cutover.output.report import Report
from tests.unit.cutover.objects import V1, V2, blue_green, deployment, pod, rolling, service

Json = dict[str, Any]
PATIENCE = {"progress_deadline_seconds": 20, "termination_grace_seconds": 10}


class Cluster:
    """A namespace whose pods come and go by one at each look: a missing one is made, then one on its way out ends.

    `busy` evictions are refused by a budget first; a write finds the object changed `raced` times; no new pod gets
    ready once `lame` were made.
    """

    def __init__(self, kind: str, *pods: Json, busy: int = 0, raced: int = 0, lame: int = 99) -> None:
        self.work = deployment("blue", V1, minutes=60, replicas=len(pods))
        self.work["metadata"] |= {"name": "web", "uid": "w", "resourceVersion": "1"}
        labels = dict(self.work["spec"]["template"]["metadata"]["labels"])
        self.work["spec"]["selector"] = {"matchLabels": {INSTANCE: labels[INSTANCE]}}
        kinds: dict[str, list[Json]] = {"deployments": [], "replicasets": [], "statefulsets": []}
        self.lists = {"services": [service()], **kinds, "pods": list(pods)}
        self.lists[kind] = [self.work]
        self.busy, self.raced, self.lame, self.made = busy, raced, lame, 0
        self.evicted: list[str] = []
        self.scaled: list[int] = []
        self.fewest = len(pods)
        self._rolling: list[str] = []

    def items(self, path: str, _: Any = None) -> list[Json]:
        kind = path.rpartition("/")[2]
        if kind == "pods":
            self._pass_time()
        return copy.deepcopy(self.lists[kind])

    def json(self, method: str, path: str, *, body: Json | None = None, **_: Any) -> Json:
        if method == "GET":
            return copy.deepcopy(self.work)
        assert (method, path.rpartition("/")[2]) == ("POST", "eviction")
        if self.busy:
            self.busy -= 1
            raise Refused("it would violate the pod's disruption budget", "", 429)
        name, uid = path.split("/")[-2], (body or {})["deleteOptions"]["preconditions"]["uid"]
        gone = next((one for one in self.lists["pods"] if one["metadata"]["name"] == name), None)
        if gone is None or gone["metadata"]["uid"] != uid:
            raise Refused("not found", "", 404)
        gone["metadata"]["deletionTimestamp"] = "now"
        self.evicted.append(name)
        return {}

    def patch(self, path: str, body: Json, meta: Json) -> bool:
        assert meta["uid"] == "w"
        if self.raced:
            self.raced -= 1
            return False
        if path.endswith("/scale"):
            self.scaled.append(body["spec"]["replicas"])
            self.work["spec"]["replicas"] = body["spec"]["replicas"]
        else:
            assert body["spec"]["template"]["metadata"]["annotations"][RESTARTED]
            self._rolling = [one["metadata"]["name"] for one in self.lists["pods"]]
        return True

    def _staying(self) -> list[Json]:
        return [one for one in self.lists["pods"] if "deletionTimestamp" not in one["metadata"]]

    def _pass_time(self) -> None:
        pods, wanted = self.lists["pods"], self.work["spec"]["replicas"]
        leaving = [one for one in pods if "deletionTimestamp" in one["metadata"]]
        if leaving:
            pods.remove(leaving[0])
        if len(self._staying()) > wanted + bool(self._rolling):
            self._staying()[-1]["metadata"]["deletionTimestamp"] = "now"
        elif len(self._staying()) < wanted + bool(self._rolling):
            self.made += 1
            pods.append(named(f"new-{self.made}", ready=self.made <= self.lame, minutes=0))
        elif self._rolling and all(_ready(one) for one in self._staying()):
            name = self._rolling.pop(0)
            next(one for one in pods if one["metadata"]["name"] == name)["metadata"]["deletionTimestamp"] = "now"
        self.fewest = min(self.fewest, sum(map(_ready, self._staying())))


def _ready(one: Json) -> bool:
    return bool(one["status"]["conditions"][0]["status"] == "True")


def named(name: str, *, ready: bool = True, minutes: float = 5) -> Json:
    made = pod("blue", V1, ready=ready, minutes=minutes)
    made["metadata"] |= {"name": name, "uid": f"uid of {name}"}
    return made


@pytest.fixture(autouse=True)
def a_second_per_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock goes on by a second whenever it is looked at, and nobody sleeps."""
    seconds = itertools.count()
    monkeypatch.setattr(renew, "time", SimpleNamespace(monotonic=lambda: next(seconds), sleep=lambda _: None))


Restarted = Callable[..., tuple[Run, Any]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Restarted:
    """Runs the verb on a cluster, on the services of a config."""

    def run(cluster: Cluster, *names: str, job: Callable[[Run], None] = lambda _: None, **services: Json) -> Any:
        @contextmanager
        def opened(_: object) -> Iterator[Cluster]:
            yield cluster

        monkeypatch.setattr(restart, "Api", opened)
        monkeypatch.setattr(restart, "access_of", lambda _: None)
        (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
        file = tmp_path / "Pulumi.dev.yaml"
        file.write_text(yaml.safe_dump({"config": {"cutover:namespace": "shop", "cutover:services": services}}))
        made = Run("restart", file, Options(changes=True, yes=True), Report(stream=io.StringIO()))
        job(made)
        return made, restart.restart(made, names)

    return run


def shop(**changes: Any) -> Json:
    return blue_green(green=None, **PATIENCE, **changes)


SETS: Json = {"workload": "replica-set"}


def test_a_deployment_replaces_its_pods_by_its_own_surge_settings(run: Restarted) -> None:
    cluster = Cluster("deployments", named("a"), named("b"), raced=2)
    job, result = run(cluster, shop=shop())
    assert cluster.fewest == 2
    assert sorted(one["metadata"]["name"] for one in cluster.lists["pods"]) == ["new-1", "new-2"]
    assert (cluster.evicted, cluster.scaled) == ([], [])
    assert result.changed
    assert result.lines == ("shop: 2 pods restarted in turn; ready now: blue 2 of 2",)
    assert job.details.to_json()["restarted"] == {"shop": ["a", "b"]}


def test_a_replica_set_gets_one_more_and_its_old_pods_go_the_oldest_first(run: Restarted) -> None:
    cluster = Cluster("replicasets", named("young", minutes=1), named("old", minutes=9), busy=2)
    _, result = run(cluster, shop=shop(**SETS))
    assert cluster.evicted == ["old", "young"]
    assert cluster.scaled == [3, 2]
    assert cluster.fewest == 2
    assert len(cluster.lists["pods"]) == 2, "the pod more is gone at the end, not on its way"
    assert result.changed


def test_one_pod_alone_is_replaced_without_a_gap(run: Restarted) -> None:
    for kind, settings in (("deployments", {}), ("replicasets", SETS)):
        cluster = Cluster(kind, named("a"))
        run(cluster, shop=shop(replicas=1, **settings))
        assert cluster.fewest == 1
        assert next(one["metadata"]["name"] for one in cluster.lists["pods"]).startswith("new-")


def test_the_number_that_an_autoscaler_sets_is_left_to_it(run: Restarted) -> None:
    cluster = Cluster("replicasets", named("a"), named("b"))
    scale = {"min_replicas": 2, "max_replicas": 4}
    run(cluster, shop=shop(replicas=None, autoscale=scale, **SETS))
    assert cluster.scaled == []
    assert cluster.evicted == ["a", "b"]


def test_a_successor_that_is_not_ready_ends_it_and_the_rest_stays(run: Restarted) -> None:
    cluster = Cluster("replicasets", named("a", minutes=3), named("b", minutes=2), named("c", minutes=1), lame=1)
    with pytest.raises(TimedOut) as ended:
        run(cluster, shop=shop(replicas=3, **SETS))
    assert cluster.evicted == ["a"]
    assert cluster.scaled == [4, 3], "the pod more goes again"
    assert ended.value.what == "shop: 30 s after web was to renew its pods, 3 of 4 pods are ready"
    assert "cutover status" in ended.value.fix


def test_refused_while_something_is_missing(run: Restarted) -> None:
    cluster = Cluster("deployments", named("a"), named("b", ready=False))
    with pytest.raises(GateRefused) as refused:
        run(cluster, shop=shop())
    assert "1 of 2 pods ready" in refused.value.what
    assert "nothing was restarted" in refused.value.what
    assert cluster.made == 0


def test_refused_for_what_was_adopted(run: Restarted) -> None:
    cluster = Cluster("deployments", named("a"), named("b"))
    before = cluster.items

    def items(path: str, labels: Any = None) -> list[Json]:
        found = before(path)
        if path.endswith("/deployments") and not labels:  # those of others are read too
            found[0]["spec"]["template"]["metadata"]["labels"] = {"app": "web"}
        return found

    cluster.items = items  # type: ignore[method-assign,assignment]
    with pytest.raises(GateRefused, match="shop blue was adopted"):
        run(cluster, shop=shop())


def test_a_pod_that_is_gone_already_is_not_evicted_by_its_name(run: Restarted) -> None:
    cluster = Cluster("replicasets", named("a", minutes=9), named("b"))
    plain = cluster.patch

    def patch(path: str, body: Json, meta: Json) -> bool:
        cluster.lists["pods"][1]["metadata"]["uid"] = "another"  # ended by somebody, and back by its name
        return plain(path, body, meta)

    cluster.patch = patch  # type: ignore[method-assign]
    job, _ = run(cluster, shop=shop(**SETS))
    assert cluster.evicted == ["a"]
    assert job.details.to_json()["restarted"] == {"shop": ["a"]}


def test_without_the_right_the_rule_is_named(run: Restarted, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster("replicasets", named("a"), named("b"))

    def refuse(method: str, *_: Any, **__: Any) -> Json:
        if method == "GET":
            return cluster.work
        raise Refused("pods is forbidden", "", 403)

    monkeypatch.setattr(cluster, "json", refuse)
    with pytest.raises(GateRefused) as refused:
        run(cluster, shop=shop(**SETS))
    assert "a rule for pods/eviction" in refused.value.fix
    assert cluster.scaled == [3, 2]


def test_who_writes_all_the_time_ends_it(run: Restarted) -> None:
    with pytest.raises(ClusterUnreachable, match="changed 5 times"):
        run(Cluster("deployments", named("a"), raced=99), shop=shop(replicas=1))


def test_a_stop_between_two_pods_is_heard(run: Restarted, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster("replicasets", named("a"), named("b"))

    def stops(job: Run) -> None:
        say = lambda text, *_: job.stopping.set() if "evicted" in text else None  # noqa: E731
        monkeypatch.setattr(job.report, "say", say)

    with pytest.raises(Interrupted):
        run(cluster, job=stops, shop=shop(**SETS))
    assert len(cluster.evicted) == 1
    assert cluster.scaled[-1] == 2


def test_one_service_is_named_where_there_are_several(run: Restarted) -> None:
    with pytest.raises(UsageError, match="dev has: shop, worker"):
        run(Cluster("deployments", named("a")), shop=shop(), worker=rolling())


def test_nothing_begins_while_the_idle_color_is_not_ready(run: Restarted) -> None:
    cluster = Cluster("deployments", named("a"), named("b"))
    cluster.lists["deployments"].append(deployment("green", V2, replicas=1))
    with pytest.raises(GateRefused, match="0 of 1 pods ready"):
        run(cluster, "shop", shop=blue_green(standby_replicas=1))
