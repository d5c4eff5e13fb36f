"""What `status` and `plan` tell of the Jobs around a release and of the limit to rollbacks."""

import json
from typing import Any

import pytest

from contract.annotations import JOBS_DONE, NO_ROLLBACK_PAST
from contract.labels import COLOR, COMPONENT, JOB_OF, RELEASE, REVISION
from contract.words import NOT_ASKED
from cutover.engine.records import SERVICE, Step
from cutover.observe.facts import gather
from cutover.observe.judge import judge
from cutover.observe.records import ServiceStatus
from cutover.observe.tree import tree
from cutover.operations.plan.planned import service_plan
from cutover.strategies.releases import id_of
from tests.unit.cutover.objects import NOW, V1, V2, ago, blue_green, deployment, pods, rolling, service, view

Json = dict[str, Any]
CONFIG = blue_green(before_cutover={"args": ["a"]}, after_cutover={"args": ["b"]})
BOTH = [deployment("blue", V1), deployment("green", V2, minutes=10)]
ALL_PODS = [*pods("blue", V1), *pods("green", V2)]
FAILED = {"type": "Failed", "status": "True", "reason": "DeadlineExceeded", "message": "too long",
          "lastTransitionTime": ago(2)}  # fmt: skip
DONE = {"type": "Complete", "status": "True", "lastTransitionTime": ago(2)}


def job(phase: str, color: str | None = "green", release: Json = V2, *, held: bool = False, **status: Any) -> Json:
    about = {COMPONENT: f"{phase}-cutover", JOB_OF: "shop", RELEASE: id_of(release)} | ({COLOR: color} if color else {})
    meta = {"name": f"shop-{color}-{id_of(release)}-{phase}", "labels": about}
    return {"metadata": meta, "spec": {"suspend": held}, "status": status}


def look(*jobs: Json, config: Json = CONFIG, live: Json | None = None, **notes: str) -> ServiceStatus:
    serving = live or service()
    serving["metadata"]["annotations"] |= {JOBS_DONE: json.dumps({"before": ["1-0-0-b1"], "after": ["1-0-0-b1"]})}
    serving["metadata"]["annotations"] |= {NO_ROLLBACK_PAST: notes["barrier"]} if "barrier" in notes else {}
    return judge(view(shop=config), gather([serving], BOTH, ALL_PODS, NOW, jobs))["shop"]


def told(found: ServiceStatus, color: str) -> list[tuple[str, str, str]]:
    return [(job.setting, job.state, job.reason) for job in found.colors[color].jobs]


@pytest.mark.parametrize(
    ("seen", "state", "reason"),
    [
        (job("before", held=True), "waiting", ""),
        (job("before", active=1), "running", ""),
        (job("before", conditions=[DONE]), "done", ""),
        (job("before", conditions=[FAILED]), "failed", "DeadlineExceeded: too long"),
    ],
)
def test_what_became_of_a_job(seen: Json, state: str, reason: str) -> None:
    found = look(seen)
    assert told(found, "green") == [("before_cutover", state, reason), ("after_cutover", "waiting", "")]
    assert found.state == ("degraded" if state == "failed" else "paused")
    assert found.to_json()["colors"]["green"]["jobs"][0]["state"] == state


def test_a_release_that_needed_none_or_whose_job_was_deleted_has_had_them() -> None:
    found = look(job("before", "blue", V1, held=True))
    assert told(found, "blue") == [("before_cutover", "done", ""), ("after_cutover", "done", "")]


def test_a_service_without_jobs_has_none() -> None:
    assert told(look(config=blue_green()), "blue") == []


def test_one_that_failed_after_the_cutover_is_drift() -> None:
    config = {**CONFIG, "active": "green"}
    live = service(color="green", release=V2, switched=3)
    found = look(job("before", conditions=[DONE]), job("after", conditions=[FAILED]), config=config, live=live)
    assert found.state == "degraded"
    assert found.drift == (
        "shop: after_cutover Job: config done, cluster failed: DeadlineExceeded: too long; `cutover up --stack test` "
        "carries it on",
    )
    lines = [line.text for line in tree("test", "shop", {"shop": found})]
    assert "│  before_cutover Job ✔ done  2026-01-01 11:58:00Z" in lines
    assert "│  after_cutover Job ✖ failed: DeadlineExceeded: too long  2026-01-01 11:58:00Z" in lines


def test_a_plan_says_which_would_run() -> None:
    config = {**CONFIG, "active": "green"}
    seen = look(job("before", held=True), job("after", held=True), config=config)
    stack = view(shop=config)
    assert service_plan(stack.services["shop"], seen, []).to_json()["jobs"] == [
        "after_cutover: would run once the cutover is complete"
    ]
    first = service_plan(stack.services["shop"], judge(stack, {})["shop"], []).to_json()
    assert first["jobs"] == [
        "before_cutover: would run before the switch",
        "after_cutover: would run once the cutover is complete",
    ]
    assert service_plan(stack.services["shop"], None, []).to_json()["jobs"] == []


def test_a_plan_says_where_the_smoke_check_is_not_asked() -> None:
    config = {**CONFIG, "active": "green", "smoke": {"path": "/version"}, "verify_after": {"command": ["true"]}}
    selectors = [{COLOR: "blue", REVISION: "1-0-0-b1"}, {COLOR: "green", REVISION: "1-1-0-b1"}]
    meta = {"labels": {COMPONENT: "live"}}
    old, new = ({"metadata": meta, "spec": {"selector": selector}} for selector in selectors)
    urn, parent = "urn:pulumi:dev::cutover::x::shop", "urn:pulumi:dev::cutover::cutover:index:BlueGreenService::shop"
    switch = Step("begins", "update", SERVICE, urn, planned=True, old=old, new=new, parent=parent)
    says = Step("says", urn=switch.urn, text=f"shop: green 1-1-0-b1 must be ready; {NOT_ASKED}: it served before")
    stack, seen = view(shop=config), look(config=config)
    asked = service_plan(stack.services["shop"], seen, [switch]).to_json()["gates"]
    assert "smoke GET /version: HTTP 200" in asked
    told = service_plan(stack.services["shop"], seen, [switch, says]).to_json()["gates"]
    assert "smoke GET /version: HTTP 200; not asked: it served before" in told
    assert told[0] == asked[0] == "2 of 2 pods ready within 120 s"
    assert told[-1] == asked[-1] == "verify_after command true, within 60 s, before the drain"  # is asked again


def test_no_way_back_past_what_the_cluster_notes_or_the_config_says_of_what_serves() -> None:
    assert look().no_rollback_past is None
    noted = look(barrier="1.1.0 build 1")
    assert noted.no_rollback_past == "1.1.0 build 1"
    assert noted.forbidden("1.0.0 build 9") == "1.1.0 build 1"
    assert noted.forbidden("1.1.0 build 1") is None
    assert noted.forbidden("2-0-0-h01234567") == "1.1.0 build 1"  # which may be older: `--now` moves before it is asked
    assert noted.to_json()["noRollbackPast"] == "1.1.0 build 1"
    said = look(config={**CONFIG, "blue": {**V1, "rollback": "forbidden"}})
    assert said.no_rollback_past == "1.0.0 build 1"
    idle = look(config={**CONFIG, "green": {**V2, "rollback": "forbidden"}})
    assert idle.no_rollback_past is None
    assert "├─ no rollback past 1.1.0 build 1" in [line.text for line in tree("t", "n", {"shop": noted})]


def test_a_rolling_app_has_its_notes_on_its_deployment() -> None:
    config = rolling(
        before_cutover={"args": ["a"]}, after_cutover={"args": ["b"]}, release={**V2, "rollback": "forbidden"}
    )
    workload = deployment(None, V2)
    workload["metadata"]["annotations"] = {JOBS_DONE: '{"before": ["1-1-0-b1"], "after": []}'}
    failed = job("after", None, V2, conditions=[FAILED])
    stack = view(shop=config)
    found = judge(stack, gather([service(color=None)], [workload], pods(None, V2), NOW, [failed]))["shop"]
    assert told(found, "release") == [
        ("before_cutover", "done", ""),
        ("after_cutover", "failed", "DeadlineExceeded: too long"),
    ]
    assert found.no_rollback_past == "1.1.0 build 1"
    assert [difference.what for difference in found.differences] == ["shop: after_cutover Job"]
    assert service_plan(stack.services["shop"], found, []).to_json()["jobs"] == [
        "after_cutover: would run once the rollout is complete"
    ]
