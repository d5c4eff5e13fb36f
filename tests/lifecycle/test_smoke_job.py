"""The smoke Job inside the cluster: passes, refuses, and is tried anew."""

import pytest

from tests.lifecycle import services, views
from tests.lifecycle.kube import Namespace
from tests.lifecycle.services import REPOSITORY, V1
from tests.lifecycle.stack import Stack
from tests.lifecycle.varieties import workloads

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
# podinfo's program exits with 0 after --help and with 2 after a flag that it does not know
PASSES, FAILS = ["--help"], ["--no-such-flag"]


@workloads("replica-set")
def test_a_release_whose_job_fails_gets_no_traffic(stack: Stack, namespace: Namespace, workload: str) -> None:
    check = {"image": f"{REPOSITORY}:{V1}", "args": PASSES, "timeout_seconds": 90}
    shop = stack.services["shop"] = services.blue_green(workload, smoke_job=check)
    stack.must_up()
    jobs = namespace.names("jobs")
    assert len(jobs) == 2
    before = views.version(namespace)

    shop |= {"green": services.release(services.V3), "active": "green", "smoke_job": {**check, "args": FAILS}}
    refused = stack.up()
    assert refused.code != 0
    assert "shop-green-1-2-0" in refused.said
    assert views.version(namespace) == before
    assert stack.up().code != 0  # a failed Job is made anew and fails anew
    assert views.version(namespace) == before

    shop["smoke_job"] = check
    stack.must_up()
    assert views.live_color(namespace) == "green"
    assert set(stack.must_up().changes) == {"same"}
    made = {job["metadata"]["name"]: job["metadata"]["uid"] for job in namespace.items("jobs")}
    shop["active"] = "blue"
    stack.must_up()  # a rollback does not wait for the Job again
    assert {job["metadata"]["name"]: job["metadata"]["uid"] for job in namespace.items("jobs")} == made
    assert stack.destroy().code == 0
    views.wait_until_empty(namespace)
