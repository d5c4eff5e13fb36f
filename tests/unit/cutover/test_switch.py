"""Going back at once is refused past a release that forbids it, before anything is moved."""

from typing import Any

import pytest

from contract.annotations import NO_ROLLBACK_PAST
from cutover.errors import ClusterUnreachable, GateRefused
from cutover.observe.connection import Api, Refused
from cutover.operations.traffic.switch import check_all, switch_now
from tests.unit.cutover.objects import V1, V2, blue_green, deployment, pods, service, view

Json = dict[str, Any]
STACK = view(shop=blue_green(active="green"))


class FakeApi:
    """The lists of one namespace; `moved` are the patches."""

    amend = Api.amend  # by this one's `json`

    def __init__(self, barrier: str | None) -> None:
        live = service(color="green", release=V2, switched=1)
        live["metadata"]["annotations"] |= {} if barrier is None else {NO_ROLLBACK_PAST: barrier}
        workloads = [deployment("blue", V1, minutes=60), deployment("green", V2, minutes=10)]
        found = [*pods("blue", V1), *pods("green", V2)]
        self.lists = {"services": [live], "deployments": workloads, "pods": found}
        self.moved: list[Json] = []

    def json(self, method: str, path: str, **more: Any) -> Json:
        if method == "PATCH":
            self.moved.append(more["body"])
            return {}
        raise AssertionError(path)

    def items(self, path: str, _: Any = None) -> list[Json]:
        return self.lists[path.rpartition("/")[2]]


@pytest.mark.parametrize("color", [None, "blue"])
def test_refused_with_both_releases_and_the_way_out(color: str | None) -> None:
    api: Any = FakeApi("1.1.0 build 1")
    with pytest.raises(GateRefused) as refused:
        switch_now(api, STACK, STACK.services["shop"], color)
    assert "shop: 1.1.0 build 1 has taken the traffic and forbids a rollback past it; blue has 1.0.0 build 1" in (
        refused.value.what
    )
    assert "a release newer than 1.1.0 build 1" in refused.value.fix
    with pytest.raises(GateRefused):
        check_all(api, STACK, [STACK.services["shop"]])
    assert api.moved == []


@pytest.mark.parametrize("barrier", ["", "1.0.0", "none"])
def test_refused_where_the_limit_names_no_release(barrier: str) -> None:
    api: Any = FakeApi(barrier)
    with pytest.raises(GateRefused, match=f"is '{barrier}', which names no release") as refused:
        switch_now(api, STACK, STACK.services["shop"])
    assert "`rollback: forbidden`" in refused.value.fix
    assert api.moved == []


@pytest.mark.parametrize("barrier", [None, "1.0.0 build 1", "0.9.0 build 7"])
def test_not_refused_where_nothing_forbids_it(barrier: str | None) -> None:
    api: Any = FakeApi(barrier)
    check_all(api, STACK, [STACK.services["shop"]])
    assert switch_now(api, STACK, STACK.services["shop"]).moved
    assert len(api.moved) == 1


class Quicker(FakeApi):
    """Somebody else, or a first try of ours whose answer was lost, moves the Service before our patch is there."""

    def __init__(self, color: str, release: Json, status: int) -> None:
        super().__init__(None)
        self._then, self._status = service(color=color, release=release, completed=False), status

    def json(self, method: str, path: str, **more: Any) -> Json:
        self.lists["services"] = [self._then]
        raise Refused("the server rejected our request", "", self._status)


def test_a_patch_whose_answer_was_lost_has_moved_the_traffic() -> None:
    api: Any = Quicker("blue", V1, 422)
    assert switch_now(api, STACK, STACK.services["shop"]).moved


def test_who_was_quicker_is_not_undone() -> None:
    third = {**V2, "version": "1.9.0"}
    api: Any = Quicker("green", third, 422)
    with pytest.raises(GateRefused, match="somebody else changed the live Service"):
        switch_now(api, STACK, STACK.services["shop"])


def test_a_refusal_for_lack_of_rights_is_told_as_such() -> None:
    api: Any = Quicker("green", V2, 403)
    with pytest.raises(ClusterUnreachable):
        switch_now(api, STACK, STACK.services["shop"])
