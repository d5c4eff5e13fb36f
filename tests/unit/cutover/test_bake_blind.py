"""A bake whose probe the API server cannot carry to the pods: refused before anything moves, no reason to go back."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest

from cutover.errors import GateRefused
from cutover.measure import Verdict
from cutover.observe.endpoints import FROM_THE_CLUSTER
from cutover.observe.judge import judge
from cutover.operations.bake import bake
from cutover.operations.bake.bake import BakeBlind, BakeFailed, rehearse
from cutover.operations.bake.bake_options import BakeOptions
from cutover.operations.promote import promotion
from tests.unit.cutover.objects import V1, V2, blue_green, deployment, pod, service, view
from tests.unit.cutover.servers import Reply, serve

Json = dict[str, Any]
STACK = view(shop=blue_green(smoke={"path": "/version", "expect_body": "{version}"}))
BOTH = {"blue": V1, "green": V2}
UNREACHED = "error trying to reach service: dial tcp 10.0.0.7:9898: i/o timeout"
NO_POD = Reply(502, json.dumps({"kind": "Status", "message": UNREACHED}))
PROBE = BakeOptions(1.0, 0.1, True, (), None, (), 0)
BLIND = Verdict(passed=False, reason=f"probe shop could not be measured: {UNREACHED}", seconds=1.0, blind=True)


class FakeApi:
    """The lists of one namespace, and an API server that answers its service proxy; its pods may be unready, or be the
    endpoints of no Service.
    """

    def __init__(self, url: str = "", *, live: str = "blue", ready: bool = True, endpoints: bool = True) -> None:
        self.http = httpx2.Client(base_url=url)
        found = [pod(color, release, ready=ready, minutes=age) for color, release in BOTH.items() for age in (5.0, 6.0)]
        workloads = [deployment("blue", V1, minutes=60), deployment("green", V2, minutes=50)]
        serving = service(color=live, release=V1 if live == "blue" else V2)
        ends = [{"targetRef": {"name": one["metadata"]["name"]}} for one in found if endpoints]
        slices = [{"metadata": {}, "endpoints": ends}]
        self.lists = {"services": [serving], "deployments": workloads, "pods": found, "endpointslices": slices}
        self.asked: list[str] = []

    def __enter__(self) -> "FakeApi":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def items(self, path: str, params: Json | None = None) -> list[Json]:
        if path.endswith("/endpointslices"):
            self.asked.append((params or {})["labelSelector"])
        return self.lists[path.rpartition("/")[2]]


@contextmanager
def api_server(monkeypatch: pytest.MonkeyPatch, reply: Reply, *, ready: bool = True) -> Iterator[None]:
    with serve(reply) as server:
        meets(monkeypatch, lambda: FakeApi(server.url, ready=ready))
        yield


def meets(monkeypatch: pytest.MonkeyPatch, api: Callable[[], FakeApi]) -> None:
    """Have a bake meet this API server."""
    monkeypatch.setattr(bake, "access_of", lambda _: None)
    monkeypatch.setattr(bake, "Api", lambda _: api())


def job() -> Any:
    seen = judge(STACK, {})
    report = SimpleNamespace(say=lambda *_: None, done_waiting=lambda: None)
    file = SimpleNamespace(path=SimpleNamespace(name="Pulumi.test.yaml"))
    return SimpleNamespace(view=STACK, live=lambda: seen, report=report, note=lambda **_: None, file=file)


def test_before_anything_moves_each_probe_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with api_server(monkeypatch, NO_POD), pytest.raises(GateRefused) as refused:
        rehearse(job(), {"shop": "blue"}, PROBE)
    assert f"--bake cannot measure:\nprobe shop: the API server reaches no pod: HTTP 502, {UNREACHED}" in (
        refused.value.what
    )
    assert "traffic stays where it was" in refused.value.what
    assert "--no-probe" in refused.value.fix
    assert "--probe-url" in refused.value.fix


@pytest.mark.parametrize("reply", [Reply(body="1.0.0"), Reply(500, "sick"), Reply(body="another version")])
def test_what_serves_now_may_answer_as_it_likes(monkeypatch: pytest.MonkeyPatch, reply: Reply) -> None:
    with api_server(monkeypatch, reply):
        rehearse(job(), {"shop": "blue"}, PROBE)


def test_where_nothing_serves_there_is_nothing_to_try(monkeypatch: pytest.MonkeyPatch) -> None:
    with api_server(monkeypatch, NO_POD, ready=False):
        rehearse(job(), {"shop": "blue"}, PROBE)


def test_nothing_is_sent_back_because_the_api_server_reaches_no_pod(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promotion, "watch", lambda *_: BLIND)
    meets(monkeypatch, lambda: FakeApi(live="green"))
    with pytest.raises(BakeBlind) as ended:
        promotion._bake(job(), {"shop": "green"}, {}, PROBE, None)
    assert UNREACHED in ended.value.what
    assert "nothing was sent back: that is no answer of the release; shop: green stays live" in ended.value.what
    assert "--no-probe" in ended.value.fix


@pytest.mark.parametrize(
    ("lost", "why"),
    [
        ({"ready": False}, "no pod of green 1.1.0 build 1 is ready"),
        ({"endpoints": False}, "the Service shop has no ready endpoint of green 1.1.0 build 1"),
    ],
)
def test_a_release_that_nobody_reaches_is_sent_back_all_the_same(
    monkeypatch: pytest.MonkeyPatch, lost: Json, why: str
) -> None:
    monkeypatch.setattr(promotion, "watch", lambda *_: BLIND)
    meets(monkeypatch, lambda: FakeApi(live="green", **lost))
    went: list[Verdict] = []

    def revert(_: Any, targets: Json, before: Json, verdict: Verdict) -> BakeFailed:
        went.append(verdict)
        return BakeFailed(verdict.reason, "")

    monkeypatch.setattr(promotion, "_revert", revert)
    with pytest.raises(BakeFailed):
        promotion._bake(job(), {"shop": "green"}, {}, PROBE, None)
    assert went[0].reason.startswith(f"{why}; probe shop could not be measured")


@pytest.mark.parametrize(("canary", "asked"), [(True, "shop-green"), (False, "shop")])
def test_the_endpoints_that_are_looked_at_are_those_of_the_service_that_was_asked(
    monkeypatch: pytest.MonkeyPatch, canary: bool, asked: str
) -> None:
    api = FakeApi(endpoints=False)
    meets(monkeypatch, lambda: api)
    told = bake.judged(job(), {"shop": "green"}, BLIND, canary=canary)
    assert (told.blind, told.reason.partition(";")[0]) == (
        False,
        f"the Service {asked} has no ready endpoint of green 1.1.0 build 1",
    )
    assert api.asked == [f"{FROM_THE_CLUSTER},kubernetes.io/service-name={asked}"]


def test_a_canary_is_asked_by_its_colors_own_service() -> None:
    with serve(Reply(body="1.1.0")) as server, FakeApi(server.url) as fake:
        api: Any = fake
        (probe,) = bake.measurements_of(job(), api, {"shop": "green"}, PROBE, canary=True)
        assert (probe.name, probe.take().outcome) == ("probe shop-green", "passed")
        (live,) = bake.measurements_of(job(), api, {"shop": "green"}, PROBE)
        assert (live.name, live.take().outcome) == ("probe shop", "passed")
        asked = [request.path for request in server.requests]
    assert ["/services/http:shop-green:80/proxy/" in path for path in asked] == [True, False]
