"""A rolling service of a StatefulSet: one pod after the other, a bad release taken back, nothing made anew."""

import os
import signal
from typing import Any

import pytest

from tests.lifecycle import services, views
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.load import load, load_goes_on, lost
from tests.lifecycle.services import CRASH, V2, release
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]

CLAIM = {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "8Mi"}}}}


def stateful(**changes: Any) -> dict[str, Any]:
    return services.rolling(workload="stateful-set", **changes)


def test_a_release_of_a_stateful_set_and_a_bad_one_taken_back(stack: Stack, namespace: Namespace) -> None:
    store = stack.services["store"] = stateful()
    stack.must_up()
    made = namespace.get("statefulsets", "store")
    assert views.names(views.ready_pods(namespace, "store")) == ["store-0", "store-1"]
    with load(namespace, "store") as probers:
        load_goes_on(probers)
        # The crash is said by the kubelet at once. The engine is interrupted: its state has nothing of that update.
        store["release"] = release(CRASH)
        stack.announce()
        process = stack.start("up", "--yes", "--skip-preview")
        eventually("the bad pod", lambda: CRASH in views.images(views.pods(namespace, "store")))
        os.killpg(process.pid, signal.SIGINT)
        process.communicate()
        store["release"] = release(V2)
        forward = stack.must_up()
        load_goes_on(probers)
        result = probers["store"].stop()
    assert lost(result) == []
    assert "store-1 is of another release than the wanted one and not ready" in forward.said
    assert views.images(views.ready_pods(namespace, "store")) == {V2}
    assert len(views.ready_pods(namespace, "store")) == 2

    store["volume_claims"] = {"data": CLAIM}
    refused = stack.up()  # without a preview
    assert refused.code != 0
    assert "code: set.changed" in refused.said
    assert "volume_claims.data is new, and the set stands without" in refused.said
    del store["volume_claims"]
    assert set(stack.must_up().changes) == {"same"}
    assert namespace.get("statefulsets", "store")["metadata"]["uid"] == made["metadata"]["uid"]
    assert stack.destroy().code == 0
    views.wait_until_empty(namespace)
