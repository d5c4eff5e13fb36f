"""A rolling update that was interrupted, on the real engine: the next plain `up` holds what the config says."""

import os
import re
import signal
from functools import partial

import pytest

from tests.lifecycle import services, views
from tests.lifecycle.command import cutover, kubectl
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.services import UNREADY, V1, V2, V3, release
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]


def test_an_interrupted_update_is_taken_back_and_no_old_pod_is_left(stack: Stack, namespace: Namespace) -> None:
    app = stack.services["app"] = services.rolling(min_ready_seconds=5)
    stack.must_up()
    for tag in (V2, V3):  # and the next one over the half of it
        app["release"] = release(tag)
        stack.announce()
        process = stack.start("up", "--yes", "--skip-preview")
        eventually("the update to begin", partial(_is_asked_for, namespace, tag))
        os.killpg(process.pid, signal.SIGINT)
        process.communicate()
    app["release"] = release(V1)
    outcome = stack.must_up()
    assert "as the config says" in outcome.said or "updated" in outcome.said
    assert _image(namespace).endswith(V1)
    found = views.pods(namespace, "app")
    assert views.images(found) == {V1}
    assert len(found) == 2
    assert [pod for pod in namespace.items("pods") if "deletionTimestamp" in pod["metadata"]] == []
    assert set(stack.must_up().changes) == {"same"}


def test_a_rolling_release_that_is_stuck_names_the_way_back_and_it_helps(stack: Stack, namespace: Namespace) -> None:
    app = stack.services["app"] = services.rolling(progress_deadline_seconds=5)
    stack.must_up()
    first = cutover(stack, "rollback", "app", "--yes")
    assert (first.code, "`cutover rollback app --to N` goes to what one had" in first.out) == (2, True), first
    app["release"] = release(UNREADY)
    failed = stack.up()
    assert failed.code != 0
    assert "app: the rollout to 1-3-0-b1 did not get through" in failed.said
    assert "Traceback" not in failed.said
    (look,) = re.findall(r"`kubectl (describe pod [^`]*)`", failed.said)
    assert "Readiness probe failed" in kubectl(stack, look)
    (back,) = re.findall(r"`(cutover rollback [^`]*)`", failed.said)
    assert "succeeded" in cutover(stack, "history").out
    ended = cutover(stack, *back.split()[1:], "--yes")
    assert ended.code == 0, ended.err
    assert "rolled back app to 1.0.0 build 1" in ended.out
    assert views.images(views.pods(namespace, "app")) == {V1}
    mended = ("--version", V2, "--build", "1", "--image", f"cutover.local/podinfo:{V2}")
    ended = cutover(stack, "release", "app", "--roll-out", *mended, "--yes")
    assert ended.code == 0, ended.err
    assert views.images(views.pods(namespace, "app")) == {V2}
    for goes_to in (V1, V2):  # run twice, it goes back and forth
        assert cutover(stack, "rollback", "--yes").code == 0
        assert views.images(views.pods(namespace, "app")) == {goes_to}
    worse = ("--version", "1.3.0", "--build", "1", "--image", f"cutover.local/podinfo:{UNREADY}")
    assert cutover(stack, "release", "app", "--roll-out", *worse, "--yes").code != 0
    assert views.images(views.pods(namespace, "app")) == {V2, UNREADY}, "the failed one is half rolled out"
    ended = cutover(stack, "rollback", "app", "--yes")
    assert ended.code == 0, ended.out
    assert views.images(views.pods(namespace, "app")) == {V2}, "what was never out as a whole is no way back"
    assert cutover(stack, "rollback", "app", "--to", "1", "--yes").code == 0
    assert views.images(views.pods(namespace, "app")) == {V1}


def _is_asked_for(namespace: Namespace, tag: str) -> bool:
    return _image(namespace).endswith(tag)


def _image(namespace: Namespace) -> str:
    template = namespace.get("deployments", "app")["spec"]["template"]
    return str(template["spec"]["containers"][0]["image"])
