"""A rolling app: updates, a release that never gets ready, a size that is the cluster's to choose."""

import re

import pytest

from tests.lifecycle import services, views
from tests.lifecycle.command import kubectl
from tests.lifecycle.judge import why_not_ready
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.services import BROKEN, CRASH, IMPATIENT, UNREADY, V1, V2, V3, release
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]


def _fewest_ready(stack: Stack, wanted: int, app: str = "app") -> int:
    """The smallest number of an app's ready pods at any time after there were `wanted` for the first time."""
    ready: set[str] = set()
    served, fewest = False, wanted
    for event in sorted(stack.watcher.events(), key=lambda one: one.revision):
        if event.kind == "pods" and event.object["metadata"]["labels"][views.INSTANCE] == app:
            gone = event.type == "DELETED" or "deletionTimestamp" in event.object["metadata"]
            (ready.discard if gone or why_not_ready(event.object) else ready.add)(event.name)
            served = served or len(ready) >= wanted
            fewest = min(fewest, len(ready)) if served else fewest
    assert served
    return fewest


def test_updates_never_take_a_pod_away_before_another_is_ready(stack: Stack, namespace: Namespace) -> None:
    app = stack.services["app"] = services.rolling(config={"PODINFO_UI_MESSAGE": "one"})
    assert stack.must_up().changes == {"create": 6}
    before = views.version(namespace, "app")
    app["release"] = release(V2)
    assert stack.preview().changes == {"update": 1, "same": 5}
    assert stack.must_up().changes == {"update": 1, "same": 5}
    assert views.images(views.ready_pods(namespace, "app")) == {V2}
    app["config"] = {"PODINFO_UI_MESSAGE": "two"}
    stack.must_up()
    eventually("the new pods", lambda: len(views.pods(namespace, "app")) == 2)
    for pod in views.ready_pods(namespace, "app"):
        assert '"two"' in namespace.ask_pod(pod["metadata"]["name"], "api/info")
    app["release"] = release(V1)
    stack.must_up()
    assert _fewest_ready(stack, 2) == 2
    assert views.version(namespace, "app") == before
    assert set(stack.must_up().changes) == {"same"}
    stack.watcher.plan({})
    assert stack.destroy().code == 0
    views.wait_until_empty(namespace)


@pytest.mark.wide  # one that is stuck, in test_rolling_interrupted.py, says so too
def test_releases_that_never_get_ready_stall(stack: Stack, namespace: Namespace) -> None:
    """Three apps at once: they wait for their deadlines side by side."""
    bad = {"slow": UNREADY, "crash": CRASH, "missing": "9.9.9"}
    fixed = {"slow": V3, "crash": V1, "missing": V1}  # forward, or back
    for name in bad:
        stack.services[name] = services.rolling()
    stack.must_up()
    old = {name: views.uids(views.pods(namespace, name)) for name in bad}
    for name, tag in bad.items():
        stack.services[name] |= {"release": release(tag), "progress_deadline_seconds": 4}
    failed = stack.up()
    assert failed.code != 0
    assert "Traceback" not in failed.said
    for name in bad:
        assert re.search(rf"\b{name}\b", failed.said)
        assert old[name] <= views.uids(views.ready_pods(namespace, name))
        stack.services[name] |= {"release": release(fixed[name]), "progress_deadline_seconds": 60}
    stack.must_up()
    for name, tag in fixed.items():
        assert views.images(views.ready_pods(namespace, name)) == {tag}
        assert _fewest_ready(stack, 2, name) == 2
    assert set(stack.must_up().changes) == {"same"}


def test_a_release_that_answers_wrongly_gets_no_pod_of_the_rollout(stack: Stack, namespace: Namespace) -> None:
    app = stack.services["app"] = services.rolling(smoke=IMPATIENT)
    stack.must_up()
    before = views.uids(views.ready_pods(namespace, "app"))
    app["release"] = release(BROKEN)
    asked = "smoke GET /version: HTTP 200 with '\"{version}\"'"
    stack.announce()
    assert f"app: a preview pod of 1-3-0-b1 would have to pass {asked}" in stack.run("preview").said
    refused = stack.up()
    assert refused.code != 0
    assert "app: GET /version failed its smoke check for 4 s: the body lacks '\"1.3.0\"'" in refused.said
    assert "Refused before the switch: traffic stays where it was." in refused.said
    assert "Traceback" not in refused.said
    assert views.uids(views.pods(namespace, "app")) == before
    said = re.search(rf"`kubectl logs -n {namespace.name} job/(\S+)` has what its pod said", refused.said)
    assert said
    assert namespace.names("jobs") == [said[1]]
    namespace.let_read_logs()
    assert kubectl(stack, f"logs -n {namespace.name} job/{said[1]}")
    app["release"] = release(V2)
    stack.must_up()
    assert views.images(views.ready_pods(namespace, "app")) == {V2}
    app["release"] = release(V1)
    app["smoke"] = {**IMPATIENT, "expect_body": "what only a later release says"}
    back = stack.must_up()  # it served before
    assert "asked of the preview pod" not in back.said
    assert views.images(views.ready_pods(namespace, "app")) == {V1}
    assert namespace.names("jobs") == [said[1]]  # those of the good releases are gone
    assert stack.destroy().code == 0


def test_an_autoscaler_s_size_is_never_overwritten(stack: Stack, namespace: Namespace) -> None:
    app = stack.services["app"] = services.rolling(
        replicas=None,
        autoscale={"min_replicas": 2, "max_replicas": 5},
        resources={"requests": {"cpu": "10m", "memory": "16Mi"}},
    )
    stack.must_up()
    eventually("the autoscaler's fewest", lambda: len(views.ready_pods(namespace, "app")) == 2)
    namespace.patch("deployments", "app", {"spec": {"replicas": 4}}, part="scale")
    eventually("four pods", lambda: len(views.ready_pods(namespace, "app")) == 4)
    app["release"] = release(V2)
    stack.must_up()
    assert namespace.get("deployments", "app")["spec"]["replicas"] == 4
    assert views.images(views.ready_pods(namespace, "app")) == {V2}
    assert _fewest_ready(stack, 2) >= 2
    del app["autoscale"]
    app["replicas"] = 2
    stack.must_up()
    eventually("two pods", lambda: len(views.pods(namespace, "app")) == 2)
