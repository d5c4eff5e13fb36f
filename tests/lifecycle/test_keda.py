"""A ScaledObject in the autoscaler's place, on a cluster that knows the kind: the part of KEDA is played by hand."""

from pathlib import Path

import httpx2
import pytest

from tests.lifecycle import services, views
from tests.lifecycle.kube import Namespace, eventually
from tests.lifecycle.routes import ensure_definition
from tests.lifecycle.stack import Stack

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.traffic,
    pytest.mark.wide,
]  # the narrow run has a HorizontalPodAutoscaler
CRD = Path(__file__).with_name("scaledobject_crd.yaml")


def test_it_follows_the_color_that_serves_and_its_count_is_left_alone(
    stack: Stack, namespace: Namespace, admin: httpx2.Client
) -> None:
    ensure_definition(admin, CRD.read_text())
    triggers = [{"type": "cron", "metadata": {"start": "0 8 * * *", "end": "0 18 * * *", "desiredReplicas": "4"}}]
    spec = {"minReplicaCount": 2, "maxReplicaCount": 5, "triggers": triggers}
    shop = stack.services["shop"] = services.blue_green(
        replicas=None, standby_replicas=1, autoscaler={"kind": "ScaledObject", "spec": {**spec, "colDown": 1}}
    )
    stack.announce()
    refused = stack.preview()
    assert refused.code != 0
    assert "scaledobject/shop: " in refused.said
    assert "unknown field" in refused.said
    assert "autoscaler.spec.colDown" in refused.said

    shop["autoscaler"]["spec"] = spec
    stack.must_up()
    made = namespace.get("scaledobjects", "shop")["spec"]
    assert made["scaleTargetRef"]["name"].startswith("shop-blue-")
    assert {key: made[key] for key in spec} == spec
    assert len(views.ready_pods(namespace, color="blue")) == 2
    assert set(stack.must_up().changes) == {"same"}

    namespace.patch("deployments", made["scaleTargetRef"]["name"], {"spec": {"replicas": 4}}, part="scale")
    eventually("four pods", lambda: len(views.ready_pods(namespace, color="blue")) == 4)
    assert set(stack.must_up().changes) == {"same"}
    assert len(views.ready_pods(namespace, color="blue")) == 4

    shop["active"] = "green"
    assert "green starts with 4 pods, as 4 serve now" in stack.must_up().said
    assert namespace.get("scaledobjects", "shop")["spec"]["scaleTargetRef"]["name"].startswith("shop-green-")
    assert len(views.ready_pods(namespace, color="green")) == 4
    eventually("the standby", lambda: len(views.pods(namespace, color="blue")) == 1)
    namespace.delete_object("scaledobjects", "shop")
    assert "scaledobject/shop is not in the cluster any more" in stack.preview().said
    stack.must_up("--refresh")
    assert namespace.get("scaledobjects", "shop")
    assert stack.destroy().code == 0
    views.wait_until_empty(namespace)
