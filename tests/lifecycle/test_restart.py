"""`cutover restart`: new pods for old ones, under load, and nothing of it shows in the next `up`."""

import pytest

from tests.lifecycle import services, views
from tests.lifecycle.command import cutover
from tests.lifecycle.kube import DEPLOYER, Namespace
from tests.lifecycle.load import DRAIN_SECONDS, load, load_goes_on, lost
from tests.lifecycle.stack import Stack
from tests.lifecycle.varieties import workloads

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]


@workloads("replica-set")
def test_every_pod_is_replaced_in_turn_and_no_request_is_lost(
    stack: Stack, namespace: Namespace, workload: str
) -> None:
    stack.services["shop"] = services.blue_green(workload, standby_replicas=1, drain_seconds=DRAIN_SECONDS, env={})
    stack.must_up()
    before = {color: views.uids(views.pods(namespace, "shop", color)) for color in ("blue", "green")}
    with load(namespace, "shop") as probers:
        ended = cutover(stack, "restart", "shop", "--yes", "--json")
        load_goes_on(probers)
        result = probers["shop"].stop()
    assert ended.code == 0, ended.err
    assert lost(result) == []
    assert len(ended.json()["restarted"]["shop"]) == 3
    for color, count in (("blue", 2), ("green", 1)):
        now = views.uids(views.ready_pods(namespace, "shop", color))
        assert (len(now), now & before[color]) == (count, set())
    assert set(stack.must_up().changes) == {"same"}
    if workload == "replica-set":
        rules = namespace.get("roles", DEPLOYER)["rules"]
        fewer = [rule for rule in rules if "pods/eviction" not in rule["resources"]]
        namespace.patch("roles", DEPLOYER, {"rules": fewer})
        refused = cutover(stack, "restart", "shop", "--yes")
        assert refused.code == 3
        assert "pods/eviction" in refused.out
        assert set(stack.must_up().changes) == {"same"}
