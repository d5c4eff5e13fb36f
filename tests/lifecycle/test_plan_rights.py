"""A plan succeeds as the identity of docs/rbac-plan.yaml, which reads no Secret and changes nothing."""

import pytest

from tests.lifecycle import services
from tests.lifecycle.command import cutover
from tests.lifecycle.kube import RBAC, Kubernetes, Namespace
from tests.lifecycle.services import V2
from tests.lifecycle.stack import Stack

pytestmark = [pytest.mark.cluster, pytest.mark.traffic]
PLANNER = "cutover-planner"


def test_a_plan_by_who_may_only_plan(stack: Stack, namespace: Namespace, cluster: Kubernetes) -> None:
    stack.services["shop"] = services.blue_green(secrets={"PASSWORD": "db"})
    stack.services["app"] = services.rolling()
    stack.keep_secret("db", "hidden")
    stack.must_up()
    stack.services["shop"]["active"] = "green"
    stack.services["app"]["release"] = services.release(V2, 2)
    stack.services["new"] = services.rolling()
    stack.save()
    namespace.apply(RBAC.with_name("rbac-plan.yaml"))
    before = {kind: namespace.names(kind) for kind in ("deployments", "services", "secrets")}
    stack.kubeconfig.write_text(cluster.kubeconfig(namespace.name, namespace.token(PLANNER)))

    planned = cutover(stack, "plan", "--json")
    assert planned.code == 0, planned
    plan = planned.json()
    assert plan["clusterKnown"] is True
    assert "hidden" not in planned.out + planned.err
    assert {kind: namespace.names(kind) for kind in before} == before
    seen = cutover(stack, "status", "--json")
    assert seen.json()["stacks"][0]["services"]["shop"]["liveColor"] == "blue", seen

    refused = cutover(stack, "up", "--yes", "--json")
    assert refused.code != 0
    assert {kind: namespace.names(kind) for kind in before} == before
