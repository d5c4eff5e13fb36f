"""The state of a service in Argo's words, with the reason: no failure passes for progress, no progress for a fault."""

from typing import Any

import pytest

from contract.annotations import IMAGE_ID, REFUSED, SERVED
from contract.labels import RELEASE, VERSION
from contract.refusal import Refusal
from cutover.observe.facts import gather
from cutover.observe.judge import judge
from cutover.observe.records import ServiceStatus
from cutover.strategies.releases import id_of
from tests.unit.cutover.objects import (
    NOW,
    V1,
    V2,
    V3,
    ago,
    blue_green,
    deployment,
    pod,
    pods,
    rolling,
    runs,
    service,
    view,
)

Json = dict[str, Any]
BOTH = [*pods("blue", V1), *pods("green", V2)]


def status(config: Json, services: list[Json], workloads: list[Json], found: list[Json]) -> ServiceStatus:
    return judge(view(shop=config), gather(services, workloads, found, NOW))["shop"]


def with_condition(found: Json, kind: str, value: str, reason: str) -> Json:
    found["status"]["conditions"] = [{"type": kind, "status": value, "reason": reason, "message": "no\nmore"}]
    return found


@pytest.mark.parametrize(
    ("kind", "value", "reason", "state"),
    [
        ("Progressing", "False", "ProgressDeadlineExceeded", "degraded"),
        ("ReplicaFailure", "True", "FailedCreate", "degraded"),
        ("Progressing", "True", "ReplicaSetUpdated", "progressing"),
    ],
)
def test_a_release_that_is_stuck_is_degraded(kind: str, value: str, reason: str, state: str) -> None:
    green = with_condition(deployment("green", V2, minutes=10), kind, value, reason)
    waiting = [*pods("blue", V1), pod("green", V2, ready=False)]
    found = status(blue_green(), [service()], [deployment("blue", V1), green], waiting)
    assert found.state == state
    assert (f"{reason}: no more" in found.reason) is (state == "degraded")


@pytest.mark.parametrize(("minutes", "state"), [(1, "progressing"), (6, "degraded")])
def test_a_pod_that_is_not_ready_past_the_deadline_is_degraded(minutes: float, state: str) -> None:
    late = pod("green", V2, ready=False)
    late["status"]["conditions"][0]["lastTransitionTime"] = ago(minutes)
    workloads = [deployment("blue", V1), deployment("green", V2, minutes=10)]
    found = status(blue_green(progress_deadline_seconds=300), [service()], workloads, [*pods("blue", V1), late])
    assert found.state == state


def test_a_pod_on_its_way_out_is_not_late() -> None:
    leaving = pod("blue", V1, minutes=600)
    leaving["metadata"]["deletionTimestamp"] = ago(0)
    leaving["status"]["conditions"][0]["lastTransitionTime"] = ago(599)
    workloads = [deployment("blue", V1), deployment("green", V2, minutes=90)]
    found = status(blue_green(progress_deadline_seconds=300), [service()], workloads, [*BOTH, leaving])
    assert found.state == "progressing"


@pytest.mark.parametrize(
    ("kind", "there", "state"),
    [
        ("refused", V2, "degraded"),
        ("reverted", V2, "degraded"),
        ("rolled back", V2, "paused"),
        ("refused", V3, "paused"),  # another release stands there by now
    ],
)
def test_a_refusal_is_kept_while_its_release_is_there(kind: Any, there: Json, state: str) -> None:
    live = service()
    noted = Refusal(kind, "green", id_of(V2), "2026-01-01T11:59:00Z", "GET /version: 503")
    live["metadata"]["annotations"][REFUSED] = noted.text()
    workloads = [deployment("blue", V1), deployment("green", there, minutes=10)]
    found = status(blue_green(green=there), [live], workloads, [*pods("blue", V1), *pods("green", there)])
    assert found.state == state
    assert ("GET /version: 503" in found.reason) is (state == "degraded")


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"kind": "x"}', '{"kind": "refused"}'])
def test_what_is_no_note_counts_as_none(text: str) -> None:
    live = service()
    live["metadata"]["annotations"][REFUSED] = text
    workloads = [deployment("blue", V1), deployment("green", V2, minutes=10)]
    found = status(blue_green(), [live], workloads, BOTH)
    assert (found.refusal, found.state) == (None, "paused")


def test_a_live_service_that_was_deleted_is_degraded() -> None:
    workloads = [deployment("blue", V1), deployment("green", V2, minutes=10)]
    old = [pod("blue", V1, minutes=30), pod("blue", V1, minutes=31), *pods("green", V2)]
    found = status(blue_green(), [], workloads, old)
    assert (found.state, found.reason) == (
        "degraded",
        "there is no live Service, and 2 pods are ready: nothing reaches them",
    )


def half_done() -> ServiceStatus:
    there = deployment(None, V2, updated=1)
    there["metadata"]["annotations"] = {IMAGE_ID: "shop@sha256:" + "a" * 64, RELEASE: id_of(V1)}
    new = runs(pod(None, V2, minutes=1), "shop@sha256:" + "b" * 64, "shop:1.1.0")
    old = [pod(None, V1, minutes=30), pod(None, V1, minutes=31)]
    for each in old:
        each["metadata"]["labels"][VERSION] = "1.0.0"
    live = service(color=None)
    return status(rolling(release=V2), [live], [there], [new, *old])


def test_a_rolling_release_names_who_serves_and_no_moved_tag() -> None:
    found = half_done()
    assert found.differences == ()
    assert found.state == "progressing"
    assert "1.0.0 build 1" in found.reason
    assert found.colors["release"].serving[0] == "1.0.0 build 1"


@pytest.mark.parametrize("phase", ["Failed", "Succeeded"])
def test_a_pod_that_has_ended_is_no_pod_of_the_release(phase: str) -> None:
    workloads = [deployment("blue", V1), deployment("green", V2, minutes=10)]
    ended = pod("blue", V1, ready=False, minutes=50, phase=phase, reason="Evicted")
    found = status(blue_green(), [service()], workloads, [*BOTH, ended])
    assert (found.state, len(found.colors["blue"].pods)) == ("paused", 2)


@pytest.mark.parametrize(
    ("kind", "fix"),
    [("refused", "cutover abort shop"), ("reverted", "cutover abort shop"), ("rolled back", "cutover up")],
)
def test_what_was_refused_is_not_to_be_tried_again_as_it_is(kind: Any, fix: str) -> None:
    live = service()
    live["metadata"]["annotations"][REFUSED] = Refusal(kind, "green", id_of(V2), "2026-01-01T11:59:00Z").text()
    workloads = [deployment("blue", V1), deployment("green", V2, minutes=10)]
    (difference,) = status(blue_green(active="green"), [live], workloads, BOTH).differences
    assert difference.what == "shop: live color"
    assert fix in difference.settle


@pytest.mark.parametrize(
    ("note", "served"),
    [
        ('["1-0-0-b1/0123456789","1-1-0-b1/abc"]', {"1-0-0-b1", "1-1-0-b1"}),
        (None, set()),
        ("[", set()),
        ("{}", set()),
    ],
)
def test_the_releases_that_served_are_those_of_the_note(note: str | None, served: set[str]) -> None:
    live = service()
    live["metadata"]["annotations"] |= {SERVED: note} if note else {}
    assert status(blue_green(), [live], [deployment()], BOTH).served == served
