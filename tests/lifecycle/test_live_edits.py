"""Edits of the release that takes the traffic: refused, or by permission made beside the old one."""

import pytest

from tests.lifecycle import services, views
from tests.lifecycle.judge import COLOR, REVISION
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.services import BROKEN, IMPATIENT, SMOKE, V1, V3, release
from tests.lifecycle.stack import Stack
from tests.lifecycle.varieties import workloads

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
both_workloads = workloads("deployment")


def _stopped_before_the_switch(stack: Stack, old: set[str]) -> list[str]:
    """The pods of `old` that were told to stop before the live Service had left them."""
    revision, early, first = None, [], True
    for event in sorted(stack.watcher.events(), key=lambda one: one.revision):
        body = event.object
        if event.kind == "services" and event.name == "shop":
            now = body["spec"]["selector"][REVISION]
            first, revision = first and now == (revision or now), now
        if (
            event.kind == "pods"
            and body["metadata"]["uid"] in old
            and "deletionTimestamp" in body["metadata"]
            and first
        ):
            early.append(event.name)
    return early


@both_workloads
def test_refused_by_the_preview_and_by_the_up(stack: Stack, namespace: Namespace, workload: str) -> None:
    shop = stack.services["shop"] = services.blue_green(workload)
    stack.must_up()
    before = views.snapshot(namespace)
    for edit in (release(V3), {**release(V1), "image": f"{services.REPOSITORY}:{V3}"}):
        shop["blue"] = edit
        plan, run = stack.preview(), stack.up()
        for outcome in (plan, run):
            assert outcome.code != 0
            assert "shop: blue takes the traffic with release 1-0-0-b1" in outcome.said
            assert "allow_in_place_updates: true" in outcome.said
            assert "Traceback" not in outcome.said
    assert views.snapshot(namespace) == before


@both_workloads
def test_allowed_and_stopped_by_a_gate_halfway(stack: Stack, namespace: Namespace, workload: str) -> None:
    shop = stack.services["shop"] = services.blue_green(workload, smoke=SMOKE, allow_in_place_updates=True)
    stack.must_up()
    old = views.uids(views.pods(namespace, color="blue"))
    live = namespace.get("services", "shop")["spec"]["selector"]
    shop |= {"blue": release(BROKEN), "smoke": IMPATIENT}
    refused = stack.up()
    assert refused.code != 0
    assert "failed its smoke check" in refused.said
    assert namespace.get("services", "shop")["spec"]["selector"] == live
    shop |= {"blue": release(V1), "smoke": SMOKE}
    stack.must_up()
    assert views.uids(views.pods(namespace, color="blue")) == old
    assert namespace.get("services", "shop")["spec"]["selector"] == live

    shop["blue"] = release(V3)
    stack.must_up()
    assert namespace.get("services", "shop")["spec"]["selector"][COLOR] == "blue"
    eventually("the old release to go", lambda: views.images(views.pods(namespace, color="blue")) == {V3})
    assert _stopped_before_the_switch(stack, old) == []
    assert set(stack.must_up().changes) == {"same"}
