"""`cutover tidy` and what is said of a color that waits: until when it keeps its size, and that it is no difference."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from contract.labels import COLOR, REVISION
from cutover.engine.records import Outcome, Step
from cutover.errors import GateRefused
from cutover.observe.scale_down import ScaleDown
from cutover.operations.plan.planned import service_plan
from cutover.operations.tidy import tidy as module
from cutover.strategies.releases import id_of
from tests.unit.cutover.objects import NOW, V1, V2, V3, blue_green, deployment, pods, service, switch, view
from tests.unit.cutover.test_observe import status

KEPT = {"standby_replicas": 1, "scale_down_after": "45m"}
LIVE = [service("shop", "green", V2, switched=30)]
PODS = [*pods("blue", V1), *pods("green", V2)]


def seen(**changes: Any) -> Any:
    """Green serves for 30 minutes, and blue, which is older, has two pods."""
    workloads = [deployment("blue", V1, minutes=60), deployment("green", V2, minutes=40)]
    return status(blue_green(active="green", **KEPT | changes), LIVE, workloads, PODS)


def test_what_was_left_waits_for_its_time_and_is_no_difference() -> None:
    found = seen()
    assert (found.drift, found.state) == ((), "healthy")
    assert found.scale_down == ScaleDown("test", "blue", 2, 1, NOW + timedelta(minutes=15))
    assert found.to_json()["scaleDown"]["after"] == "2026-01-01T12:15:00+00:00"
    assert seen(scale_down_after="nonsense").drift == (
        "shop blue: pods: config 1, cluster 2; `pulumi up --refresh --stack test` puts the config through",
    )
    scaled = {"autoscale": {"min_replicas": 1, "max_replicas": 4}, "standby_replicas": None}
    assert seen(**scaled).scale_down == found.scale_down
    assert seen(standby_replicas=2).scale_down is None


def test_its_time_is_said() -> None:
    later = ScaleDown("test", "blue", 2, 1, datetime(2999, 1, 1, 8, 30, tzinfo=UTC))
    assert str(later) == "blue will be scaled down from 2 to 1 pod after 2999-01-01 08:30 UTC"
    assert (
        str(ScaleDown("test", "blue", 2, 1, NOW))
        == "blue is to be scaled down from 2 to 1 pod since 12:00 UTC: `cutover tidy --stack test`"
    )


def test_a_plan_says_what_comes_later() -> None:
    shop = view(shop=blue_green(active="green", **KEPT)).services["shop"]
    assert service_plan(shop, seen(), []).later == str(seen().scale_down)
    before = view(shop=blue_green(**KEPT)).services["shop"]
    plan = service_plan(before, seen(), [switch("green/1-1-0-b1", "blue/1-0-0-b1")])
    assert plan.switch
    assert plan.later == "green will be scaled down to 1 pod 45m after the switch"


def job(found: Any, notes: dict[str, Any]) -> Any:
    """As much of a job as tidy asks of it."""
    return SimpleNamespace(
        stack="test",
        live=lambda: {"shop": found},
        note=lambda **more: notes.update(more),
        confirm=lambda what: notes.update(confirmed=what),
        details=None,
        file=SimpleNamespace(path=SimpleNamespace(name="Pulumi.test.yaml")),
    )


def run(monkeypatch: pytest.MonkeyPatch, *steps: Step, found: Any) -> tuple[Any, dict[str, Any]]:
    notes: dict[str, Any] = {}
    monkeypatch.setattr(module, "preview", lambda _: Outcome({}, steps))
    monkeypatch.setattr(module, "change", lambda *given: notes.update(changed=given[1:]))
    return module.tidy(job(found, notes)), notes


def workload(color: str = "blue", replicas: int = 2, release: Any = V1, cpu: str = "") -> dict[str, Any]:
    """The inputs of a workload; `cpu` is what its container asks for."""
    labels = {COLOR: color, REVISION: id_of(release)}
    asked = {"resources": {"requests": {"cpu": cpu}}} if cpu else {}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": "x", **asked}]}}
    return {"metadata": {"labels": labels}, "spec": {"replicas": replicas, "template": template}}


def step(old: dict[str, Any] | None, new: dict[str, Any] | None, **changes: str) -> Step:
    given = {"op": "update", "kind": "apps/v1:Deployment", "name": "shop"} | changes
    parent = f"urn:pulumi:test::p::cutover:index:BlueGreenService::{given['name']}"
    urn = f"u::{given['name']}-blue"
    return Step("begins", given["op"], f"kubernetes:{given['kind']}", urn, old=old, new=new, parent=parent)


def shrink(**changes: str) -> Step:
    return step(workload(), workload(replicas=1), **changes)


def set_scaled(replicas: int) -> dict[str, Any]:
    """A ReplicaSet, whose annotations say what to wait for."""
    made = workload(replicas=replicas)
    return {**made, "metadata": {**made["metadata"], "annotations": {"pulumi.com/waitFor": f"{replicas} pods"}}}


def test_only_what_is_due_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    result, notes = run(monkeypatch, shrink(), found=seen())
    assert (result.changed, notes["scaled_down"]) == (True, {"shop": "blue"})
    assert notes["changed"] == ({}, {}, "scale down shop blue to 1 pod")
    result, notes = run(monkeypatch, found=seen(scale_down_after="99999d"))
    assert (result.changed, "confirmed" in notes) == (False, False)
    assert "shop: blue will be scaled down from 2 to 1 pod after" in result.lines[0]
    result, _ = run(monkeypatch, found=seen(standby_replicas=2))
    assert result.lines == ("test: no color waits to be scaled down; nothing to do",)


def test_a_replica_set_is_scaled_down_whatever_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    only = step(set_scaled(2), set_scaled(1), kind="apps/v1:ReplicaSet")
    assert run(monkeypatch, only, found=seen())[0].changed


@pytest.mark.parametrize(
    "more",
    [
        shrink(name="cart"),
        shrink(op="create"),
        shrink(op="replace"),
        shrink(kind="core/v1:Service"),
        step(workload("green", 6, V2), workload("green", 2, V2)),
        step(workload("green", 2, V2), workload("green", 1, V2)),
        step(workload("green", 2, V2), workload("green", 2, V2, cpu="1")),
        step(workload(), workload(replicas=1, cpu="1")),
        step(workload(cpu="1"), workload(replicas=1)),
        step(workload(), workload(replicas=0)),
        step(workload(replicas=0), workload(replicas=1)),
        step(workload(replicas=2, release=V3), workload(replicas=1, release=V3)),
        step(workload(), None, op="delete"),
        step(None, {}),
    ],
)
def test_a_schedule_carries_out_no_other_edit(monkeypatch: pytest.MonkeyPatch, more: Step) -> None:
    """Nor one of the workloads of a service that is due: of the live color, of what is in it, of a kept release."""
    for steps in ([more], [shrink(), more]):
        with pytest.raises(GateRefused, match="has other changes than the scale-down"):
            run(monkeypatch, *steps, found=seen())
