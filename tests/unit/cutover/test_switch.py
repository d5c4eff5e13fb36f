"""Going back at once is refused past a release that forbids it, before anything is moved."""

import json
from typing import Any

import pytest

from contract.annotations import NO_ROLLBACK_PAST, REFUSED, SERVED
from contract.ownership import SWITCH_MANAGER
from contract.refusal import Refusal
from cutover.errors import ClusterUnreachable, GateRefused
from cutover.observe.connection import Api, Refused
from cutover.observe.live import look
from cutover.operations.traffic.switch import switch_now, target_of
from cutover.strategies.releases import id_of
from tests.unit.cutover.objects import V1, V2, ago, blue_green, deployment, pods, service, view

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
        self.managers: list[str] = []

    def json(self, method: str, path: str, **more: Any) -> Json:
        if method == "PATCH":
            self.moved.append(more["body"])
            self.managers.append(more["params"]["fieldManager"])
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
        target_of(look(api, STACK)["shop"], color)
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
    assert target_of(look(api, STACK)["shop"]).color == "blue"
    assert switch_now(api, STACK, STACK.services["shop"]).moved
    assert len(api.moved) == 1
    assert api.managers == [SWITCH_MANAGER]  # the notes of another one do not move the time of this switch


@pytest.mark.parametrize("refused", [True, False])
def test_what_never_served_is_no_way_back_also_where_a_write_moved_the_time_of_the_switch(refused: bool) -> None:
    api: Any = FakeApi(None)
    (live,) = api.lists["services"]
    noted = Refusal("refused", "blue", id_of(V1), "2026-01-01T11:59:30Z", "GET /version: 503")
    live["metadata"]["annotations"] |= {SERVED: json.dumps([f"{id_of(V2)}/0"])} | (
        {REFUSED: noted.text()} if refused else {}
    )
    with pytest.raises(GateRefused, match="never took the traffic"):
        switch_now(api, STACK, STACK.services["shop"])
    live["metadata"]["annotations"][SERVED] = json.dumps([f"{id_of(V1)}/0", f"{id_of(V2)}/0"])
    assert switch_now(api, STACK, STACK.services["shop"]).moved


def test_what_was_made_anew_since_it_served_is_asked_by_the_gates_first() -> None:
    api: Any = FakeApi(None)
    (live,) = api.lists["services"]
    live["metadata"]["annotations"][SERVED] = json.dumps([f"{id_of(V1)}/0", f"{id_of(V2)}/0"])
    api.lists["deployments"][0]["metadata"]["creationTimestamp"] = ago(0.5)  # as by `cutover abort`
    with pytest.raises(GateRefused, match="on blue was made anew since it served") as refused:
        switch_now(api, STACK, STACK.services["shop"])
    assert "`cutover rollback shop`" in refused.value.fix
    assert api.moved == []


def test_what_was_left_by_a_rollback_had_the_traffic_also_where_its_cutover_was_broken_off() -> None:
    api: Any = FakeApi(None)
    (live,) = api.lists["services"]
    noted = Refusal("rolled back", "blue", id_of(V1), "2026-01-01T11:59:30Z")
    live["metadata"]["annotations"] |= {REFUSED: noted.text(), SERVED: json.dumps([f"{id_of(V2)}/0"])}
    assert switch_now(api, STACK, STACK.services["shop"]).moved


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
