"""The Jobs around a release of a rolling app, and a release that it may not be rolled back past."""

import pytest

from tests.lifecycle import services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.kube import Namespace
from tests.lifecycle.services import V1, V2, release
from tests.lifecycle.stack import Stack
from tests.lifecycle.test_release_jobs import FAILS, PASSES, jobs

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]


def test_once_per_release_around_the_rollout(stack: Stack, namespace: Namespace) -> None:
    app = stack.services["app"] = services.rolling()
    stack.must_up()
    old = views.uids(views.pods(namespace, "app"))
    app |= {"release": release(V2), "before_cutover": FAILS, "after_cutover": PASSES}
    refused = stack.up()
    assert refused.code != 0
    assert "app: before_cutover Job app-1-1-0-b1-before-h" in refused.said
    assert "HTTPS server crashed" in refused.said
    assert views.uids(views.pods(namespace, "app")) == old

    app |= {"before_cutover": PASSES, "release": release(V2, rollback="forbidden")}
    plan = stack.preview()
    assert plan.code == 0, plan.said
    assert "would run before the first new pod" in plan.said
    assert "would run once the rollout is complete" in plan.said
    stack.must_up()
    assert set(jobs(namespace).values()) == {"Complete"}
    assert views.images(views.ready_pods(namespace, "app")) == {V2}
    assert set(stack.must_up().changes) == {"same"}

    app["release"] = release(V1)
    for outcome in (stack.preview(), stack.up()):
        assert outcome.code != 0
        assert "app: the Deployment 1.0.0 build 1 is to take the traffic, and 1.1.0 build 1, which" in outcome.said
    assert views.images(views.ready_pods(namespace, "app")) == {V2}
    app["release"] = release(V2, rollback="allowed")
    stack.must_up()
    assert '"noRollbackPast": null' in cutover(stack, "status", "--json").out
    app["release"] = release(V1)
    stack.must_up()
    assert set(jobs(namespace).values()) == {"held"}  # it ran before there were Jobs, and needs none
