"""Objects that are applied but not ready: kept with their error, looked at again, deleted when replaced."""

import threading

from tests.sandbox.engine.deploy.bench import Bench
from tests.sandbox.engine.deploy.fake_kube import FakeKube, Object

REPLICAS = """
make("ReplicaSet", "web", ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="1s", update="1s")),
    api="apps/v1", spec={"replicas": 1, "template": {"v": config.get("v") or "1"}},
    metadata={"annotations": {"pulumi.com/waitFor": "jsonpath={.status.availableReplicas}=1"}})
"""


def ready(obj: Object) -> None:
    obj["status"] = {"availableReplicas": 1, "observedGeneration": obj["metadata"]["generation"]}


def test_an_object_that_is_not_ready_in_time_is_kept_and_awaited_again(bench: Bench, kube: FakeKube) -> None:
    late = bench.run(REPLICAS)
    assert not late.outcome.ok
    assert "timed out waiting for the condition" in late.outcome.errors[0]
    assert "{.status.availableReplicas} selected nothing" in late.said("error")
    assert late.row("web")["initErrors"]
    assert late.row("web")["id"] == "default/web"
    live = kube.live("replicasets", "web")
    assert live is not None
    ready(live)
    kube.on_write = ready
    settled = bench.run()
    assert settled.outcome.changes == {"same": 1, "update": 1}
    assert "initErrors" not in settled.row("web")
    assert [call for call in kube.writes() if call[0] == "POST"] == [("POST", "default/replicasets")]
    assert bench.run().outcome.changes == {"same": 2}


def test_a_failed_job_ends_the_wait_at_once_with_the_reason(bench: Bench, kube: FakeKube) -> None:
    def fail(obj: Object) -> None:
        if obj["kind"] == "Job":
            reason = {"reason": "BackoffLimitExceeded", "message": "Job has reached the specified backoff limit"}
            obj["status"] = {"conditions": [{"type": "Failed", "status": "True", **reason}]}

    kube.on_write = fail
    job = 'custom_timeouts=pulumi.CustomTimeouts(create="1h")), api="batch/v1", spec={"template": {}})'
    failed = bench.run(f'make("Job", "smoke", ResourceOptions({job}\n')
    assert "[BackoffLimitExceeded] Job has reached the specified backoff limit" in failed.said("error")
    assert failed.row("smoke")["initErrors"]


def test_a_replacement_that_is_not_ready_leaves_the_old_object_to_the_next_successful_run(
    bench: Bench, kube: FakeKube
) -> None:
    kube.on_write = ready
    named = """
class Plain(pulumi.CustomResource): pass
v = config.get("v") or "1"
Plain("kubernetes:apps/v1:ReplicaSet", "web", {"apiVersion": "apps/v1", "kind": "ReplicaSet",
    "metadata": {"name": "web-" + v, "annotations": {"pulumi.com/waitFor": "jsonpath={.status.availableReplicas}=1"}},
    "spec": {"replicas": 1, "template": {"v": v}}},
    ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="1s", update="1s")))
"""
    bench.run(named)
    kube.on_write = lambda obj: None
    late = bench.run(config={"v": "2"})
    assert not late.outcome.ok
    assert late.row("web")["initErrors"]
    assert [row["id"] for row in late.state.resources if row.get("delete")] == ["default/web-1"]
    live = kube.live("replicasets", "web-2")
    assert live is not None
    kube.on_write = ready
    done = bench.run(config={"v": "2"})
    assert done.outcome.ok
    # What an earlier run left to be deleted goes last, after the program's own steps.
    assert done.steps() == [("update", "web"), ("delete-replaced", "web")]
    assert kube.live("replicasets", "web-1") is None


def test_an_interrupt_ends_waits_and_saves_what_was_applied(bench: Bench, kube: FakeKube) -> None:
    interrupt = threading.Event()

    def stop(event: Object) -> None:
        if event.get("diagnosticEvent", {}).get("ephemeral"):
            interrupt.set()

    bench.on_event = stop
    ended = bench.run(REPLICAS.replace('"1s"', '"1h"'), interrupt=interrupt)
    assert ended.outcome.interrupted
    assert "canceled" in ended.said("error")
    assert ended.row("web")["initErrors"]
    assert ended.state.pending == []
