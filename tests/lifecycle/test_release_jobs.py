"""The Jobs around a release: once per release, before its first traffic and after its cutover; failures; kills."""

import os
import re
import signal
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from prober import Prober, TargetRefusedError
from tests.lifecycle import kills, services, views
from tests.lifecycle.command import cutover, kubectl
from tests.lifecycle.driver import expect
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.load import ANSWER_SECONDS
from tests.lifecycle.services import V3
from tests.lifecycle.stack import Stack
from tests.lifecycle.varieties import varieties
from tests.unit.cutover.servers import Reply, serve

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
# podinfo's program exits with 0 after --help, with 1 where it lacks a certificate, and else serves for ever
PASSES: dict[str, Any] = {"args": ["--help"], "timeout_seconds": 90}
FAILS = {**PASSES, "args": ["--secure-port=9899"]}
HANGS = {"args": ["--port=9898"], "timeout_seconds": 2}
BLUE, GREEN = "shop-blue-1-0-0-b1", "shop-green-1-1-0-b1"


def jobs(namespace: Namespace) -> dict[str, str]:
    """Name -> what became of it."""
    return {item["metadata"]["name"]: _state(item) for item in namespace.items("jobs")}


def _state(item: dict[str, Any]) -> str:
    ended = [c["type"] for c in (item.get("status") or {}).get("conditions") or [] if c["status"] == "True"]
    return next((one for one in ended if one in ("Complete", "Failed")), "held" if item["spec"]["suspend"] else "runs")


def uids(namespace: Namespace) -> dict[str, str]:
    return {item["metadata"]["name"]: item["metadata"]["uid"] for item in namespace.items("jobs")}


@pytest.mark.parametrize(
    "changes",
    varieties([{}, {"workload": "replica-set", "cutover": "labels"}], narrow=[{}]),
    ids=["selector", "labels"],
)
def test_each_runs_once_per_release(stack: Stack, namespace: Namespace, changes: dict[str, Any]) -> None:
    shop = services.blue_green(recycle=False, before_cutover=PASSES, after_cutover=PASSES, **changes)
    stack.services["shop"] = shop
    stack.must_up()
    assert jobs(namespace) == {
        f"{BLUE}-before": "Complete",
        f"{BLUE}-after": "Complete",
        f"{GREEN}-before": "held",
        f"{GREEN}-after": "held",
    }
    assert set(stack.must_up().changes) == {"same"}

    shop["active"] = "green"
    plan = stack.preview()
    assert plan.code == 0, plan.said
    assert f"shop: before_cutover Job {GREEN}-before would run before the switch" in plan.said
    assert f"shop: after_cutover Job {GREEN}-after would run once the cutover is complete" in plan.said
    stack.must_up()
    assert set(jobs(namespace).values()) == {"Complete"}
    made = uids(namespace)
    shop["active"] = "blue"
    assert "would run" not in stack.preview().said
    for color in ("blue", "green"):
        shop["active"] = color
        outcome = stack.must_up()
        assert "Job" not in outcome.said, outcome.said
        assert uids(namespace) == made
    if not changes:
        refreshed = stack.run("refresh", "--yes", "--skip-preview")
        assert refreshed.code == 0, refreshed.said
        assert set(stack.must_up().changes) == {"same"}
        assert uids(namespace) == made
        assert stack.destroy().code == 0
        views.wait_until_empty(namespace)


@pytest.fixture
def live(stack: Stack, namespace: Namespace) -> Iterator[Prober]:
    """Steady traffic to the live Service of `shop`, whose pods are never stopped: no request may fail."""
    stack.services["shop"] = services.blue_green(recycle=False, green=None)
    stack.must_up()
    address = namespace.get("services", "shop")["spec"]["clusterIP"]
    try:
        prober = Prober(f"http://{address}:80", rate_per_second=50, timeout_seconds=ANSWER_SECONDS)
    except TargetRefusedError:
        pytest.skip(f"Services of this cluster ({address}) are no targets of the prober")
    with prober:
        yield prober


def test_a_failure_before_refuses_and_one_after_leaves_the_new_release(
    stack: Stack, namespace: Namespace, live: Prober
) -> None:
    shop = stack.services["shop"]
    first = views.version(namespace)
    shop |= {"green": services.release(V3), "active": "green", "before_cutover": HANGS}
    refused = stack.up()
    assert refused.code != 0
    job = "shop-green-1-2-0-b1-before"
    assert f"shop: before_cutover Job {job} of release 1-2-0-b1 failed: DeadlineExceeded" in refused.said
    assert "Refused before the switch: traffic stays where it was." in refused.said
    assert f"kubectl logs -n {namespace.name} job/{job}" in refused.said
    assert "Traceback" not in refused.said
    held = {f"{BLUE}-before": "held"}
    assert jobs(namespace) == held | {job: "Failed"}
    assert views.live_color(namespace) == "blue"
    failed = uids(namespace)[job]

    shop["before_cutover"] = FAILS
    refused = stack.up()
    assert refused.code != 0
    assert "exit code 1, " in refused.said  # with the program's own last words
    assert "HTTPS server crashed" in refused.said
    (logs,) = dict.fromkeys(re.findall(r"`kubectl (logs [^`]+)`", refused.said))
    namespace.let_read_logs()
    assert "HTTPS server crashed" in kubectl(stack, logs)
    assert uids(namespace)[job] != failed
    assert views.live_color(namespace) == "blue"

    shop |= {"active": "blue"}  # giving up for now costs nothing
    stack.must_up()
    assert jobs(namespace) == held | {job: "Failed"}
    assert views.live_color(namespace) == "blue"

    shop |= {"active": "green", "before_cutover": PASSES, "after_cutover": FAILS}
    failed_after = stack.up()
    assert failed_after.code != 0
    after = "shop-green-1-2-0-b1-after"
    assert f"shop: after_cutover Job {after} of release 1-2-0-b1 failed" in failed_after.said
    assert "The cutover is complete and traffic stays on the new release" in failed_after.said
    held[f"{BLUE}-after"] = "held"
    assert jobs(namespace) == held | {job: "Complete", after: "Failed"}
    assert views.live_color(namespace) == "green"
    assert views.version(namespace) != first

    passed = uids(namespace)[job]
    shop["after_cutover"] = PASSES
    stack.must_up()
    assert jobs(namespace) == held | {job: "Complete", after: "Complete"}
    assert uids(namespace)[job] == passed
    shop["active"] = "blue"  # which served before there were Jobs, and so needs none of them
    stack.must_up()
    assert jobs(namespace) == held | {job: "Complete", after: "Complete"}
    result = live.stop()
    assert {answer.version for answer in result.answers} >= {services.V1, V3}
    assert result.failures == []


def test_one_that_a_killed_run_left_at_work_is_waited_for(stack: Stack, namespace: Namespace) -> None:
    settings = {"metadata": {"name": "settings"}, "data": {}}
    namespace.create_object("configmaps", settings)
    shop = stack.services["shop"] = services.blue_green(recycle=False, env_from_config_maps=["settings"])
    stack.must_up()
    namespace.delete_object("configmaps", "settings")  # what runs has it; the Job's pod waits for it
    shop |= {"active": "green", "before_cutover": {**PASSES, "timeout_seconds": 110}}
    stack.announce()
    run = stack.start("up", "--yes", "--skip-preview")
    job = f"{GREEN}-before"
    eventually("the Job's pod to wait", lambda: _waits(namespace, job))
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    eventually("the program to end", lambda: not kills.processes_of(stack, but="pulumi-"))
    made = uids(namespace)
    stack.run("cancel", "--yes")

    again = stack.start("up", "--yes", "--skip-preview")
    namespace.create_object("configmaps", settings)
    said, _ = again.communicate(timeout=120)
    assert again.returncode == 0, said
    assert f"before_cutover Job {job} goes on" in said
    assert uids(namespace) == made
    assert jobs(namespace) == {f"{BLUE}-before": "held", job: "Complete"}
    assert views.live_color(namespace) == "green"


def _waits(namespace: Namespace, job: str) -> bool:
    found = namespace.items("pods", {"batch.kubernetes.io/job-name": job})
    return "CreateContainerConfigError" in str([pod["status"].get("containerStatuses") for pod in found])


def test_no_way_back_past_a_release_that_forbids_it_nor_after_a_bake_that_fails(
    stack: Stack, namespace: Namespace
) -> None:
    last = services.release(V3, rollback="forbidden")
    shop = stack.services["shop"] = services.blue_green(recycle=False, green=last)
    stack.must_up()
    expect(stack, "green", V3)
    with serve(Reply(500, "sick")) as sick:
        ended = cutover(stack, "promote", "--bake", "20s", "--probe-url", sick.url, "--yes")
    assert len(sick.requests) > 1, "one look before the switch, and those of the bake"
    assert ended.code == 1, ended
    assert "not gone back: shop: 1.2.0 build 1 forbids a rollback past it, and blue has 1.0.0 build 1" in ended.out
    assert "roll forward" in ended.out
    assert yaml.safe_load(stack.file.read_text())["config"]["cutover:services"]["shop"]["active"] == "green"
    assert views.live_color(namespace) == "green"
    serves = views.version(namespace)

    # An edit that takes the key away in the same breath: what the cluster notes counts.
    shop |= {"active": "blue", "green": services.release(V3)}
    for outcome in (stack.preview(), stack.up()):
        assert outcome.code != 0
        assert "shop: blue 1.0.0 build 1 is to take the traffic, and 1.2.0 build 1, which has taken" in outcome.said
        assert "put a release newer than 1.2.0 build 1 on blue" in outcome.said
        assert "Traceback" not in outcome.said
    shop |= {"active": "green", "green": last}
    stack.save()
    before = stack.file.read_bytes()
    for words in (("rollback",), ("rollback", "--now"), ("rollback", "--to", "1")):
        refused = cutover(stack, *words, "--yes")
        assert refused.code == 3, refused
        assert "shop: 1.2.0 build 1 has taken the traffic and forbids a rollback past it" in refused.out
    seen = cutover(stack, "status", "--json")
    assert seen.json()["stacks"][0]["services"]["shop"]["noRollbackPast"] == "1.2.0 build 1"
    assert stack.file.read_bytes() == before
    assert views.version(namespace) == serves

    # Forward is open; and with a word that it is all right, so is the way back.
    shop |= {"blue": services.release(services.V1) | {"version": "1.3.0"}, "active": "blue"}
    stack.must_up()
    shop |= {"green": services.release(services.V2), "blue": {**shop["blue"], "rollback": "allowed"}}
    stack.must_up()
    shop["active"] = "green"
    stack.must_up()


def test_a_group_moves_when_the_jobs_of_all_its_members_are_done(stack: Stack, namespace: Namespace) -> None:
    for name, step in (("api", PASSES), ("web", FAILS)):
        changes: dict[str, Any] = {"before_cutover": step, "after_cutover": PASSES, "active": None, "replicas": 1}
        stack.services[name] = {**services.blue_green(recycle=False), **changes}
        del stack.services[name]["active"]
    stack.groups["shop"] = {"active": "blue", "services": ["api", "web"]}
    refused = stack.up()
    assert refused.code != 0
    assert "web: before_cutover Job web-blue-1-0-0-b1-before of release 1-0-0-b1 failed" in refused.said
    assert {"api", "web"}.isdisjoint(namespace.names("services"))
    stack.services["web"]["before_cutover"] = PASSES
    stack.must_up()
    stack.services["web"]["before_cutover"] = FAILS
    stack.groups["shop"]["active"] = "green"
    assert stack.up().code != 0
    assert [views.live_color(namespace, name) for name in ("api", "web")] == ["blue", "blue"]
    assert [jobs(namespace)[f"{name}-green-1-1-0-b1-before"] for name in ("api", "web")] == ["Complete", "Failed"]
    stack.services["web"]["before_cutover"] = PASSES
    stack.must_up()
    assert set(jobs(namespace).values()) == {"Complete"}
    ended = [namespace.get("jobs", f"{n}-green-1-1-0-b1-before")["status"]["completionTime"] for n in ("api", "web")]
    begun = [namespace.get("jobs", f"{n}-green-1-1-0-b1-after")["status"]["startTime"] for n in ("api", "web")]
    assert max(ended) <= min(begun)
