"""`abort_on_deadline` on the real engine: a release that is not ready in time is scaled to 0, and no other is."""

import pytest

from tests.lifecycle import services, views
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.services import UNREADY, V2, release
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic, pytest.mark.wide]


@pytest.mark.parametrize("workload", ["deployment", "replica-set"])
def test_a_release_that_misses_its_deadline_has_no_pods_left(stack: Stack, namespace: Namespace, workload: str) -> None:
    shop = stack.services["shop"] = services.blue_green(workload, green=None, abort_on_deadline=True)
    stack.must_up()
    shop |= {"green": release(UNREADY), "progress_deadline_seconds": 5}
    failed = stack.up()
    assert failed.code != 0
    assert "green 1-3-0-b1" in failed.said
    assert "missed its deadline of 5 s and was scaled to 0 pods (abort_on_deadline)" in failed.said
    eventually("no pod of green", lambda: views.pods(namespace, "shop", "green") == [])
    assert len(views.ready_pods(namespace, "shop", "blue")) == 2
    again = stack.up()
    assert (again.code != 0, "was scaled to 0 pods" in again.said) == (True, True), "it is tried again, and ends so"
    shop |= {"green": release(V2), "progress_deadline_seconds": 60}
    stack.must_up()
    assert len(views.ready_pods(namespace, "shop", "green")) == 2
    assert set(stack.must_up().changes) == {"same"}
