"""Metadata by role in the driver: what `status` and `plan` say of it, and what `restart` gives to new pods."""

import copy
from typing import Any

import pytest

from contract.annotations import ROLE
from contract.roles import RoleMarks
from cutover.observe.roles import RoleStatus
from cutover.observe.tree import tree
from cutover.operations.plan.planned import service_plan
from cutover.operations.traffic import roles as module
from cutover.operations.traffic.roles import give_roles
from tests.unit.cutover.objects import V1, V2, blue_green, pods, rolling, service, switch, view
from tests.unit.cutover.test_observe import BOTH, status

Json = dict[str, Any]
METADATA = {"active_metadata": {"labels": {"role": "active"}}, "preview_metadata": {"annotations": {"tier": "2"}}}


def noted(found: list[Json], marks: RoleMarks) -> list[Json]:
    """Pods that have the metadata of a role."""
    for one in found:
        for part, change in (marks.change(one["metadata"]) or {}).items():
            one["metadata"].setdefault(part, {}).update(change)
    return found


def test_status_counts_the_pods_that_have_it() -> None:
    blue = noted(pods("blue", V1), RoleMarks("active", {"role": "active"}, {}))
    found = status(blue_green(**METADATA), [service()], BOTH, [*blue, *pods("green", V2)])
    assert found.roles == (RoleStatus("blue", "active", 2, 2), RoleStatus("green", "preview", 0, 2))
    assert (found.drift, found.to_json()["roles"][0]["have"]) == ((), 2)
    said = [line.text for line in tree("test", "shop", {"shop": found})]
    assert "├─ active_metadata on 2 of 2 pods of blue" in said
    assert "├─ preview_metadata on 0 of 2 pods of green; `cutover up` gives it to the rest" in said


def test_a_pod_that_ends_needs_none() -> None:
    ending = pods("green", V2, 3)
    ending[2]["metadata"]["deletionTimestamp"] = "2026-10-25T12:00:00Z"
    found = status(blue_green(**METADATA), [service()], BOTH, [*pods("blue"), *ending])
    assert found.roles[1] == RoleStatus("green", "preview", 0, 2)
    assert [one.color for one in status(blue_green(**METADATA), [service()], BOTH, ending[2:]).roles] == []


@pytest.mark.parametrize("config", [{}, {"active_metadata": {}}, {"active_metadata": {"labels": {}}}])
def test_nothing_is_said_where_the_config_has_none(config: Json) -> None:
    assert status(blue_green(**config), [service()], BOTH, pods("blue", V1)).roles == ()


def test_what_was_adopted_is_not_counted() -> None:
    adopted = blue_green(**METADATA, blue=V1 | {"adopt": {"deployment": "shop"}})
    assert [one.color for one in status(adopted, [service()], BOTH, [*pods("blue"), *pods("green", V2)]).roles] == [
        "green"
    ]


def test_a_plan_says_which_pods_get_it_after_the_switch() -> None:
    shop = view(shop=blue_green(active="green", **METADATA)).services["shop"]
    plan = service_plan(shop, None, [switch("blue/1-0-0-b1", "green/1-1-0-b1")])
    said = "right after the switch: active_metadata on the pods of green, preview_metadata on the pods of blue"
    assert (plan.metadata, plan.to_json()["metadata"]) == (said, said)
    assert f"  metadata  {said}" in list(plan.lines())
    assert service_plan(shop, None, []).metadata is None


class Pods:
    """The pods of a namespace; a write finds its pod changed `raced` times."""

    def __init__(self, found: list[Json], raced: int = 0) -> None:
        self.found, self.raced = found, raced
        self.wrote: list[str] = []

    def items(self, path: str, params: Json) -> list[Json]:
        assert (path, params) == (
            "/api/v1/namespaces/ns/pods",
            {"labelSelector": "app.kubernetes.io/instance=shop,cutover.dev/color"},
        )
        return copy.deepcopy(self.found)

    def patch(self, path: str, body: Json, meta: Json) -> bool:
        if self.raced:
            self.raced -= 1
            return False
        name = path.rpartition("/")[2]
        (pod,) = (one["metadata"] for one in self.found if one["metadata"]["name"] == name)
        for part, change in body["metadata"].items():
            merged = {**pod.get(part, {}), **change}
            pod[part] = {key: value for key, value in merged.items() if value is not None}
        self.wrote.append(name)
        return True


def test_restarted_pods_get_the_metadata_of_their_role(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0)
    config = blue_green(**METADATA)
    seen = status(config, [service()], BOTH, [*pods("blue"), *pods("green", V2)])
    api = Pods([*pods("blue"), *pods("green", V2)], raced=3)
    shop = view(shop=config).services["shop"]
    assert give_roles(api, "ns", shop, seen) == 0  # type: ignore[arg-type]
    assert len(api.wrote) == 4
    assert [one["metadata"]["labels"].get("role") for one in api.found] == ["active", "active", None, None]
    assert ["tier" in one["metadata"].get("annotations", {}) for one in api.found] == [False, False, True, True]
    assert all(ROLE in one["metadata"]["annotations"] for one in api.found)
    assert give_roles(api, "ns", shop, seen) == 0  # type: ignore[arg-type]
    assert len(api.wrote) == 4, "the second time there is nothing to write"
    api.found[0]["metadata"]["labels"].pop("role")
    api.raced = 99
    assert give_roles(api, "ns", shop, seen) == 1  # type: ignore[arg-type]


def test_nobody_is_asked_where_the_config_has_none() -> None:
    for config in (blue_green(), rolling(active_metadata={"labels": {"a": "b"}})):
        seen = status(config, [service()], BOTH, pods("blue"))
        assert give_roles(None, "ns", view(shop=config).services["shop"], seen) == 0  # type: ignore[arg-type]
