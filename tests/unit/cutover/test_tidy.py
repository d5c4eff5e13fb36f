"""`cutover tidy` and what is said of a color that waits: until when it keeps its size, and that it is no difference."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from cutover.engine.records import Outcome, Step
from cutover.errors import GateRefused
from cutover.observe.scale_down import ScaleDown
from cutover.operations.plan.planned import service_plan
from cutover.operations.tidy import tidy as module
from tests.unit.cutover.objects import NOW, V1, V2, blue_green, deployment, pods, service, switch, view
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


def shrink(name: str = "shop", op: str = "update", kind: str = "apps/v1:Deployment") -> Step:
    parent = f"urn:pulumi:test::p::cutover:index:BlueGreenService::{name}"
    return Step("begins", op, f"kubernetes:{kind}", f"u::{name}-blue", parent=parent)


def test_only_what_is_due_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    result, notes = run(monkeypatch, shrink(), found=seen())
    assert (result.changed, notes["scaled_down"]) == (True, {"shop": "blue"})
    assert notes["changed"] == ({}, {}, "scale down shop blue to 1 pod")
    result, notes = run(monkeypatch, found=seen(scale_down_after="99999d"))
    assert (result.changed, "confirmed" in notes) == (False, False)
    assert "shop: blue will be scaled down from 2 to 1 pod after" in result.lines[0]
    result, _ = run(monkeypatch, found=seen(standby_replicas=2))
    assert result.lines == ("test: no color waits to be scaled down; nothing to do",)


@pytest.mark.parametrize("more", [shrink("cart"), shrink(op="create"), shrink(kind="core/v1:Service")])
def test_a_schedule_carries_out_no_other_edit(monkeypatch: pytest.MonkeyPatch, more: Step) -> None:
    with pytest.raises(GateRefused, match="has other changes than the scale-down"):
        run(monkeypatch, shrink(), more, found=seen())
