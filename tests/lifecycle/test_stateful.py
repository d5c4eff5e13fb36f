"""A rolling service of a StatefulSet: one pod at a time, a bad release taken back, nothing made anew."""

import os
import signal
from typing import Any

import pytest

from tests.lifecycle import services, views
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.load import load, load_goes_on, lost
from tests.lifecycle.services import UNREADY, V2, release
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]

CLAIM = {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}


def stateful(**changes: Any) -> dict[str, Any]:
    return services.rolling(workload="stateful-set", **changes)


def test_a_life_of_a_stateful_set(stack: Stack, namespace: Namespace) -> None:
    store = stack.services["store"] = stateful()
    stack.must_up()
    assert set(stack.must_up().changes) == {"same"}
    made = namespace.get("statefulsets", "store")
    assert made["spec"]["serviceName"] == "store-pods"
    assert views.names(views.ready_pods(namespace, "store")) == ["store-0", "store-1"]

    with load(namespace, "store") as probers:
        load_goes_on(probers)
        store["release"] = release(V2)
        assert stack.preview().changes["update"] == 1
        stack.must_up()
        load_goes_on(probers)
        result = probers["store"].stop()
    assert lost(result) == []
    assert views.images(views.ready_pods(namespace, "store")) == {V2}

    # A release that is never ready stops at the first pod; the engine is interrupted, and its state has nothing of it.
    store["release"] = release(UNREADY)
    stack.announce()
    process = stack.start("up", "--yes", "--skip-preview")
    eventually("the bad pod", lambda: UNREADY in views.images(views.pods(namespace, "store")))
    os.killpg(process.pid, signal.SIGINT)
    process.communicate()
    store["release"] = release(V2)
    back = stack.must_up()
    assert "store-1 is of another release than the wanted one and not ready" in back.said
    assert views.images(views.ready_pods(namespace, "store")) == {V2}
    assert len(views.ready_pods(namespace, "store")) == 2

    store["volume_claims"] = {"data": CLAIM}
    for refused in (stack.preview(), stack.up()):
        assert refused.code != 0
        assert "code: set.changed" in refused.said
        assert "volume_claims.data is new" in refused.said
    del store["volume_claims"]
    assert set(stack.must_up().changes) == {"same"}
    assert namespace.get("statefulsets", "store")["metadata"]["uid"] == made["metadata"]["uid"]
    assert stack.destroy().code == 0
    views.wait_until_empty(namespace)
