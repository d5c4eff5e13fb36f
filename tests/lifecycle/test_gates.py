"""Releases that must not get traffic: refused with the reason, traffic untouched, and the next `up` goes on."""

import re

import pytest

from tests.lifecycle import services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.judge import REVISION
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.services import BROKEN, CRASH, IMPATIENT, SMOKE, UNREADY, V2, release
from tests.lifecycle.stack import Stack
from tests.lifecycle.varieties import workloads

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
both_workloads = workloads("deployment")


@both_workloads
def test_a_release_that_answers_wrongly(stack: Stack, namespace: Namespace, workload: str) -> None:
    shop = stack.services["shop"] = services.blue_green(workload, smoke=SMOKE, green=None)
    stack.must_up()
    before = views.version(namespace)
    shop |= {"green": release(BROKEN), "active": "green", "smoke": IMPATIENT}
    refused = stack.up()
    assert refused.code != 0
    assert "shop-green: GET /version failed its smoke check for 4 s: the body lacks '\"1.3.0\"'" in refused.said
    assert "Refused before the switch: traffic stays where it was." in refused.said
    assert "Traceback" not in refused.said
    assert views.version(namespace) == before
    seen = cutover(stack, "status", "--json").json()["stacks"][0]["services"]["shop"]
    assert seen["state"] == "degraded"
    assert "1.3.0 build 1 on green was refused at" in seen["reason"]
    assert "the body lacks" in seen["reason"]
    (difference,) = [one for one in seen["drift"] if one["what"] == "shop: live color"]
    assert "cutover abort shop" in difference["settle"]
    shop |= {"green": release(V2), "smoke": SMOKE}
    stack.must_up()
    assert views.live_color(namespace) == "green"
    assert views.revisions(namespace, color="green") == {
        namespace.get("services", "shop")["spec"]["selector"][REVISION]
    }
    assert "same" in stack.must_up().changes


@both_workloads
def test_a_color_that_went_unready_since_it_was_deployed(stack: Stack, namespace: Namespace, workload: str) -> None:
    shop = stack.services["shop"] = services.blue_green(workload)
    stack.must_up()
    before = views.version(namespace)
    sick = views.names(views.pods(namespace, color="green"))[0]
    namespace.make_unready(sick)
    eventually("the pod to be unready", lambda: len(views.ready_pods(namespace, color="green")) == 1)
    shop |= {"active": "green", "gate_timeout_seconds": 2}
    refused = stack.up()
    assert refused.code != 0
    assert "is not ready after 2 s: 1 of 2 pods ready" in refused.said
    assert f"{sick}: runs, but its readiness probe fails" in refused.said
    assert "Traceback" not in refused.said
    assert views.version(namespace) == before
    namespace.ask_pod(sick, "readyz/enable", method="POST")
    shop["gate_timeout_seconds"] = 30
    stack.must_up()
    assert views.live_color(namespace) == "green"


@both_workloads
def test_releases_that_never_start(stack: Stack, namespace: Namespace, workload: str) -> None:
    """Three services at once: they wait for their deadlines side by side."""
    bad = {"slow": UNREADY, "crash": CRASH, "missing": "9.9.9"}
    for name in bad:
        stack.services[name] = services.blue_green(workload, green=None, replicas=1)
    stack.must_up()
    before = {name: views.version(namespace, name) for name in bad}
    for name, tag in bad.items():
        stack.services[name] |= {"green": release(tag), "active": "green", "progress_deadline_seconds": 4}
    failed = stack.up()
    assert failed.code != 0
    assert {name: views.version(namespace, name) for name in bad} == before
    for name in bad:
        assert f"{name}-green-" in failed.said
        assert {views.live_color(namespace, name), *views.images(views.ready_pods(namespace, name))} == {
            "blue",
            "1.0.0",
        }
    if workload == "deployment":  # of a ReplicaSet the provider knows no more than that the time is over
        # The kubelet's words of that moment: between two starts the back-off, right after one how it ended.
        assert re.search(r"Pod \S+/crash-green-\S+\]: .*(CrashLoopBackOff|exit code 1)", failed.said), failed.said
        assert re.search(r"Pod \S+/missing-green-\S+\]: .*podinfo:9\.9\.9", failed.said), failed.said
    for name in bad:
        stack.services[name] |= {"green": release(V2), "progress_deadline_seconds": 60}
    stack.must_up()
    assert {views.live_color(namespace, name) for name in bad} == {"green"}
