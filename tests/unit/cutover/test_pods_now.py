"""A canary's pods taken out past the engine: with preconditions, for a color that serves, until no endpoint is left."""

from typing import Any

import pytest

from contract.annotations import DETACHED
from contract.labels import LIVE
from cutover.errors import DriverError, GateRefused, TimedOut
from cutover.operations.traffic import pods_now, share_now
from tests.unit.cutover.objects import V1, V2, view
from tests.unit.cutover.test_observe_labels import BLUE, GREEN, labeled, live
from tests.unit.cutover.test_pod_shares import config

Json = dict[str, Any]


class FakeApi:
    """A live Service with two pods of blue, and as many of green; `done` names the patches in their order."""

    server = "https://c"

    def __init__(self) -> None:
        self.blue, self.green = labeled("blue", V1, True, True), labeled("green", V2, True, True)
        self.ready = True
        self.follows = True  # whether the endpoints are what the labels say
        self.conflicts = 0  # how often a pod changes right before it is written
        self.done: list[str] = []

    def items(self, path: str, params: Json) -> list[Json]:
        kind, selector = path.rpartition("/")[2], params.get("labelSelector", "")
        if kind == "endpointslices":
            pods = [*(self.blue if self.ready else []), *self.green]
            names = [one["metadata"]["name"] for one in pods if LIVE in one["metadata"]["labels"] or not self.follows]
            return [{"metadata": {}, "endpoints": [{"targetRef": {"name": name}} for name in names]}]
        if LIVE in selector:
            return [one for one in self.green if LIVE in one["metadata"]["labels"]]
        lists = {"services": [live()], "replicasets": [BLUE, GREEN], "pods": [*self.blue, *self.green]}
        return lists.get(kind, [])

    def patch(self, path: str, body: Json, meta: Json) -> bool:
        if self.conflicts:
            self.conflicts -= 1
            return False
        (one,) = [pod for pod in self.green if pod["metadata"]["name"] == path.rpartition("/")[2]]
        assert meta is one["metadata"]
        assert body["metadata"]["labels"] == {LIVE: None}
        assert body["metadata"]["annotations"][DETACHED]
        del one["metadata"]["labels"][LIVE]
        self.done.append(one["metadata"]["name"])
        return True


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> FakeApi:
    monkeypatch.setattr(share_now, "VERIFY_SECONDS", 0.1)
    monkeypatch.setattr(share_now, "POLL_SECONDS", 0.001)
    return FakeApi()


def detach(api: Any) -> bool:
    stack = view(shop=config(50))
    return pods_now.detach(api, stack, stack.services["shop"])


def test_each_pod_of_the_canary_is_detached_once_and_no_other(api: FakeApi) -> None:
    api.conflicts = 1
    assert detach(api)
    assert sorted(api.done) == ["shop-green-0", "shop-green-1"]
    assert all(LIVE in pod["metadata"]["labels"] for pod in api.blue)
    assert not detach(api), "what is so already is not written again"


def test_nobody_is_sent_to_a_color_that_does_not_answer(api: FakeApi) -> None:
    api.ready = False
    with pytest.raises(GateRefused, match="shop: no pod of blue gets new connections"):
        detach(api)
    assert api.done == []


def test_it_is_not_told_as_done_while_the_endpoints_do_not_follow(api: FakeApi) -> None:
    api.follows = False
    with pytest.raises(TimedOut, match="green 2 of 4 pods, 50 % of new connections; 0 of 2 attached"):
        detach(api)


def test_pods_that_change_all_the_time_end_it(api: FakeApi) -> None:
    api.conflicts = 1000
    with pytest.raises(DriverError, match="changed 20 times"):
        detach(api)
